"""Checks the metrics that metrics_oracle prints against scikit-learn, to 1e-12.

Usage: compare_with_sklearn.py METRICS_ORACLE

The environment variable LABELBEAM_SKLEARN_MATRICES says how many matrices; it defaults to 2200.
"""

import json
import os
import subprocess
import sys

SKIP = 77
TOLERANCE = 1e-12
BETAS = {"samples": 2, "micro": 0.5, "macro": 2}  # of the F-beta metrics that come

try:
    import numpy as np
    import sklearn
    from scipy.sparse import csr_matrix
    from sklearn.metrics import (
        accuracy_score,
        fbeta_score,
        hamming_loss,
        jaccard_score,
        precision_recall_fscore_support,
    )
except ImportError as error:
    print(f"SKIPPED: no comparison with scikit-learn: {error} ({sys.executable})")
    sys.exit(SKIP)


def indicator(sets, columns):
    matrix = np.zeros((len(sets), columns), dtype=int)
    for row, labels in enumerate(sets):
        matrix[row, labels] = 1
    return matrix


def direct_values(case, averages):
    """Subset accuracy, Hamming loss, and every ratio for some averages: scikit-learn's own calls."""
    num_labels = case["num_labels"]
    # scikit-learn takes one column for binary classification. A second column that is never true
    # and never predicted changes no ratio of a row or of all cells.
    columns = max(num_labels, 2)
    truth = indicator(case["truth"], columns)
    pred = indicator(case["pred"], columns)
    weights = case["weights"] or None
    common = {"sample_weight": weights, "zero_division": case["zero_division"]}
    values = {
        "subset_accuracy": accuracy_score(truth, pred, sample_weight=weights),
        "hamming_loss": hamming_loss(truth, pred, sample_weight=weights) * columns / num_labels,
    }
    for average in averages:
        padded = average == "macro" and columns > num_labels
        used = None if padded else average

        def mean(scores):
            return scores[:num_labels].mean() if padded else scores

        ratios = precision_recall_fscore_support(truth, pred, average=used, **common)[:3]
        for stem, scores in zip(("precision", "recall", "f1"), ratios):
            values[f"{stem}_{average}"] = mean(scores)
        values[f"jaccard_{average}"] = mean(jaccard_score(truth, pred, average=used, **common))
        if weights:
            beta = BETAS[average]
            scores = fbeta_score(truth, pred, beta=beta, average=used, **common)
            values[f"fbeta_{average}:{beta}"] = mean(scores)
    return values


def unit_matrix(units, length):
    """Units (rows, labels or all cells of many cases) as the columns of one sparse indicator."""
    starts = np.cumsum([0] + [len(unit) for unit in units])
    indices = np.concatenate([np.asarray(unit, dtype=int) for unit in units])
    ones = np.ones(len(indices), dtype=int)
    return csr_matrix((ones, indices, starts), shape=(len(units), length)).T.tocsr()


def units_of(sets, num_labels, average):
    if average == "samples":
        return sets
    if average == "macro":
        return [[i for i, labels in enumerate(sets) if l in labels] for l in range(num_labels)]
    return [[i * num_labels + l for i, labels in enumerate(sets) for l in labels]]


def unit_values(cases):
    """The ratios of cases without weights, by scikit-learn with average=None: many units a call.

    Its calls cost 2 ms each whatever the size, too slow for each metric of each matrix.
    """
    values = [{} for _ in cases]
    for zero_division in (0, 1):
        chosen = [c for c, case in enumerate(cases) if case["zero_division"] == zero_division]
        for average, beta in BETAS.items():
            true_units, pred_units, starts = [], [], [0]
            for c in chosen:
                num_labels = cases[c]["num_labels"]
                true_units += units_of(cases[c]["truth"], num_labels, average)
                pred_units += units_of(cases[c]["pred"], num_labels, average)
                starts.append(len(true_units))
            length = 1 + max(max(unit, default=0) for unit in true_units + pred_units)
            truth, pred = unit_matrix(true_units, length), unit_matrix(pred_units, length)
            common = {"average": None, "zero_division": zero_division}
            ratios = precision_recall_fscore_support(truth, pred, **common)
            scores = {
                f"precision_{average}": ratios[0],
                f"recall_{average}": ratios[1],
                f"f1_{average}": ratios[2],
                f"jaccard_{average}": jaccard_score(truth, pred, **common),
                f"fbeta_{average}:{beta}": fbeta_score(truth, pred, beta=beta, **common),
            }
            for position, c in enumerate(chosen):
                own = slice(starts[position], starts[position + 1])
                values[c].update({name: score[own].mean() for name, score in scores.items()})
                if average == "macro":
                    values[c]["label_f1"] = ratios[2][own]
    return values


def expected_undefined(case, name):
    """How many rows, labels or wholes are 0/0, counted from the sets themselves."""
    stem, _, average = name.split(":")[0].rpartition("_")
    if stem not in ("precision", "recall", "f1", "fbeta", "jaccard"):
        return 0
    columns = case["num_labels"]
    truth, pred = indicator(case["truth"], columns), indicator(case["pred"], columns)
    if case["weights"] and average != "samples":
        weights = np.asarray(case["weights"])[:, None]
        truth, pred = truth * weights, pred * weights
    axis = {"samples": 1, "macro": 0, "micro": None}[average]
    denominator = {"precision": pred, "recall": truth}.get(stem, truth + pred)
    return int(np.sum(denominator.sum(axis=axis) == 0))


def fail(number, case, message):
    print(f"matrix {number}: {message}\n{json.dumps(case)}")
    sys.exit(1)


def compare(number, case, expected, worst):
    for name, value in expected.items():
        ours = case["label_f1"] if name == "label_f1" else case["metrics"][name][0]
        difference = np.max(np.abs(np.asarray(ours) - value))
        if not difference <= TOLERANCE:
            fail(number, case, f"{name} is {ours}, scikit-learn says {value}")
        worst = max(worst, difference)
    return worst


def main():
    matrices = os.environ.get("LABELBEAM_SKLEARN_MATRICES", "2200")
    output = subprocess.run([sys.argv[1], matrices, "20240611"], check=True, capture_output=True, text=True)
    cases = [json.loads(line) for line in output.stdout.splitlines()]
    if len(cases) != int(matrices):
        print(f"{len(cases)} matrices came, not {matrices}")
        return 1
    unweighted = [number for number, case in enumerate(cases) if not case["weights"]]
    expected = [{} for _ in cases]
    worst = 0.0
    with sklearn.config_context(skip_parameter_validation=True, assume_finite=True):
        for number, values in zip(unweighted, unit_values([cases[n] for n in unweighted])):
            expected[number].update(values)
            worst = compare(number, cases[number], values, worst)
        averages = list(BETAS)
        for number, case in enumerate(cases):
            chosen = averages if case["weights"] else averages[number // 3 % 3 :][: number % 3 == 0]
            values = direct_values(case, chosen)
            expected[number].update(values)
            worst = compare(number, case, values, worst)
    for number, case in enumerate(cases):
        if set(expected[number]) - {"label_f1"} != set(case["metrics"]):
            fail(number, case, f"compared {sorted(expected[number])}")
        for name, (_, undefined) in case["metrics"].items():
            if undefined != expected_undefined(case, name):
                fail(number, case, f"{name} counts {undefined} undefined, not {expected_undefined(case, name)}")
    compared = sum(len(case["metrics"]) for case in cases)
    print(f"scikit-learn {sklearn.__version__}: {len(cases)} matrices, {compared} values agree, "
          f"largest difference {worst:.3g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
