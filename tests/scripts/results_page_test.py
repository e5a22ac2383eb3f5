"""results_page_test.py SCRIPT FOLDER: what results_page.py keeps of a small report, and the pages that it writes of it."""
import json
import pathlib
import shutil
import subprocess
import sys

from checks import check

METRICS = ["subset_accuracy", "jaccard_samples", "hamming_loss", "f1_samples", "f1_micro", "f1_macro"]
MARKERS = "before\n<!-- results: written by scripts/results -->\n<!-- end of results -->\nafter\n"


def part(gain, lower, upper, rows):
    return {"rows": rows, "gain": gain, "interval": None if lower is None else {"lower": lower, "upper": upper}}


def report_of_two_systems():
    metrics = dict.fromkeys(METRICS, 0.5)
    rows = [{"system": system, "kind": kind, "metrics": metrics, "metrics_valid": metrics, "seeds": [{"metrics": metrics}]}
            for system, kind in (("sigmoid", "threshold"), ("sigmoid", "rule"), ("joint", "rule"))]
    seen = {"rows": 2000, "joint": 2.0, "product": 2.2, "baseline": 2.5}
    unseen = {"rows": 0, "joint": None, "product": None, "baseline": None}
    pairs = [{"labels": ["a", str(k)], "truth_phi": 0.5, "system_phi": 0.01 * k} for k in range(40)]
    tests = {"subset_accuracy": {"system": "joint", "opponent": "sigmoid", "verdict": "better", "p_adjusted": 0.002},
             "jaccard_samples": {"system": "sigmoid", "opponent": "joint", "verdict": "not distinguishable", "p_adjusted": 0.00009}}
    return {
        "format": "labelbeam.report", "version": 1, "headline": [], "set_nll_valid": {}, "set_calibration": [],
        "strategies": [], "protocol": "", "warnings": [], "examples": [{"text": "a text"}],
        "data": {"name": "made up", "source": "/a/folder", "num_labels": 41, "splits": [{"name": "test", "rows": 2000}]},
        "systems": [{"name": "sigmoid"}, {"name": "joint"}],
        "results": rows,
        "set_nll": {"sigmoid": 2.5, "joint": 2.0},
        "set_nll_gains": [{"system": "joint", "opponent": "sigmoid", "all": part(0.5, 0.25, 0.625, 2000),
                           "seen": part(0.5, None, None, 1999), "unseen": part(None, None, None, 1),
                           "p_permutation": 0.00005, "p_adjusted": 0.00005}],
        "statistics": [{"metric": metric, "intervals": {}, "test": tests.get(metric)} for metric in METRICS],
        "dependence": [{"system": "joint", "set_nll": {"all": seen, "seen": seen, "unseen": unseen}}],
        "graphs": [{"system": "joint", "counted": "answers", "kept": 1200, "missed": 7, "invented": 3, "phi_correlation": 0.75,
                    "found_mass": None, "pairs": pairs},
                   {"system": "sigmoid", "counted": "distributions", "kept": 0, "missed": 9, "invented": 0, "phi_correlation": None,
                    "found_mass": 0.98765, "pairs": []}],
        "manifest": {"seeds": [1], "inputs": [{"path": "/a/folder/train.csv"}]},
    }


def main():
    script, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "results").mkdir(parents=True)

    def store(report, name):
        (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
        stored = folder / "results" / f"{name}.json"
        subprocess.run([sys.executable, script, "--store", folder / "report.json", stored], check=True)
        return stored

    def page():
        for name in ("README.md", "protocol.md"):
            (folder / name).write_text(MARKERS, encoding="utf-8")
        names = [folder / name for name in ("results", "page.md", "README.md", "protocol.md")]
        subprocess.run([sys.executable, script, "--page", *names], check=True)
        return (folder / "page.md").read_text(encoding="utf-8")

    report = report_of_two_systems()
    stored = store(report, "made_up")
    kept = json.loads(stored.read_text(encoding="utf-8"))
    check(kept["set_nll_gains"] == report["set_nll_gains"], "gains are kept")
    check(kept["graphs"][0]["pairs"] == report["graphs"][0]["pairs"][:12], "the pairs that differ most are kept")
    check(kept["graphs"][0]["kept"] == 1200, "the figures of graphs are kept")
    check("examples" not in kept and "/a/folder" not in stored.read_text(encoding="utf-8"), "neither texts nor places are")

    written = page()
    check("\n| joint over sigmoid | +0.500 (+0.250 to +0.625), 2,000 rows | +0.500, 1,999 rows | no mean over 1 rows"
          " | < 0.0001 |\n" in written, "the page has the gain with its interval")
    check("\n| joint, answers | 1,200 | 7 | 3 | 0.750 | - |\n" in written, "a line a graph; answers have no probability found")
    check("\n| sigmoid, distributions | 0 | 9 | 0 | - | 0.988 |\n" in written,
          "a correlation that is not defined is left out, and the probability found is told")
    check("\n| best system against the next | joint better than sigmoid (p = 0.0020) | sigmoid not distinguishable from joint"
          " (p < 0.0001) | - |" in written, "verdicts with their p-values")


if __name__ == "__main__":
    main()
