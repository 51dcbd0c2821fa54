#!/usr/bin/env bash
# The release check of a pipeline: judges a folder, compares it with the branch that the change goes into, prints
# annotations, and writes SARIF, JUnit and a summary. Exits as `wherefore check` does: 0 clean, 1 findings, 2 could not
# check. Settings come from the environment, since names of branches and files may hold anything:
#   CHECK_PATH       the folder, `.` if empty
#   CHECK_BASE       the revision to compare with; empty: the target branch of the pull or merge request, if it is one;
#                    `none`: judge everything
#   CHECK_ARGUMENTS  more arguments, separated by spaces
#   CHECK_SARIF      the SARIF file, wherefore.sarif if empty
#   CHECK_PROGRAM    the program; empty: `wherefore` on the PATH, else one built from CHECK_SOURCE
set -uo pipefail

fail() { echo "release check: $1" >&2; exit 2; }

program=${CHECK_PROGRAM:-}
if [ -z "$program" ]; then
  if command -v wherefore >/dev/null 2>&1; then
    program=wherefore
  elif [ -n "${CHECK_SOURCE:-}" ] && command -v cargo >/dev/null 2>&1; then
    echo "release check: building wherefore from $CHECK_SOURCE" >&2
    cargo install --quiet --locked --path "$CHECK_SOURCE" --root "${RUNNER_TEMP:-/tmp}/wherefore" || fail "cannot build wherefore"
    program="${RUNNER_TEMP:-/tmp}/wherefore/bin/wherefore"
  else
    fail "no wherefore on the PATH, and nothing to build it from"
  fi
fi

path=${CHECK_PATH:-.}
sarif=${CHECK_SARIF:-wherefore.sarif}
base=${CHECK_BASE:-}
if [ -z "$base" ]; then
  if [ -n "${GITHUB_BASE_REF:-}" ]; then
    base="origin/$GITHUB_BASE_REF"
    if ! git rev-parse --verify --quiet --end-of-options "$base^{commit}" >/dev/null; then
      git fetch --quiet --depth=1 origin "+refs/heads/$GITHUB_BASE_REF:refs/remotes/origin/$GITHUB_BASE_REF" || fail "cannot fetch the target branch $GITHUB_BASE_REF"
    fi
  elif [ -n "${CI_MERGE_REQUEST_DIFF_BASE_SHA:-}" ]; then
    base=$CI_MERGE_REQUEST_DIFF_BASE_SHA
    if ! git rev-parse --verify --quiet --end-of-options "$base^{commit}" >/dev/null; then
      git fetch --quiet --depth=1 origin "$base" || fail "cannot fetch the base of the merge request"
    fi
  fi
fi

summary=$(mktemp) || fail "cannot make a temporary file"
trap 'rm -f "$summary"' EXIT
format=text
[ -z "${GITHUB_ACTIONS:-}" ] || format=github
arguments=(check "$path" --format "$format" --output "sarif=$sarif" --output "markdown=$summary" --output junit=wherefore.xml)
[ -z "${GITLAB_CI:-}" ] || arguments+=(--output gitlab=gl-code-quality-report.json)
[ -z "$base" ] || [ "$base" = none ] || arguments+=("--base-ref=$base")
# shellcheck disable=SC2206 # Arguments are separated by spaces.
arguments+=(${CHECK_ARGUMENTS:-})

"$program" "${arguments[@]}"
code=$?
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$summary" >>"$GITHUB_STEP_SUMMARY"
[ -z "${GITHUB_OUTPUT:-}" ] || echo "sarif=$sarif" >>"$GITHUB_OUTPUT"
exit $code
