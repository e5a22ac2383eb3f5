"""label_starts_page_test.py SCRIPT FOLDER: what label_starts_page.py asks for, keeps and writes of a small tree of models."""
import json
import math
import pathlib
import shutil
import subprocess
import sys

from checks import check

NAMES = ["plain", "order-tree", "order-arborescence", "order-topological", "embeddings-spectral", "embeddings-pmi"]
LABELS = ["a", "b", "c"]
HEAD = "| decoder starts | set NLL on valid | against the first row | 95 % interval | lower for |\n|---|---|---:|---:|---:|\n"


def main():
    script, root = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    models, results, written = root / "models", root / "results.json", root / "page.md"

    def call(*arguments):
        return subprocess.run([sys.executable, script, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True).stdout

    def todo(data_set, seed):
        return call("--todo", models, results, data_set, seed).split()

    def store():
        call("--store", models, results)
        return json.loads(results.read_text(encoding="utf-8"))

    def page():
        written.write_text("before\n<!-- results: written by scripts/label_starts -->\n<!-- end of results -->\nafter\n", encoding="utf-8")
        call("--page", results, written)
        return written.read_text(encoding="utf-8")

    def train(data_set, name, seed, nll, order=(0, 1, 2)):
        folder = models / data_set / (f"models/joint-seed{seed}" if name == "plain" else f"starts/{name}-seed{seed}")
        folder.mkdir(parents=True, exist_ok=True)
        model = {"labels": LABELS, "semantics": {"order": list(order)},
                 "training": {"training_rows": 1200, "validation_rows": 80, "valid_set_nll_decoder": nll,
                              "valid_set_nll_sigmoid": 9.0, "best_epoch": 3}}
        (folder / "model.json").write_text(json.dumps(model), encoding="utf-8")

    # Nothing is there yet, neither models nor figures.
    check(todo("many", 1) == NAMES, "all is to be trained")
    check(not results.exists(), "asking keeps nothing")
    check(store() == {"format": "labelbeam.label_starts", "version": 1, "data": []}, "no models, no figures")

    # A set with two seeds; begun is a training that has not ended.
    train("many", "plain", 1, 2.0)
    train("many", "plain", 2, 2.5)
    train("many", "order-tree", 1, 2.0, (0, 1, 2))
    train("many", "order-arborescence", 1, 1.875, (1, 0, 2))
    (models / "many/starts/embeddings-pmi-seed1").mkdir(parents=True)
    check(todo("many", 1) == ["order-topological", "embeddings-spectral", "embeddings-pmi"], "what has a model is not trained again")
    check(todo("many", 2) == ["order-arborescence", "order-topological", "embeddings-spectral", "embeddings-pmi"],
          "the order that is plain's is trained with one seed")
    train("many", "order-arborescence", 2, 2.125, (1, 0, 2))
    train("many", "embeddings-spectral", 2, 2.75)
    (models / "begun/starts/order-tree-seed1").mkdir(parents=True)
    (models / "not_measured/models").mkdir(parents=True)
    document = store()
    check([entry["name"] for entry in document["data"]] == ["many"], "a set without a model has no entry")
    entry = document["data"][0]
    check([start["name"] for start in entry["starts"]] == ["plain", "order-tree", "order-arborescence", "embeddings-spectral"],
          "starts are in the order of the table")
    check((entry["labels"], entry["train_rows"], entry["valid_rows"]) == (3, 1200, 80), "the size of the data is kept")
    check(entry["starts"][2] == {"name": "order-arborescence", "order": ["b", "a", "c"],
                                 "seeds": [{"seed": 1, "valid_set_nll": 1.875, "best_epoch": 3},
                                           {"seed": 2, "valid_set_nll": 2.125, "best_epoch": 3}]}, "an order's figures by seed")

    # Differences -0.125 and -0.375: standard deviation 0.25 / sqrt(2), so that half the interval is 12.706 * 0.125.
    check("before\n<!-- results: written by scripts/label_starts -->\n\n"
          "**many**: 3 labels; rows: 1,200 train, 80 valid; seeds 1, 2.\n\n" + HEAD +
          "| by frequency, random embeddings | 2.2500 (2.0000-2.5000) |  |  |  |\n"
          "| order: Chow-Liu tree | the same order as the first row's |  |  |  |\n"
          "| order: arborescence | 2.0000 (1.8750-2.1250) | -0.2500 | -1.8382 to +1.3382 | 2 of 2 |\n"
          "| order: hierarchy | not measured yet |  |  |  |\n"
          "| embeddings: spectral | 2.7500, seed 2 | +0.2500 | - | - |\n"
          "| embeddings: PMI | not measured yet |  |  |  |\n\n<!-- end of results -->\nafter\n" == page(), "the table of two seeds")

    # Older figures stay where their models are gone, and give way where there is a new model of the seed.
    shutil.rmtree(models)
    check(todo("many", 1) == ["order-topological", "embeddings-spectral", "embeddings-pmi"], "what has a figure is not trained again")
    check(store() == document, "figures outlast their models")
    train("many", "order-arborescence", 1, 1.5, (1, 0, 2))
    train("few", "order-tree", 1, 3.0, (2, 1, 0))
    document = store()
    check([entry["name"] for entry in document["data"]] == ["few", "many"], "sets are sorted by name")
    check([seed["valid_set_nll"] for seed in document["data"][1]["starts"][2]["seeds"]] == [1.5, 2.125],
          "a new figure replaces the seed's older one only")
    check("order-tree" not in todo("few", 1) and "plain" in todo("few", 1), "an order without plain models has a figure")

    # No plain model, and then one of another seed: there is nothing to compare.
    def tree(seed):
        return f"| order: Chow-Liu tree | 3.0000{seed} | - | - | - |\n"

    check("rows: 1,200 train, 80 valid; seeds 1.\n\n" + HEAD + "| by frequency, random embeddings | not measured yet |  |  |  |\n" + tree("") in page(),
          "the table without plain models")
    train("few", "plain", 7, 3.5)
    document = store()
    check([start["name"] for start in document["data"][0]["starts"]] == ["plain", "order-tree"],
          "starts of later runs are put in their place")
    check("seeds 1, 7.\n\n" + HEAD + "| by frequency, random embeddings | 3.5000, seed 7 |  |  |  |\n" + tree(", seed 1") in page(),
          "the table without a common seed")

    # More seeds than the table of quantiles has: differences of 0 and 1 in turn, 10 degrees of freedom.
    for seed in range(1, 12):
        train("few", "plain", seed, 3.5)
        train("few", "embeddings-pmi", seed, 3.5 + seed % 2)
    store()
    mean = 6 / 11
    half = 2.2281 * math.sqrt(mean * (1 - mean) / 10)  # the quantile of printed tables
    line = next(line for line in page().splitlines() if line.startswith("| embeddings: PMI | 4.0455"))
    low, high = map(float, line.split(" | ")[3].split(" to "))
    check(abs(low - (mean - half)) < 0.0002 and abs(high - (mean + half)) < 0.0002, f"the interval of 11 seeds: {line}")
    check(line.endswith("| 0 of 11 |"), "the number of seeds that are lower")


if __name__ == "__main__":
    main()
