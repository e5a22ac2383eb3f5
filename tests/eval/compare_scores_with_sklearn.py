"""Checks the metrics that scores_oracle prints against scikit-learn, to 1e-12.

What scikit-learn does not have (at k, one-error, propensities) is checked against plain NumPy.

Usage: compare_scores_with_sklearn.py SCORES_ORACLE

The environment variable LABELBEAM_SKLEARN_MATRICES says how many matrices; it defaults to 2200.
"""

import json
import os
import subprocess
import sys
import warnings

SKIP = 77
TOLERANCE = 1e-12
CUTOFFS = (1, 3, 5)
DIRECT_MEANS = 5  # scikit-learn's own means over labels: for one matrix in so many
DIRECT_LABELS = 5  # and its probability metrics of each label

try:
    import numpy as np
    import sklearn
    from sklearn.calibration import calibration_curve
    from sklearn.metrics import (
        average_precision_score,
        brier_score_loss,
        coverage_error,
        label_ranking_average_precision_score,
        label_ranking_loss,
        log_loss,
        ndcg_score,
        roc_auc_score,
    )
except ImportError as error:
    print(f"SKIPPED: no comparison with scikit-learn: {error} ({sys.executable})")
    sys.exit(SKIP)


def fail(number, case, message):
    print(f"matrix {number}: {message}\n{json.dumps(case)}")
    sys.exit(1)


class Matrix:
    def __init__(self, case):
        self.scores = np.asarray(case["scores"])
        self.truth = np.zeros(self.scores.shape, dtype=int)
        for row, labels in enumerate(case["truth"]):
            self.truth[row, labels] = 1
        self.given_weights = np.asarray(case["weights"]) if case["weights"] else None
        self.weights = np.ones(len(self.truth)) if self.given_weights is None else self.given_weights
        self.sizes = self.truth.sum(axis=1)
        self.support = self.weights @ self.truth
        # By falling score, of equal scores the lowest label first.
        self.order = np.argsort(-self.scores, axis=1, kind="stable")
        self.ranked = np.take_along_axis(self.truth, self.order, axis=1)

    def mean(self, values):
        return np.average(values, weights=self.weights)


def at_cutoffs(matrix, zero_division):
    empty = matrix.sizes == 0
    values = {"one_error": (matrix.mean(1 - matrix.ranked[:, 0]), 0)}
    for k in CUTOFFS:
        hits = matrix.ranked[:, :k].sum(axis=1)
        values[f"precision_at_{k}"] = (matrix.mean(hits / k), 0)
        for name, whole in (("recall", matrix.sizes), ("r_precision", np.minimum(matrix.sizes, k))):
            ratios = np.where(empty, zero_division, hits / np.maximum(whole, 1))
            values[f"{name}_at_{k}"] = (matrix.mean(ratios), empty.sum())
    return values


def rankings(matrix):
    truth, scores, weights = matrix.truth, matrix.scores, matrix.given_weights
    common = {"sample_weight": weights}
    empty = (matrix.sizes == 0).sum()
    one_class = empty + (matrix.sizes == truth.shape[1]).sum()
    values = {
        "coverage_error": (coverage_error(truth, scores, **common), empty),
        "label_ranking_average_precision": (
            label_ranking_average_precision_score(truth, scores, **common), one_class),
        "label_ranking_loss": (label_ranking_loss(truth, scores, **common), one_class),
        "ndcg": (ndcg_score(truth, scores, **common), empty),
    }
    for k in CUTOFFS:
        values[f"ndcg_at_{k}"] = (ndcg_score(truth, scores, k=k, **common), empty)
    return values


def areas(matrix, direct):
    """The areas of all averages, and those of the labels."""
    truth, scores, weights = matrix.truth, matrix.scores, matrix.given_weights
    counted = matrix.weights > 0
    positives = truth[counted].sum(axis=0)
    label_undefined = {
        "roc_auc": ((positives == 0) | (positives == counted.sum())).sum(),
        "average_precision": (positives == 0).sum(),
    }
    total = positives.sum()
    empty = (matrix.sizes == 0).sum()
    undefined = {
        "roc_auc_samples": empty + (matrix.sizes == truth.shape[1]).sum(),
        "average_precision_samples": empty,
        "roc_auc_micro": int(total == 0 or total == counted.sum() * truth.shape[1]),
        "average_precision_micro": int(total == 0),
    }
    values, of_labels = {}, {}
    for stem, metric in (("roc_auc", roc_auc_score), ("average_precision", average_precision_score)):
        def value(average):
            return metric(truth, scores, average=average, sample_weight=weights)

        labels = of_labels[stem] = value(None)
        for average in ("samples", "micro"):
            name = f"{stem}_{average}"
            values[name] = (value(average), undefined[name])
        if direct:
            means = value("macro"), value("weighted")
        else:
            supported = matrix.support > 0
            weighted = np.average(labels[supported], weights=matrix.support[supported]) if supported.any() else 0
            means = labels.mean(), weighted
        for average, mean in zip(("macro", "weighted"), means):
            values[f"{stem}_{average}"] = (mean, label_undefined[stem])
    return values, of_labels


def calibration_error(truth, scores, weights):
    bins = np.minimum((scores * 10).astype(int), 9)
    gaps = [abs(np.sum((weights * (truth - scores))[bins == b])) for b in range(10)]
    return sum(gaps) / weights.sum()


def probabilities(matrix):
    truth, scores = matrix.truth, matrix.scores
    columns = truth.shape[1]
    cell_weights = np.repeat(matrix.weights, columns)
    clipped = (np.where(truth == 1, scores, 1 - scores) < np.finfo(float).eps).sum()
    flat = truth.ravel(), scores.ravel()
    errors = np.array([calibration_error(truth[:, l], scores[:, l], matrix.weights) for l in range(columns)])
    briers = np.average((scores - truth) ** 2, axis=0, weights=matrix.weights)
    support = matrix.support if matrix.support.any() else None
    values = {
        "brier_score_loss_macro": (brier_score_loss(*flat, sample_weight=cell_weights, pos_label=1), 0),
        "brier_score_loss_weighted": (np.average(briers, weights=support), 0),
        "log_loss_macro": (log_loss(*flat, sample_weight=cell_weights, labels=[0, 1]), clipped),
        "expected_calibration_error_micro": (calibration_error(*flat, cell_weights), 0),
        "expected_calibration_error_macro": (errors.mean(), 0),
        "expected_calibration_error_weighted": (np.average(errors, weights=support), 0),
    }
    eps = np.finfo(float).eps
    losses = -np.log(np.clip(np.where(truth == 1, scores, 1 - scores), eps, 1 - eps))
    label_losses = np.average(losses, axis=0, weights=matrix.weights)
    values["log_loss_weighted"] = (np.average(label_losses, weights=support), clipped)
    return values, errors


def check_labels(number, case, matrix, errors):
    """The probability metrics of each label, and its reliability curve where scikit-learn's bins
    hold the same cells: its bins are closed above, ours below."""
    weights = matrix.given_weights
    on_edges = np.isclose(matrix.scores * 10, np.round(matrix.scores * 10)).any()
    for l in range(matrix.truth.shape[1]):
        truth, scores = matrix.truth[:, l], matrix.scores[:, l]
        expected = {
            "brier": brier_score_loss(truth, scores, sample_weight=weights, pos_label=1),
            "log_loss": log_loss(truth, scores, sample_weight=weights, labels=[0, 1]),
            "calibration_error": errors[l],
        }
        for name, value in expected.items():
            if not abs(case[name][l] - value) <= TOLERANCE:
                fail(number, case, f"{name} of label {l} is {case[name][l]}, not {value}")
        if weights is None and not on_edges:
            curve = np.array(calibration_curve(truth, scores, n_bins=10, pos_label=1)).T
            ours = np.array(case["reliability"][l])
            if ours.shape != curve.shape or np.abs(ours - curve).max() > TOLERANCE:
                fail(number, case, f"the reliability of label {l} is {ours}, not {curve}")


def propensities(case, matrix):
    c = (np.log(500) - 1) * 2.5**0.55
    inverse = 1 + c * (np.asarray(case["label_rows"]) + 1.5) ** -0.55
    columns = len(inverse)
    gains = matrix.truth * inverse
    found = np.take_along_axis(gains, matrix.order, axis=1)
    best = -np.sort(-gains, axis=1)
    discounts = 1 / np.log2(2 + np.arange(columns))
    values = {}
    for k in CUTOFFS:
        for name, scale in (("precision", np.ones(columns)), ("ndcg", discounts)):
            whole = matrix.weights @ (best * scale)[:, :k].sum(axis=1)
            gain = matrix.weights @ (found * scale)[:, :k].sum(axis=1)
            value = (gain / whole, 0) if whole else (0, 1)
            values[f"propensity_scored_{name}_at_{k}"] = value
    return values


def compare(number, case, family, expected):
    """The largest difference."""
    if set(expected) != set(case[family]):
        fail(number, case, f"compared {sorted(expected)}")
    worst = 0.0
    for name, (value, undefined) in expected.items():
        ours, count = case[family][name]
        if count != undefined:
            fail(number, case, f"{name} counts {count} undefined, not {undefined}")
        if ours is None or np.isnan(value):
            if ours is not None or not np.isnan(value):
                fail(number, case, f"{name} is {ours}, not {value}")
            continue
        if not abs(ours - value) <= TOLERANCE:
            fail(number, case, f"{name} is {ours}, not {value}")
        worst = max(worst, abs(ours - value))
    return worst


def check(number, case):
    matrix = Matrix(case)
    values, of_labels = areas(matrix, number % DIRECT_MEANS == 0)
    ranking = {**rankings(matrix), **at_cutoffs(matrix, case["zero_division"]), **values}
    probability, errors = probabilities(matrix)
    worst = max(
        compare(number, case, "ranking", ranking),
        compare(number, case, "probability", probability),
        compare(number, case, "propensity", propensities(case, matrix)),
    )
    for name, expected in of_labels.items():
        ours = np.array(case[name], dtype=float)
        if not np.allclose(ours, expected, rtol=0, atol=TOLERANCE, equal_nan=True):
            fail(number, case, f"{name} of the labels is {ours}, not {expected}")
    if number % DIRECT_LABELS == 0:
        check_labels(number, case, matrix, errors)
    return worst


def main():
    matrices = os.environ.get("LABELBEAM_SKLEARN_MATRICES", "2200")
    output = subprocess.run([sys.argv[1], matrices, "20240612"], check=True, capture_output=True, text=True)
    cases = [json.loads(line) for line in output.stdout.splitlines()]
    if len(cases) != int(matrices):
        print(f"{len(cases)} matrices came, not {matrices}")
        return 1
    with sklearn.config_context(skip_parameter_validation=True, assume_finite=True), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of metrics that are not defined
        worst = max(check(number, case) for number, case in enumerate(cases))
    compared = sum(len(case[family]) for case in cases for family in ("ranking", "probability", "propensity"))
    print(f"scikit-learn {sklearn.__version__}: {len(cases)} matrices, {compared} values agree with it or with NumPy, "
          f"largest difference {worst:.3g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
