#!/usr/bin/env python3
"""Keeps what scripts/label_starts trains in bench/results/label_starts.json and writes the tables of docs/label-graph.md.

    label_starts_page.py --todo FOLDER RESULTS SET SEED NAME...   prints the names that have no figure for a seed, neither
                                                          in RESULTS nor among the models in FOLDER; an order that is
                                                          the first name's has the first one's figures
    label_starts_page.py --store FOLDER RESULTS NAME...   adds the figures of the models in FOLDER to RESULTS; the
                                                          first name is that of the models the others are compared with
    label_starts_page.py --page RESULTS PAGE              writes the tables between the markers of PAGE
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


def entry_of(document, data_set):
    for entry in document["data"]:
        if entry["name"] == data_set:
            return entry
    document["data"].append({"name": data_set, "starts": []})
    document["data"].sort(key=lambda entry: entry["name"])
    return entry_of(document, data_set)


def start_of(entry, name):
    for start in entry["starts"]:
        if start["name"] == name:
            return start
    entry["starts"].append({"name": name, "order": [], "seeds": []})
    return entry["starts"][-1]


def add_models(document, root, data_set, names):
    """Adds the figures of the models of a set, in place of older ones of the same seeds."""
    entry = entry_of(document, data_set)
    for name in names:
        for seed, folder in folders(root, data_set, name).items():
            model, start = read_model(folder), start_of(entry, name)
            training = model["training"]
            entry.update(labels=len(model["labels"]), train_rows=training["training_rows"],
                         valid_rows=training["validation_rows"])
            start["order"] = [model["labels"][label] for label in model["semantics"]["order"]]
            start["seeds"] = sorted([other for other in start["seeds"] if other["seed"] != seed]
                                    + [{"seed": seed, "valid_set_nll": training["valid_set_nll_decoder"],
                                        "best_epoch": training["best_epoch"]}], key=lambda other: other["seed"])
    entry["starts"].sort(key=lambda start: names.index(start["name"]))
    return entry


def is_plain_order(entry, start):
    return start["name"].startswith("order-") and start["order"] == start_of(entry, "plain")["order"]


def todo(root, results_file, data_set, seed, *names):
    entry = add_models(read_results(results_file), pathlib.Path(root), data_set, names)
    for name in names:
        start = start_of(entry, name)
        if all(known["seed"] != int(seed) for known in start["seeds"]) and not (start["order"] and is_plain_order(entry, start)):
            print(name)


def store(root, results_file, *names):
    document = read_results(results_file)
    for folder in sorted(pathlib.Path(root).iterdir()):
        if (folder / "starts").is_dir():
            add_models(document, folder.parent, folder.name, names)
    pathlib.Path(results_file).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def spread(values):
    text = f"{statistics.fmean(values):.4f}"
    return text if len(values) == 1 else f"{text} ({min(values):.4f}-{max(values):.4f})"


def against(values, plain):
    """Mean difference to the plain models of the same seeds, its 95 % interval, and how many seeds are lower."""
    differences = [value - plain[seed] for seed, value in values.items() if seed in plain]
    mean = statistics.fmean(differences)
    if len(differences) == 1:
        return [f"{mean:+.4f}", "-", "-"]
    half = T_QUANTILES[len(differences) - 1] * statistics.stdev(differences) / math.sqrt(len(differences))
    return [f"{mean:+.4f}", f"{mean - half:+.4f} to {mean + half:+.4f}",
            f"{sum(d < 0 for d in differences)} of {len(differences)}"]


def table(entry):
    plain = start_of(entry, "plain")
    plain_nll = {seed["seed"]: seed["valid_set_nll"] for seed in plain["seeds"]}
    lines = [f"**{entry['name']}**: {entry['labels']} labels; rows: {entry['train_rows']:,} train, {entry['valid_rows']:,} "
             f"valid; seeds {', '.join(map(str, plain_nll))}.", "",
             "| decoder starts | set NLL on valid | against the first row | 95 % interval | lower for |", "|---|---|---:|---:|---:|"]
    for start in entry["starts"]:
        values = {seed["seed"]: seed["valid_set_nll"] for seed in start["seeds"]}
        title = TITLES[start["name"]]
        if start is plain:
            cells = [spread(list(values.values())), "", "", ""]
        elif is_plain_order(entry, start):
            cells = ["the same order as the first row's", "", "", ""]
        else:
            cells = [spread(list(values.values()))] + against(values, plain_nll)
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return lines


def page(results_file, page_file):
    document = read_results(results_file)
    lines = []
    for entry in document["data"]:
        lines += table(entry) + [""]
    write_between(START, END, lines[:-1], page_file)


def main(arguments):
    if len(arguments) > 3 and arguments[0] == "--store":
        return store(*arguments[1:])
    if len(arguments) == 3 and arguments[0] == "--page":
        return page(*arguments[1:])
    if len(arguments) > 5 and arguments[0] == "--todo":
        return todo(*arguments[1:])
    sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
