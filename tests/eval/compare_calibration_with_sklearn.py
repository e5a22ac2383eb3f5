"""Compares calibration maps with scikit-learn's.

Isotonic regression is compared with IsotonicRegression, Platt's map with the one that
CalibratedClassifierCV fits, temperature and the beta map with LogisticRegression without
regularisation, where its weights are within the bounds of ours.

Usage: compare_calibration_with_sklearn.py CALIBRATION_ORACLE
"""

import json
import subprocess
import sys
import warnings

SKIP = 77
SAMPLES = 90
# Largest difference of a probability: isotonic regression is exact, the others end where an optimiser does.
TOLERANCES = {"isotonic": 1e-12, "platt": 1e-6, "temperature": 1e-8, "beta": 1e-6}

try:
    import numpy as np
    import sklearn
    from sklearn.calibration import _SigmoidCalibration
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression
except ImportError as error:
    print(f"SKIPPED: no comparison with scikit-learn: {error} ({sys.executable})")
    sys.exit(SKIP)

GRID = np.arange(1, 100) / 100


def logit(p):
    return np.log(p) - np.log1p(-p)


def logistic(inputs, outcomes, grid, intercept):
    """The probabilities on the grid, and the weights."""
    model = LogisticRegression(
        C=1e12, fit_intercept=intercept, tol=1e-10, max_iter=1000, solver="newton-cholesky")
    model.fit(inputs, outcomes)
    return model.predict_proba(grid)[:, 1], model.coef_[0]


def logs(p):
    return np.column_stack([np.log(p), -np.log1p(-p)])


def expected_maps(p, outcomes):
    isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(p, outcomes)
    maps = {"isotonic": isotonic.predict(GRID)}
    platt = _SigmoidCalibration().fit(logit(p), outcomes)
    if -platt.a_ > 0:
        maps["platt"] = platt.predict(logit(GRID))
    if outcomes.min() == outcomes.max() or p[outcomes == 1].min() >= p[outcomes == 0].max():
        return maps  # parted classes: the best weights are infinite
    column = logit(p)[:, None]
    values, weights = logistic(column, outcomes, logit(GRID)[:, None], False)
    if 1e-3 < weights[0] < 20:
        maps["temperature"] = values
    values, weights = logistic(logs(p), outcomes, logs(GRID), True)
    if (weights > 0).all() and (weights < 20).all():
        maps["beta"] = values
    return maps


def main():
    output = subprocess.run([sys.argv[1], str(SAMPLES), "20240913"], check=True, capture_output=True, text=True)
    compared = dict.fromkeys(TOLERANCES, 0)
    worst = dict.fromkeys(TOLERANCES, 0.0)
    for number, line in enumerate(output.stdout.splitlines()):
        case = json.loads(line)
        p, outcomes = np.array(case["probabilities"]), np.array(case["outcomes"], dtype=float)
        for name, values in expected_maps(p, outcomes).items():
            difference = np.abs(np.array(case["maps"][name]) - values).max()
            if not difference <= TOLERANCES[name]:
                print(f"sample {number}: {name} differs by {difference}\n{line}")
                return 1
            compared[name] += 1
            worst[name] = max(worst[name], difference)
    if min(compared.values()) < SAMPLES // 5:
        print(f"too few maps were compared: {compared}")
        return 1
    print(f"scikit-learn {sklearn.__version__}: " + ", ".join(
        f"{name} agrees on {compared[name]} samples to {worst[name]:.2g}" for name in compared))
    return 0


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.exit(main())
