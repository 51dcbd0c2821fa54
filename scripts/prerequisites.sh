#!/usr/bin/env bash
# Installs what a fresh Debian machine lacks: a C++ compiler and libclang for RocksDB, and, for the tests, a browser,
# Python and git.
# Says what it does; does nothing where everything is there. Rust (1.89 or newer) and Node (20 or newer) must be there.
#   scripts/prerequisites.sh build|test
set -euo pipefail
what=${1:-build}

need() {
  command -v "$1" >/dev/null 2>&1 || { echo "prerequisites: $1 is missing: $2" >&2; exit 2; }
}
need cargo "install Rust 1.89 or newer, for example with rustup"
need node "install Node 20 or newer"
need npm "install npm, it comes with Node"
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || { echo "prerequisites: Node $major is too old, 20 or newer is needed" >&2; exit 2; }

packages=()
command -v c++ >/dev/null 2>&1 || packages+=(g++)
command -v make >/dev/null 2>&1 || packages+=(make)
# bindgen loads libclang when RocksDB is compiled, and needs clang's own headers.
if ! ls /usr/lib/llvm-*/lib/libclang.so* /usr/lib/*/libclang*.so* >/dev/null 2>&1 || ! ls -d /usr/lib/llvm-*/lib/clang/*/include >/dev/null 2>&1; then
  packages+=(libclang-dev)
fi
if [ "$what" = test ]; then
  command -v chromium >/dev/null 2>&1 || [ -n "${CHROMIUM:-}" ] || packages+=(chromium)
  # The readers of reports and the clients of other tools come from PyPI, into an environment of their own.
  python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || packages+=(python3 python3-venv)
  command -v git >/dev/null 2>&1 || packages+=(git)
fi
if [ ${#packages[@]} -gt 0 ]; then
  echo "prerequisites: installing ${packages[*]} with apt-get"
  sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
