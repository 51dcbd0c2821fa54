#!/bin/sh
# Real dbt manifests and catalogs, one for each line of dbt-core from 1.3 (manifest version 7) on: made by that dbt on a
# small DuckDB project, then read by this program.
#
#   tests/clients/dbt.sh [PROGRAM]      PROGRAM: the wherefore binary; found on PATH without one
#
# Each line comes from PyPI into a folder of its own, once, with the Python in $DBT_PYTHON (default: the first of
# python3.9, python3.10, python3.11, python3 that is there; lines before 1.7 need one older than 3.12). What could not be
# installed is said at the end, and fails nothing; KEEP=FOLDER keeps the manifests and catalogs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-wherefore}
caches=${XDG_CACHE_HOME:-$HOME/.cache}/wherefore
lines=${DBT_LINES:-1.3 1.4 1.5 1.6 1.7 1.8}
python=${DBT_PYTHON:-}
for name in python3.9 python3.10 python3.11 python3; do
    [ -n "$python" ] || ! "$name" --version > /dev/null 2>&1 || python=$name
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export DBT_SEND_ANONYMOUS_USAGE_STATS=false DO_NOT_TRACK=1
missing=
fail() {
    echo "FAILED: dbt $line: $1"
    exit 1
}
for line in $lines; do
    venv=$caches/dbt-$line
    if [ ! -f "$venv/.done" ]; then
        echo "installing dbt-core $line and dbt-duckdb into $venv"
        # The adapters of old lines do not say that they do not go with a DuckDB of today.
        case $line in
            1.3) duckdb='duckdb<0.7' ;;
            1.[45]) duckdb='duckdb<0.9' ;;
            *) duckdb='duckdb<1.3' ;;
        esac
        if "$python" -m venv "$venv" &&
            "$venv/bin/pip" install --quiet "dbt-core~=$line.0" "dbt-duckdb~=$line.0" "$duckdb" > "$venv/log" 2>&1; then
            touch "$venv/.done"
        else
            missing="$missing $line"
            continue
        fi
    fi
    work=$folder/$line
    cp -r "$here/desk" "$work"
    export DESK_DB="$work/desk.duckdb"
    for step in seed build "docs generate"; do
        # shellcheck disable=SC2086
        (cd "$work" && "$venv/bin/dbt" $step --profiles-dir .) >> "$work/log" 2>&1 ||
            { cat "$work/log"; fail "dbt itself failed"; }
    done
    version=$(sed 's/.*"dbt_schema_version": *"[^"]*manifest.\(v[0-9]*\).json".*/\1/' "$work/target/manifest.json" | head -c 20)
    store=$work/store
    "$program" import "$work/target/manifest.json" "$work/target/catalog.json" --mapping "$here/desk/mapping.yaml" \
        --store "$store" > "$work/import" || fail "the import failed"
    ask() {
        "$program" ask reach --store "$store" --field "$1" --to "$2" --subject everyone --format json |
            sed -n 's/.*"verdict": *"\([a-z]*\)".*/\1/p' | head -1
    }
    for wanted in "customers.email mailer possible" "customers.name mailer possible" "mailing.email mailer possible" \
        "customers.email Board possible" "mailing.email Board no"; do
        set -- $wanted
        told=$(ask "$1" "$2")
        [ "$told" = "$3" ] || fail "$1 to $2 is $told, not $3"
    done
    "$program" check --store "$store" > "$work/check" 2>&1 || [ $? -eq 1 ] || fail "the check failed"
    echo "ok: dbt $line, manifest $version: imported, asked, checked"
    if [ -n "${KEEP:-}" ]; then
        mkdir -p "$KEEP"
        cp "$work/target/manifest.json" "$KEEP/manifest-$version.json"
        cp "$work/target/catalog.json" "$KEEP/catalog-$version.json"
    fi
done
[ -z "$missing" ] || echo "not installed, so not tried: dbt$missing"
