"""Checks the intervals and p-values that significance_oracle prints against SciPy, to 1e-10.

Usage: compare_significance_with_scipy.py SIGNIFICANCE_ORACLE
"""

import json
import subprocess
import sys
from types import SimpleNamespace

SKIP = 77
CASES = 25
TOLERANCE = 1e-10
NUM_LABELS = 5

try:
    import numpy as np
    import scipy
    from scipy import stats
except ImportError as error:
    print(f"SKIPPED: no comparison with SciPy: {error} ({sys.executable})")
    sys.exit(SKIP)


def counts(truth, answers):
    """|T and P|, |P| and |T| of every row: [n, 3]."""
    rows = [(len(set(t) & set(p)), len(p), len(t)) for t, p in zip(truth, answers)]
    return np.array(rows, dtype=float)


def metric(name, rows):
    """To 12 decimals, so that values which are equal but for rounding are equal, as they are for us."""
    return np.round(exact_metric(name, rows), 12)


def exact_metric(name, rows):
    both, predicted, actual = rows[:, 0], rows[:, 1], rows[:, 2]
    if name == "subset_accuracy":
        return np.mean((both == predicted) & (both == actual))
    if name == "hamming_loss":
        return np.mean(predicted + actual - 2 * both) / NUM_LABELS
    numerator, denominator = {
        "f1_micro": (2 * both.sum(), predicted.sum() + actual.sum()),
        "precision_micro": (both.sum(), predicted.sum()),
    }[name]
    return numerator / denominator if denominator else 0.0


def interval_errors(case):
    """SciPy's BCa interval of the replicates that we drew."""
    rows = counts(case["truth"], case["answers"])
    for name, ours in case["intervals"].items():
        if not ours["bca"]:
            continue
        theirs = stats.bootstrap(
            (np.arange(len(rows)),),
            lambda index, name=name: metric(name, rows[np.asarray(index, dtype=int)]),
            n_resamples=0,
            vectorized=False,
            confidence_level=0.9,
            method="BCa",
            bootstrap_result=SimpleNamespace(bootstrap_distribution=np.round(ours["replicates"], 12)),
        ).confidence_interval
        yield f"lower end of {name}", ours["lower"] - theirs.low
        yield f"upper end of {name}", ours["upper"] - theirs.high


def permutation_errors(case):
    """SciPy swaps the observations of a row between the samples: here the numbers of rows of both answers."""
    rows = np.concatenate([counts(case["truth"], case["answers"]), counts(case["truth"], case["others"])])
    half = len(rows) // 2
    for name, ours in case["p"].items():

        def difference(a, b, name=name):
            return metric(name, rows[a.astype(int)]) - metric(name, rows[b.astype(int)])

        theirs = stats.permutation_test(
            (np.arange(half), np.arange(half) + half),
            difference,
            permutation_type="samples",
            vectorized=False,
            n_resamples=np.inf,
        ).pvalue
        yield f"p of {name}", ours - theirs


def mean_errors(case):
    """SciPy flips the signs of a single sample."""

    def mean(values):
        return np.round(np.mean(values), 12)

    differences = np.array(case["differences"])
    theirs = stats.permutation_test(
        (differences,), mean, permutation_type="samples", vectorized=False, n_resamples=np.inf
    ).pvalue
    yield "p of a mean", case["p"] - theirs
    if case["bca"]:
        theirs = stats.bootstrap(
            (differences,),
            mean,
            n_resamples=0,
            vectorized=False,
            confidence_level=0.9,
            method="BCa",
            bootstrap_result=SimpleNamespace(bootstrap_distribution=np.round(case["replicates"], 12)),
        ).confidence_interval
        yield "lower end of a mean", case["lower"] - theirs.low
        yield "upper end of a mean", case["upper"] - theirs.high


def mcnemar_errors(case):
    discordant = case["only_a"] + case["only_b"]
    theirs = stats.binomtest(case["only_a"], discordant).pvalue if discordant else 1.0
    yield "McNemar's p", case["mcnemar"] - theirs


def main():
    output = subprocess.run([sys.argv[1], str(CASES), "20240711"], check=True, capture_output=True, text=True)
    compared = worst = 0
    for number, line in enumerate(output.stdout.splitlines()):
        case = json.loads(line)
        if "intervals" in case:
            errors = interval_errors(case)
        elif "differences" in case:
            errors = mean_errors(case)
        elif "p" in case:
            errors = permutation_errors(case)
        else:
            errors = mcnemar_errors(case)
        for name, error in errors:
            if not abs(error) <= TOLERANCE:
                print(f"case {number}: {name} is off by {error}\n{line[:1000]}")
                return 1
            compared += 1
            worst = max(worst, abs(error))
    if compared < 15 * CASES:
        print(f"only {compared} values were compared")
        return 1
    print(f"SciPy {scipy.__version__}: {compared} values agree, largest difference {worst:.3g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
