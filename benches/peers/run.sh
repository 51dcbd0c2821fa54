#!/usr/bin/env bash
# Wherefore and what people would use instead, on the same graphs and questions, side by side.
#
#   benches/peers/run.sh [SIZE …]       S, M, L; default S and M
#
# Needs Python 3.11 and the package index. Everything lies in PEERS (default: build products' folder /peers). LIMIT is the
# CPU seconds that a step may take (default 60), ENGINES what runs. Prints Markdown tables, for docs/performance.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/wherefore/target}
work=${PEERS:-$target/peers}
mkdir -p "$work"
if [ ! -x "$work/venv/bin/python" ]; then
    python3 -m venv "$work/venv"
fi
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
python=$work/venv/bin/python
# The bench binary of the engine, at full optimization.
(cd "$root" && CARGO_TARGET_DIR=$target cargo ${PEERS_CARGO:-} bench --locked --bench peers --no-run 2>&1 | sed -n 's/.*(\(.*\)).*/\1/p' | tail -1) >"$work/binary"
binary=$(cat "$work/binary")
case $binary in /*) ;; *) binary=$root/$binary ;; esac
export WHEREFORE_PEERS=$binary
for size in "${@:-S M}"; do
    for size in $size; do
        folder=$work/$size
        if [ ! -f "$folder/truth.json" ]; then
            "$python" "$here/graph.py" "$size" "$folder"
            # Plain Python takes a quarter of a minute for a probe on L: three are asked there.
            (cd "$here" && "$python" oracle.py "$folder" $([ "$size" = L ] && echo 3 || echo 20))
        fi
        (cd "$here" && "$python" compare.py "$folder" ${ENGINES:-wherefore by_hand duckdb sqlite cozo raphtory igraph rustworkx kuzu ladybug})
        echo
    done
done
