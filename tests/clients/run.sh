#!/bin/sh
# Real clients against a real server: openlineage-python over HTTP, dbt under dbt-ol, Airflow with its provider; and
# what is exported, read by the packages of others: prov, jsonschema, fideslang.
#
#   tests/clients/run.sh [PROGRAM]      PROGRAM: the wherefore binary; found on PATH without one
#
# The Python packages come from PyPI into $CLIENTS_VENV (default: the folder of caches), once. Airflow has a folder of its
# own, since its packages do not go with the others; WITHOUT_AIRFLOW=1 leaves it out (it takes some minutes and 600 MB).
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
if [ ! -f "$venv/.fides" ]; then
    "$venv/bin/pip" install --quiet fideslang==3.1.4
    touch "$venv/.fides"
fi
airflow=
if [ -z "${WITHOUT_AIRFLOW:-}" ]; then
    airflow=$venv-airflow
    if [ ! -f "$airflow/.done" ]; then
        echo "installing apache-airflow and its OpenLineage provider into $airflow"
        python3 -m venv "$airflow"
        # Newer ones of the last three do not go with this Airflow.
        "$airflow/bin/pip" install --quiet apache-airflow==3.0.6 apache-airflow-providers-openlineage==2.20.3 \
            cadwyn==5.4.1 fastapi==0.116.1 starlette==0.47.2
        touch "$airflow/.done"
    fi
fi
exec "$venv/bin/python" "$here/check.py" "$program" "$here" ${airflow:+"$airflow"}
