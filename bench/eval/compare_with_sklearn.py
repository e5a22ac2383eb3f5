"""Times the reports of labelbeam against scikit-learn's metrics on the same predictions, on one core.

Usage: compare_with_sklearn.py REPORT_TIMING [--rows N] [--labels L] [--rounds N] [--seed N] [--out FILE]

Both sides compute the same figures in turn, several rounds in one run; each round gives a ratio of their user times.
scikit-learn gets each input in the format that suits it best, found beforehand, and is spared its checks of inputs.
Ends with 1 where a figure differs by more than 1e-12.
"""

import os

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import warnings

SKIP = 77
TOLERANCE = 1e-12
AVERAGES = ("samples", "micro", "macro", "weighted")

try:
    import numpy as np
    import sklearn
    from scipy.sparse import csr_matrix
    from sklearn import metrics
except ImportError as error:
    print(f"SKIPPED: no comparison with scikit-learn: {error} ({sys.executable})")
    sys.exit(SKIP)


def predictions(rows, labels, seed):
    """Truth, prediction and scores: independent labels of falling frequency, scores that tell them apart fairly well."""
    random = np.random.default_rng(seed)
    frequency = 0.3 / np.sqrt(np.arange(1, labels + 1))
    truth = (random.random((rows, labels)) < frequency).astype(np.uint8)
    scores = 1 / (1 + np.exp(-(random.normal(size=(rows, labels)) + 2.5 * truth + np.log(frequency))))
    return truth, (scores > 0.5).astype(np.uint8), scores


def sets_report(truth, pred):
    figures = {
        "subset_accuracy": metrics.accuracy_score(truth, pred),
        "hamming_loss": metrics.hamming_loss(truth, pred),
    }
    for average in AVERAGES:
        options = {"average": average, "zero_division": 0}
        ratios = metrics.precision_recall_fscore_support(truth, pred, **options)
        figures.update({f"{stem}_{average}": value for stem, value in zip(("precision", "recall", "f1"), ratios)})
        figures[f"jaccard_{average}"] = metrics.jaccard_score(truth, pred, **options)
    return figures


def scores_report(truth, scores):
    return {
        "label_ranking_average_precision": metrics.label_ranking_average_precision_score(truth, scores),
        "coverage_error": metrics.coverage_error(truth, scores),
        "label_ranking_loss": metrics.label_ranking_loss(truth, scores),
        "average_precision_macro": metrics.average_precision_score(truth, scores, average="macro"),
        "average_precision_micro": metrics.average_precision_score(truth, scores, average="micro"),
        "roc_auc_macro": metrics.roc_auc_score(truth, scores, average="macro"),
        "ndcg": metrics.ndcg_score(truth, scores),
    }


def user_seconds(call):
    start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    result = call()
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - start, result


class Labelbeam:
    def __init__(self, program, folder, rows, labels):
        self.process = subprocess.Popen([program, folder, str(rows), str(labels)], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def report(self, name, repeats):
        self.process.stdin.write(f"{name} {repeats}\n")
        line = self.process.stdout.readline()
        if not line:
            sys.exit("the timing program ended")
        answer = json.loads(line)
        return answer["seconds"], answer["figures"]

    def repeats(self, name):
        """Enough for user time to be told well."""
        return max(1, round(0.5 / max(self.report(name, 1)[0], 1e-3)))


def largest_difference(ours, theirs, where):
    worst = max(abs(ours[name] - value) for name, value in theirs.items())
    if not worst <= TOLERANCE:
        differing = {name: (ours[name], value) for name, value in theirs.items() if not abs(ours[name] - value) <= TOLERANCE}
        sys.exit(f"{where}: figures differ: {differing}")
    return worst


def summary(ratios):
    return {"median": statistics.median(ratios), "least": min(ratios), "most": max(ratios)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    for option, value in (("--rows", 100_000), ("--labels", 100), ("--rounds", 5), ("--seed", 1)):
        parser.add_argument(option, type=int, default=value)
    parser.add_argument("--out")
    options = parser.parse_args()
    truth, pred, scores = predictions(options.rows, options.labels, options.seed)
    formats = {"dense int64": np.int64, "dense uint8": np.uint8, "dense bool": bool}
    inputs = {name: (truth.astype(kind), pred.astype(kind)) for name, kind in formats.items()}
    inputs["sparse"] = (csr_matrix(truth.astype(np.int64)), csr_matrix(pred.astype(np.int64)))
    warnings.simplefilter("ignore")  # of classes that a label has not
    with tempfile.TemporaryDirectory() as folder, \
            sklearn.config_context(skip_parameter_validation=True, assume_finite=True):
        for name, matrix in (("truth.u8", truth), ("pred.u8", pred), ("scores.f64", scores)):
            matrix.tofile(pathlib.Path(folder) / name)
        labelbeam = Labelbeam(options.program, folder, options.rows, options.labels)
        trials = {name: user_seconds(lambda pair=pair: sets_report(*pair))[0] for name, pair in inputs.items()}
        best = min(trials, key=trials.get)
        # Not sparse: average_precision_score and roc_auc_score do not take it, and the others gain a conversion at most.
        score_truth = inputs["dense int64"][0]
        theirs = {"sets": lambda: sets_report(*inputs[best]), "scores": lambda: scores_report(score_truth, scores)}
        ours = {"sets": ("sets", "dense"), "scores": ("scores",)}
        repeats = {name: labelbeam.repeats(name) for names in ours.values() for name in names}
        ratios = {name: [] for name in repeats}
        seconds = {name: [] for name in (*repeats, "sklearn sets", "sklearn scores")}
        worst = 0.0
        for _ in range(options.rounds):
            for report, names in ours.items():
                their_seconds, their_figures = user_seconds(theirs[report])
                seconds[f"sklearn {report}"].append(their_seconds)
                for name in names:
                    our_seconds, our_figures = labelbeam.report(name, repeats[name])
                    worst = max(worst, largest_difference(our_figures, their_figures, name))
                    seconds[name].append(our_seconds)
                    ratios[name].append(their_seconds / max(our_seconds, 1e-6))
    result = {
        "rows": options.rows, "labels": options.labels, "seed": options.seed, "rounds": options.rounds,
        "labels_per_row": float(truth.sum(axis=1).mean()), "sklearn": sklearn.__version__, "numpy": np.__version__,
        "sklearn_input_of_sets": best, "sklearn_seconds_of_inputs": trials, "largest_difference": worst,
        "user_seconds": {name: statistics.median(values) for name, values in seconds.items()},
        "ratio": {name: summary(values) for name, values in ratios.items()},
    }
    print(f"{options.rows} x {options.labels}, {result['labels_per_row']:.2f} labels a row, {options.rounds} rounds; "
          f"scikit-learn {sklearn.__version__}, sets as {best}; largest difference {worst:.2g}")
    for name, ratio in result["ratio"].items():
        print(f"{name:7} user time of scikit-learn / labelbeam: median {ratio['median']:.1f} "
              f"({ratio['least']:.1f} .. {ratio['most']:.1f}), labelbeam {result['user_seconds'][name]:.4f} s")
    if options.out:
        pathlib.Path(options.out).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
