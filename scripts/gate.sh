#!/usr/bin/env bash
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

gates=()
declare -A promises

# gate NAME PROMISE: there is a gate of this name. Its function gate_NAME builds and runs what tells whether the
# promise is kept; the first command that fails fails the gate.
gate() {
  gates+=("$1")
  promises[$1]=$2
}

usage() {
  local name
  cat <<END
Usage: scripts/gate.sh [--help] [GATE...]

The checks that are too long for every change. Installs what is missing (scripts/setup --tests
--benchmarks), builds in build/gate what the gates need, and runs these gates, or those named:

END
  for name in "${gates[@]}"; do printf '  %-10s  %s\n' "$name" "${promises[$name]}"; done
  cat <<END

Ends with 1 if one fails. A gate whose tests are skipped, for want of a program they need, fails.
END
}

# build TARGET...: in build/gate.
build() {
  cmake --preset gate
  cmake --build --preset gate --target "$@"
}

# run_tests PATTERN: those of build/gate with such a name; each must run and pass.
run_tests() {
  local log=$top/build/gate/ctest.log
  ctest --preset gate --verbose -R "$1" | tee "$log"
  ! grep -qF '***Skipped' "$log" || die "a test was skipped, for the reason above."
}

# The gates -------------------------------------------------------------------------------------

gate sources "every source compiles by itself without a warning, with g++ and, without LibTorch, with clang"
gate_sources() {
  build all
  cmake --preset asan -B build/gate-asan -DCMAKE_UNITY_BUILD=OFF
  cmake --build build/gate-asan
}

gate sklearn "metrics agree with scikit-learn on 20,000 random matrices"
gate_sklearn() {
  build labelbeam_metrics_oracle labelbeam_scores_oracle
  LABELBEAM_SKLEARN_MATRICES=20000 run_tests '^eval: metrics .*agree with scikit-learn$'
}

gate decoders "searches equal exhaustive enumeration on 30,000 random models of each order"
gate_decoders() {
  build labelbeam_decoders_tests
  LABELBEAM_TABLE_MODELS=30000 run_tests '^decoders:'
}

gate states "best-first search scores at most half the states of a beam of 10 on SemEval-2018 E-c, which LABELBEAM_DATA must hold"
gate_states() {
  build labelbeam
  LABELBEAM_DATA=${LABELBEAM_DATA:-$top/../shared/data} run_tests '^gate: best-first search scores'
}

gate page "the report's HTML page is sound in Chromium: no error, no request, no overflow, every section"
gate_page() {
  "$top/scripts/setup" --browser
  build labelbeam_write_sample_report
  run_tests "^gate: the report's page"
}

gate benchmarks "every benchmark program builds and runs, each benchmark briefly"
gate_benchmarks() {
  build labelbeam_benchmarks
  run_tests '^bench: '
}

gate scale "a million rows with 10,000 labels are counted and tested for dependence within a minute and 1.5 GB"
gate_scale() {
  build labelbeam_bench_lib
  run_tests "^gate: a million rows"
}

# -----------------------------------------------------------------------------------------------

chosen=()
for argument in "$@"; do
  case $argument in
    --help) usage && exit ;;
    -*) usage_error "there is no option '$argument'." ;;
  esac
  declare -F "gate_$argument" >/dev/null || usage_error "there is no gate '$argument'; there are: ${gates[*]}."
  chosen+=("$argument")
done
[ $# -gt 0 ] || chosen=("${gates[@]}")

step "Checking what is installed"
"$top/scripts/setup" --tests --benchmarks

cd "$top"
summary=""
failed=()
for name in "${chosen[@]}"; do
  step "Gate $name: ${promises[$name]}"
  start=$SECONDS
  # In no condition, where the shell would go on after a command that fails.
  set +e
  (
    set -e
    "gate_$name"
  )
  status=$?
  set -e
  verdict=passed
  [ $status = 0 ] || {
    verdict=FAILED
    failed+=("$name")
  }
  summary+=$(printf '%-10s  %s  %5d s  %s' "$name" "$verdict" $((SECONDS - start)) "${promises[$name]}")$'\n'
done

step "Summary"
printf '%s' "$summary"
[ ${#failed[@]} = 0 ] || die "failed: ${failed[*]}. 'scripts/gate.sh ${failed[*]}' runs that again."
