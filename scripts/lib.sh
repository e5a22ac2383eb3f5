# Shared by the scripts beside this file, which source it.
# shellcheck shell=bash

set -euo pipefail

script=${0##*/}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export deps=$top/.deps

# die SENTENCE...: what went wrong and what to do about it.
die() {
  printf '%s: %s\n' "$script" "$*" >&2
  exit 1
}

# usage_error SENTENCE...: the caller's mistake.
usage_error() {
  printf '%s: %s See %s --help.\n' "$script" "$*" "$0" >&2
  exit 2
}

# step HEADLINE: says what comes now, and how long the run has taken so far.
step() {
  printf '\n== %s  [%d:%02d]\n' "$1" $((SECONDS / 60)) $((SECONDS % 60))
}

# to_log LOG COMMAND...: keeps the output in a file; shows its end if the command fails.
to_log() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 && return
  tail -n 4 "$log" >&2
  return 1
}
