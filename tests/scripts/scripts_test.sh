#!/usr/bin/env bash
# scripts_test.sh WORK_DIR CASE: one case, on a copy of the scripts and with stand-ins for the machine's tools.
set -euo pipefail

source_dir=$(cd "$(dirname "$0")/../.." && pwd)
work=$1/$2
rm -rf "$work"
mkdir -p "$work/stubs"
cp -r "$source_dir/scripts" "$source_dir/cmake" "$work/"

# stub NAME BODY: a command that stands in for the machine's.
stub() {
  printf '#!/bin/sh\n%s\n' "$2" >"$work/stubs/$1"
  chmod +x "$work/stubs/$1"
}

# expect STATUS PATTERN COMMAND...: the exit status, and a line of the output.
expect() {
  local wanted=$1 pattern=$2 status=0 output
  shift 2
  output=$("$@" 2>&1 </dev/null) || status=$?
  if [ "$status" != "$wanted" ] || ! grep -qE -- "$pattern" <<<"$output"; then
    printf '%s\nended with %s instead of %s, or no line matches: %s\n' "$output" "$status" "$wanted" "$pattern"
    exit 1
  fi
}

scripts=(setup test quickstart results label_starts losses graphs conformal_results gate.sh)

case_help() {
  for name in "${scripts[@]}"; do
    expect 0 "^Usage: scripts/$name " "$work/scripts/$name" --help
  done
}

case_unknown_option() {
  for name in "${scripts[@]}"; do
    expect 2 "^$name: there is no option '--fast'" "$work/scripts/$name" --fast
  done
}

case_option_without_value() {
  expect 2 "^quickstart: --threads needs a value" "$work/scripts/quickstart" --threads
  expect 2 "^quickstart: --threads takes a positive whole number, got 'two'" "$work/scripts/quickstart" --threads two
}

case_unknown_gate() {
  expect 2 "^gate.sh: there is no gate 'speed'; there are: sources" "$work/scripts/gate.sh" sklearn speed
}

case_unknown_set() {
  for name in results label_starts conformal_results; do
    expect 2 "^$name: there is no set 'semeval'; there are: semeval2018_ec_en .*debtags\\." "$work/scripts/$name" debtags semeval
  done
  expect 2 "^graphs: it takes no sets, got 'debtags'" "$work/scripts/graphs" debtags
}

case_number_of_seeds() {
  expect 2 "^losses: '5x' is no number of seeds" "$work/scripts/losses" 5x
  expect 2 "^losses: '0' is no number of seeds" "$work/scripts/losses" 0
}

case_no_command_line() {
  for name in results label_starts losses graphs conformal_results; do
    expect 1 "^$name: build the command line first: cmake" env -u LABELBEAM LABELBEAM_DATA="$work" "$work/scripts/$name"
  done
}

case_no_data() {
  stub labelbeam 'exit 0'
  mkdir -p "$work/data/semeval2018_ec_en"
  export LABELBEAM="$work/stubs/labelbeam"
  for name in results label_starts losses graphs; do
    expect 1 "^$name: there is no folder $work/nowhere/semeval2018_ec_en: set LABELBEAM_DATA" \
      env LABELBEAM_DATA="$work/nowhere" "$work/scripts/$name"
  done
  expect 1 "^results: there is no folder $work/data/valueeval23:" env LABELBEAM_DATA="$work/data" "$work/scripts/results"
}

# stub_training: label_starts may run, with a training that takes a second from label embeddings, and fails at an order
# while there is a file fail.
stub_training() {
  mkdir -p "$work/data/semeval2018_ec_en" "$work/data/goemotions" "$work/docs"
  printf '<!-- results: written by scripts/label_starts -->\n<!-- end of results -->\n' >"$work/docs/label-graph.md"
  # shellcheck disable=SC2016
  stub labelbeam '
top=$(dirname "$0")/..
echo "$*" >>"$top/calls"
order="[0, 1]" seconds=0
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2 ;;
    --label-embeddings) seconds=1 ;;
    --label-order)
      if [ -e "$top/fail" ]; then exit 3; fi
      if [ "$2" = tree ]; then order="[1, 0]"; fi ;;
  esac
  shift
done
sleep $seconds
training="{\"training_rows\": 9, \"validation_rows\": 4, \"valid_set_nll_decoder\": 2, \"best_epoch\": 1}"
echo "{\"labels\": [\"a\", \"b\"], \"semantics\": {\"order\": $order}, \"training\": $training}" >"$out/model.json"'
  export LABELBEAM="$work/stubs/labelbeam" LABELBEAM_DATA="$work/data"
}

# expect_trained NUMBER: so many trainings were started since the last call.
expect_trained() {
  local calls
  calls=$(cat "$work/calls" 2>/dev/null || true)
  rm -f "$work/calls"
  if [ "$(grep -c . <<<"$calls")" != "$1" ]; then
    printf '%s\nare not %s trainings\n' "$calls" "$1"
    exit 1
  fi
}

case_label_starts() {
  stub_training
  expect 0 "^semeval2018_ec_en, order-tree, seed 5: trained" "$work/scripts/label_starts" --jobs 6 semeval2018_ec_en
  for option in "--label-order tree" "--label-embeddings pmi" "--seed 5"; do expect 0 "$option" cat "$work/calls"; done
  # 6 models of the first seed; then without the two orders that are plain's.
  expect_trained 22
  expect 0 "^\\| order: arborescence \\| the same order as the first row's" cat "$work/docs/label-graph.md"
  expect 0 "Training on semeval2018_ec_en" "$work/scripts/label_starts" semeval2018_ec_en
  expect_trained 0
  expect 0 "^semeval2018_ec_en, plain, seed 6: trained" "$work/scripts/label_starts" --jobs 4 --seeds 6 semeval2018_ec_en
  expect_trained 4
  expect 2 "--seeds takes a positive whole number" "$work/scripts/label_starts" --seeds x
}

case_failing_training() {
  stub_training
  touch "$work/fail"
  # Not by expect, which waits for whatever has its pipe.
  local status=0
  "$work/scripts/label_starts" --jobs 6 goemotions >"$work/log" 2>&1 || status=$?
  for model in models/joint starts/embeddings-spectral starts/embeddings-pmi; do
    expect 0 '"labels"' cat "$work/build/results/goemotions/$model-seed1/model.json"
  done
  expect 1 "^label_starts: training goemotions as order-tree with seed 1 failed: run this again" \
    bash -c "cat '$work/log'; exit $status"
  expect_trained 6
  rm "$work/fail"
  expect 0 "^goemotions, order-topological, seed 1: trained" "$work/scripts/label_starts" --jobs 6 goemotions
  expect_trained 3
}

case_unknown_todo() {
  stub_training
  echo 'import sys; sys.exit("no list" if sys.argv[1] == "--todo" else 0)' >"$work/scripts/label_starts_page.py"
  expect 1 "^no list" "$work/scripts/label_starts" goemotions
  expect_trained 0
}

# stub_builds CTEST CMAKE: stand-ins, by their bodies, for what builds and tests.
stub_builds() {
  printf '#!/bin/sh\n' >"$work/scripts/setup"
  mkdir -p "$work/build/"{dev,asan,gate}
  stub ctest "$1"
  stub cmake "$2"
  export PATH="$work/stubs:$PATH"
}

case_summary_of_tests() {
  stub_builds 'echo "1/9 Test #1: x ...***Skipped   0.05 sec"; echo "100% tests passed, 0 tests failed out of 9"' 'exit 0'
  expect 0 "^asan: 100% tests passed, 0 tests failed out of 9, 1 of them skipped \\(" "$work/scripts/test"
  stub_builds 'case $* in *dev*) echo "88% tests passed, 1 tests failed out of 9"; exit 8 ;; esac' 'exit 0'
  expect 1 "^dev: 88% tests passed, 1 tests failed out of 9 \\(" "$work/scripts/test"
}

case_gates_pass() {
  stub_builds 'echo "$*"' 'exit 0'
  expect 0 "^sources +passed " "$work/scripts/gate.sh"
  expect 0 "^sklearn +passed " "$work/scripts/gate.sh"
  expect 0 "^benchmarks +passed " "$work/scripts/gate.sh"
}

case_failing_gate() {
  stub_builds 'case $* in *scikit*) exit 8 ;; esac' 'exit 0'
  expect 1 "^sklearn +FAILED " "$work/scripts/gate.sh"
  expect 1 "^benchmarks +passed " "$work/scripts/gate.sh"
  expect 1 "^gate.sh: failed: sklearn\\." "$work/scripts/gate.sh"
  stub_builds 'exit 0' 'case $* in *gate-asan) exit 1 ;; esac'
  expect 1 "^sources +FAILED " "$work/scripts/gate.sh"
  stub_builds 'exit 0' 'case $* in *benchmarks) exit 1 ;; esac'
  expect 1 "^benchmarks +FAILED " "$work/scripts/gate.sh"
  expect 1 "^sklearn +passed " "$work/scripts/gate.sh"
}

case_skipped_gate() {
  stub_builds 'echo "1/1 Test #1: metrics ....***Skipped   0.05 sec"' 'exit 0'
  expect 1 "^sklearn +FAILED " "$work/scripts/gate.sh"
}

case_named_gate() {
  stub_builds 'case $* in *scikit*) exit 8 ;; esac' 'exit 0'
  expect 0 "^benchmarks +passed " "$work/scripts/gate.sh" benchmarks
  expect 1 "^sklearn +FAILED " "$work/scripts/gate.sh" sklearn
}

case_not_debian() {
  for name in bash dirname cat; do ln -s "$(command -v $name)" "$work/stubs/$name"; done
  expect 1 "^setup: this is not a Debian system, .* ninja-build" \
    env PATH="$work/stubs" "$work/stubs/bash" "$work/scripts/setup"
}

case_no_root() {
  stub dpkg-query "printf 'installed %s\n' g++ cmake"
  stub apt-get 'exit 100'
  stub id 'echo 1000'
  stub sudo 'exit 1'
  expect 1 "needs root, or sudo without a password: run .*apt-get install ninja-build" \
    env PATH="$work/stubs:$PATH" "$work/scripts/setup"
}

case_benchmark_packages() {
  stub dpkg-query 'shift 3; printf "installed %s\n" "$@" | grep -v benchmark'
  stub apt-get 'exit 100'
  stub id 'echo 1000'
  stub sudo 'exit 1'
  expect 1 "run .*apt-get install libbenchmark-dev' as root" \
    env PATH="$work/stubs:$PATH" "$work/scripts/setup" --benchmarks
}

case_no_package_lists() {
  stub dpkg-query 'exit 1'
  stub apt-get 'echo "Temporary failure resolving"; exit 100'
  stub id 'echo 0'
  expect 1 "^setup: the package lists cannot be fetched: check the network" \
    env PATH="$work/stubs:$PATH" "$work/scripts/setup"
}

# has_all_packages: stands in for a machine that has every Debian package.
has_all_packages() {
  stub dpkg-query 'shift 3; printf "installed %s\n" "$@"'
}

case_no_network_for_pip() {
  has_all_packages
  # shellcheck disable=SC2016
  stub python3 'mkdir -p "$3/bin"; printf "#!/bin/sh\nexit 1\n" >"$3/bin/python"; chmod +x "$3/bin/python"'
  expect 1 "^setup: pip could not install the wheels .* check the network" \
    env -u Torch_DIR -u CMAKE_PREFIX_PATH -u LABELBEAM_VENV -u VIRTUAL_ENV PATH="$work/stubs:$PATH" "$work/scripts/setup"
}

case_no_venv_module() {
  has_all_packages
  stub python3 'exit 1'
  expect 1 "^setup: python3 could not make a virtual environment" \
    env -u Torch_DIR -u CMAKE_PREFIX_PATH -u LABELBEAM_VENV -u VIRTUAL_ENV PATH="$work/stubs:$PATH" "$work/scripts/setup"
}

case_little_disk_space() {
  has_all_packages
  stub df 'printf "header\n/dev/x 9 9 3145728 9%% /\n"'
  expect 1 "^setup: .* has 3 GB of free disk space and this needs 6 GB" \
    env -u Torch_DIR -u CMAKE_PREFIX_PATH -u LABELBEAM_VENV -u VIRTUAL_ENV PATH="$work/stubs:$PATH" "$work/scripts/setup"
}

case_own_libtorch() {
  has_all_packages
  mkdir -p "$work/own/lib" "$work/own/include/torch/csrc/api/include/torch"
  touch "$work/own/lib/libtorch_cpu.so" "$work/own/include/torch/csrc/api/include/torch/types.h"
  expect 0 "^LibTorch: .*/own$" env -u Torch_DIR CMAKE_PREFIX_PATH="/nowhere:$work/own" \
    PATH="$work/stubs:$PATH" "$work/scripts/setup"
}

"case_$2"
