#!/bin/sh
# Real OpenLineage clients against a real server: openlineage-python over HTTP, and dbt under dbt-ol.
#
#   tests/clients/run.sh [PROGRAM]      PROGRAM: the wherefore binary; found on PATH without one
#
# The Python packages come from PyPI into $CLIENTS_VENV (default: the folder of caches), once.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-wherefore}
venv=${CLIENTS_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/wherefore/clients}
if [ ! -f "$venv/.done" ]; then
    echo "installing openlineage-python, openlineage-dbt, dbt-duckdb, prov, jsonschema into $venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --only-binary :all: openlineage-python==1.54.0 dbt-duckdb==1.11.1 prov jsonschema
    "$venv/bin/pip" install --quiet openlineage-dbt==1.54.0
    touch "$venv/.done"
fi
exec "$venv/bin/python" "$here/check.py" "$program" "$here/shop"
