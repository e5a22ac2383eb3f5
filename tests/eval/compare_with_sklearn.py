"""Checks the metrics that metrics_oracle prints against scikit-learn, to 1e-12.

Usage: compare_with_sklearn.py METRICS_ORACLE

The environment variable LABELBEAM_SKLEARN_MATRICES says how many matrices; it defaults to 2200.
"""

import json
import os
import subprocess
import sys
import warnings

SKIP = 77
TOLERANCE = 1e-12
BETAS = {"samples": 2, "micro": 0.5, "macro": 2, "weighted": 2}  # of the F-beta metrics that come
DIRECT_FIGURES = 5  # scikit-learn's own binary metrics, called a label: for one matrix in so many

try:
    import numpy as np
    import sklearn
    from scipy.sparse import csr_matrix
    from sklearn.metrics import (
        accuracy_score,
        balanced_accuracy_score,
        fbeta_score,
        hamming_loss,
        jaccard_score,
        matthews_corrcoef,
        precision_recall_fscore_support,
        recall_score,
        zero_one_loss,
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
        # A label that is never true weighs nothing, but where none is, weighted is macro.
        padded = average in ("macro", "weighted") and columns > num_labels
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
    if average in ("macro", "weighted"):
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
                support = ratios[3][own]
                weights = support if average == "weighted" and support.any() else None
                values[c].update({name: np.average(score[own], weights=weights) for name, score in scores.items()})
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
    axis = {"samples": 1, "macro": 0, "weighted": 0, "micro": None}[average]
    denominator = {"precision": pred, "recall": truth}.get(stem, truth + pred)
    return int(np.sum(denominator.sum(axis=axis) == 0))


def ratio(numerator, denominator, undefined):
    """The ratio, and whether it is 0/0, for which `undefined` stands."""
    zero = np.asarray(denominator) == 0
    return np.where(zero, undefined, numerator / np.where(zero, 1, denominator)), zero


def binary_metrics(cells, zero_division):
    """Values and undefined cases of confusion counts [4, ...]: TN, FP, FN, TP."""
    tn, fp, fn, tp = cells
    recall, no_positives = ratio(tp, tp + fn, zero_division)
    specificity, no_negatives = ratio(tn, tn + fp, zero_division)
    balanced = np.where(no_positives, specificity, np.where(no_negatives, recall, (recall + specificity) / 2))
    one_class = no_positives | no_negatives
    variances = (tp + fn) * (tn + fp) * (tp + fp) * (tn + fn)
    correlation, constant = ratio(tp * tn - fp * fn, np.sqrt(variances), 0)
    return {
        "specificity": (specificity, no_negatives),
        "balanced_accuracy": (balanced, one_class),
        "g_mean": (np.sqrt(recall * specificity), one_class),
        "matthews_corrcoef": (correlation, constant),
    }


def expected_figures(case):
    """The figures that scikit-learn has no multi-label form of, from the confusion of each label."""
    zero_division = case["zero_division"]
    truth = indicator(case["truth"], case["num_labels"])
    pred = indicator(case["pred"], case["num_labels"])
    weights = np.asarray(case["weights"] or np.ones(len(truth)))
    # Sums of no rows are 0, not what is left of sums of weights.
    cells = np.array([
        np.sum(weights[:, None] * ((truth == t) & (pred == p)), axis=0)
        for t, p in ((0, 0), (0, 1), (1, 0), (1, 1))
    ])
    figures = {}
    support = cells[2] + cells[3]
    for stem, (values, undefined) in binary_metrics(cells, zero_division).items():
        figures[f"{stem}_macro"] = (values.mean(), undefined.sum())
        label_weights = support if support.any() else None
        figures[f"{stem}_weighted"] = (np.average(values, weights=label_weights), undefined.sum())
    for stem, (value, undefined) in binary_metrics(cells.sum(axis=1), zero_division).items():
        figures[f"{stem}_micro"] = (value, undefined)
    sizes, pred_sizes = truth.sum(axis=1), pred.sum(axis=1)
    figures["zero_one_loss"] = (np.average((truth != pred).any(axis=1), weights=weights), 0)
    figures["label_cardinality_error"] = (np.average(np.abs(pred_sizes - sizes), weights=weights), 0)
    figures["label_cardinality_bias"] = (np.average(pred_sizes - sizes, weights=weights), 0)
    both = np.sum(weights[(sizes == 0) & (pred_sizes == 0)])
    figures["empty_set_precision"] = ratio(both, np.sum(weights[pred_sizes == 0]), zero_division)
    figures["empty_set_recall"] = ratio(both, np.sum(weights[sizes == 0]), zero_division)
    return figures


def direct_figures(case):
    """The same from scikit-learn's binary metrics, label by label."""
    columns = case["num_labels"]
    truth, pred = indicator(case["truth"], columns), indicator(case["pred"], columns)
    weights = case["weights"] or None
    labels = [(truth[:, l], pred[:, l]) for l in range(columns)]
    common = {"sample_weight": weights}

    def macro(metric, **options):
        return np.mean([metric(t, p, **common, **options) for t, p in labels])

    figures = {
        "specificity_macro": macro(recall_score, pos_label=0, zero_division=case["zero_division"]),
        "balanced_accuracy_macro": macro(balanced_accuracy_score),
        "matthews_corrcoef_macro": macro(matthews_corrcoef),
        "matthews_corrcoef_micro": matthews_corrcoef(
            truth.ravel(), pred.ravel(), sample_weight=np.repeat(weights, columns) if weights else None
        ),
    }
    if columns > 1:
        figures["zero_one_loss"] = zero_one_loss(truth, pred, **common)
    return figures


def compare_figures(number, case):
    expected = expected_figures(case)
    if set(expected) != set(case["figures"]):
        fail(number, case, f"compared {sorted(expected)}")
    for name, (value, undefined) in expected.items():
        ours, count = case["figures"][name]
        if not abs(ours - value) <= TOLERANCE or count != undefined:
            fail(number, case, f"{name} is {ours} with {count} undefined, not {value} with {undefined}")
    if number % DIRECT_FIGURES == 0:
        for name, value in direct_figures(case).items():
            if not abs(case["figures"][name][0] - value) <= TOLERANCE:
                fail(number, case, f"{name} is {case['figures'][name][0]}, scikit-learn says {value}")


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
            chosen = averages if case["weights"] else averages[number // 3 % 4 :][: number % 3 == 0]
            values = direct_values(case, chosen)
            expected[number].update(values)
            worst = compare(number, case, values, worst)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of classes that a label has not
            for number, case in enumerate(cases):
                compare_figures(number, case)
    for number, case in enumerate(cases):
        if set(expected[number]) - {"label_f1"} != set(case["metrics"]):
            fail(number, case, f"compared {sorted(expected[number])}")
        for name, (_, undefined) in case["metrics"].items():
            if undefined != expected_undefined(case, name):
                fail(number, case, f"{name} counts {undefined} undefined, not {expected_undefined(case, name)}")
    compared = sum(len(case["metrics"]) + len(case["figures"]) for case in cases)
    print(f"scikit-learn {sklearn.__version__}: {len(cases)} matrices, {compared} values agree with it or with NumPy, "
          f"largest difference {worst:.3g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
