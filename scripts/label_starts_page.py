#!/usr/bin/env python3
"""Keeps what scripts/label_starts trains in bench/results/label_starts.json and writes the tables of docs/label-graph.md.

    label_starts_page.py --todo FOLDER RESULTS SET SEED   prints the names of the models that have no figure for a seed,
                                                          neither in RESULTS nor among those in FOLDER; an order that
                                                          is plain's has plain's figures
    label_starts_page.py --store FOLDER RESULTS           adds the figures of the models in FOLDER to RESULTS
    label_starts_page.py --page RESULTS PAGE              writes the tables between the markers of PAGE

A model is in FOLDER/SET/starts/NAME-seedSEED; those of scripts/results, which the others are compared with, are plain,
in FOLDER/SET/models/joint-seedSEED.
"""
import json
import math
import pathlib
import statistics
import sys

from pages import write_between

START, END = "<!-- results: written by scripts/label_starts -->", "<!-- end of results -->"
# Student's t, 97.5 percent, by degrees of freedom.
T_QUANTILES = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}
# The names of the models, and what the tables call them.
TITLES = {"plain": "by frequency, random embeddings", "order-tree": "order: Chow-Liu tree",
          "order-arborescence": "order: arborescence", "order-topological": "order: hierarchy",
          "embeddings-spectral": "embeddings: spectral", "embeddings-pmi": "embeddings: PMI"}


def read_model(folder):
    return json.loads((folder / "model.json").read_text(encoding="utf-8"))


def read_results(file):
    path = pathlib.Path(file)
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    return {"format": "labelbeam.label_starts", "version": 1, "data": []}


def folders(root, data_set, name):
    """The trained models of a name by seed."""
    pattern = "models/joint-seed*" if name == "plain" else f"starts/{name}-seed*"
    found = {int(folder.name.rpartition("seed")[2]): folder for folder in (root / data_set).glob(pattern)
             if (folder / "model.json").exists()}
    return dict(sorted(found.items()))


def find(items, name):
    """The item of a name, or None."""
    return next((item for item in items if item["name"] == name), None)


def find_or_add(items, name, **fields):
    if find(items, name) is None:
        items.append({"name": name, **fields})
    return find(items, name)


def add_models(document, root, data_set):
    """Adds the figures of the models of a set, in place of older ones of the same seeds."""
    for name in TITLES:
        for seed, folder in folders(root, data_set, name).items():
            model = read_model(folder)
            training = model["training"]
            entry = find_or_add(document["data"], data_set, starts=[])
            entry.update(labels=len(model["labels"]), train_rows=training["training_rows"],
                         valid_rows=training["validation_rows"])
            start = find_or_add(entry["starts"], name, order=[], seeds=[])
            start["order"] = [model["labels"][label] for label in model["semantics"]["order"]]
            start["seeds"] = sorted([other for other in start["seeds"] if other["seed"] != seed]
                                    + [{"seed": seed, "valid_set_nll": training["valid_set_nll_decoder"],
                                        "best_epoch": training["best_epoch"]}], key=lambda other: other["seed"])
            entry["starts"].sort(key=lambda start: list(TITLES).index(start["name"]))
    document["data"].sort(key=lambda entry: entry["name"])


def is_plain_order(entry, start):
    plain = find(entry["starts"], "plain")
    return plain is not None and start["name"].startswith("order-") and start["order"] == plain["order"]


def is_known(entry, name, seed):
    start = find(entry["starts"], name)
    return start is not None and (is_plain_order(entry, start) or any(known["seed"] == seed for known in start["seeds"]))


def todo(root, results_file, data_set, seed):
    document = read_results(results_file)
    add_models(document, pathlib.Path(root), data_set)
    entry = find(document["data"], data_set)
    for name in TITLES:
        if entry is None or not is_known(entry, name, int(seed)):
            print(name)


def store(root, results_file):
    document = read_results(results_file)
    for folder in sorted(pathlib.Path(root).glob("*/starts")):
        add_models(document, pathlib.Path(root), folder.parent.name)
    pathlib.Path(results_file).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def t_quantile(degrees):
    """Student's t, 97.5 percent; above those of the table by Abramowitz and Stegun 26.7.5, within 0.0002."""
    if degrees in T_QUANTILES:
        return T_QUANTILES[degrees]
    z = statistics.NormalDist().inv_cdf(0.975)
    return (z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
            + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * degrees**3))


def spread(values):
    text = f"{statistics.fmean(values):.4f}"
    return text if len(values) == 1 else f"{text} ({min(values):.4f}-{max(values):.4f})"


def against(values, plain):
    """Mean difference to the plain models of the same seeds, its 95 % interval, and how many seeds are lower."""
    differences = [value - plain[seed] for seed, value in values.items() if seed in plain]
    if not differences:
        return ["-", "-", "-"]
    mean = statistics.fmean(differences)
    if len(differences) == 1:
        return [f"{mean:+.4f}", "-", "-"]
    half = t_quantile(len(differences) - 1) * statistics.stdev(differences) / math.sqrt(len(differences))
    return [f"{mean:+.4f}", f"{mean - half:+.4f} to {mean + half:+.4f}",
            f"{sum(d < 0 for d in differences)} of {len(differences)}"]


def nll_by_seed(start):
    return {seed["seed"]: seed["valid_set_nll"] for seed in start["seeds"]} if start else {}


def table(entry):
    plain = nll_by_seed(find(entry["starts"], "plain"))
    seeds = sorted({seed for start in entry["starts"] for seed in nll_by_seed(start)})
    lines = [f"**{entry['name']}**: {entry['labels']} labels; rows: {entry['train_rows']:,} train, {entry['valid_rows']:,} "
             f"valid; seeds {', '.join(map(str, seeds))}.", "",
             "| decoder starts | set NLL on valid | against the first row | 95 % interval | lower for |", "|---|---|---:|---:|---:|"]
    for name, title in TITLES.items():
        start = find(entry["starts"], name)
        values = nll_by_seed(start)
        if start and is_plain_order(entry, start):
            cells = ["the same order as the first row's", "", "", ""]
        else:
            cells = [spread(list(values.values())) if values else "not measured yet"]
            if values and list(values) != seeds:
                cells[0] += f", seed{'s' if len(values) > 1 else ''} {', '.join(map(str, values))}"
            cells += against(values, plain) if values and name != "plain" else ["", "", ""]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return lines


def page(results_file, page_file):
    document = read_results(results_file)
    lines = []
    for entry in document["data"]:
        lines += table(entry) + [""]
    write_between(START, END, lines[:-1], page_file)


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "--store":
        return store(*arguments[1:])
    if len(arguments) == 3 and arguments[0] == "--page":
        return page(*arguments[1:])
    if len(arguments) == 5 and arguments[0] == "--todo":
        return todo(*arguments[1:])
    sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
