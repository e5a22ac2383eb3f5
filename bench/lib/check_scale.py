"""check_scale.py PROGRAM: that labelbeam_bench_lib counts a million rows with 10,000 labels and tests their pairs for
dependence within a minute and 1.5 GB. Prints what it took."""
import json
import subprocess
import sys

SECONDS, GIGABYTES = 60.0, 1.5
STEPS = ("count_pairs", "make_graph")


def main(program):
    command = [program, f"--benchmark_filter=^({'|'.join(STEPS)})/rows:1000000/", "--benchmark_format=json"]
    runs = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["benchmarks"]
    seconds = sum(run["real_time"] for run in runs) / 1000.0  # milliseconds
    gigabytes = max(run["peak_GB"] for run in runs)
    print(f"{seconds:.1f} s, {gigabytes:.2f} GB")
    if [run["name"].split("/")[0] for run in runs] != list(STEPS):
        sys.exit("the benchmarks have other names")
    if seconds > SECONDS or gigabytes > GIGABYTES:
        sys.exit(f"more than {SECONDS:.0f} s or {GIGABYTES} GB")


if __name__ == "__main__":
    main(*sys.argv[1:])
