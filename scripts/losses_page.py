#!/usr/bin/env python3
"""Turns what scripts/losses trained into bench/results/losses_*.json and the tables of docs/losses.md.

    losses_page.py --store FOLDER OUT    keeps the figures of a folder of `labelbeam compare`
    losses_page.py --page RESULTS PAGE   writes the tables between the markers of PAGE
"""
import json
import pathlib
import sys

from pages import without_places, write_between

# Decision and target of a row of the report, and its name here.
STRATEGIES = [("fixed", "", "fixed 0.5"), ("global", "f1_micro", "global:f1_micro"),
              ("global", "f1_samples", "global:f1_samples"), ("per_label", "f1_macro", "per_label")]
COLUMNS = ["subset_accuracy", "jaccard_samples", "f1_micro", "f1_macro"]
RANKINGS = ["average_precision_micro", "average_precision_macro"]
START, END = "<!-- results: written by scripts/losses -->", "<!-- end of results -->"


def read(file):
    return json.loads(pathlib.Path(file).read_text(encoding="utf-8"))


def loss_of(system):
    return system.partition(":")[2] or "bce"


def thresholds(model):
    """The one threshold of every global strategy, as validation data chose it."""
    return {f"global:{choice['target']}": choice["thresholds"][0]
            for choice in model["tuned"] if choice["strategy"] == "global"}


def store(folder, out_file):
    folder = pathlib.Path(folder)
    report = read(folder / "report.json")
    kept = []
    for system in (entry["name"] for entry in report["systems"]):
        entry = {"loss": loss_of(system), "seeds": []}
        for seed in report["manifest"]["seeds"]:
            path = folder / "models" / f"{system.replace(':', '-')}-seed{seed}"
            model, ranking = read(path / "model.json"), read(path / "test.json")
            results = {}
            for decision, target, name in STRATEGIES:
                row, = [row for row in report["results"]
                        if (row["system"], row["decision"], row["target"]) == (system, decision, target)]
                figures, = [figures for figures in row["seeds"] if figures["seed"] == seed]
                results[name] = {"test": figures["metrics"], "valid": figures["metrics_valid"]}
            entry["seeds"].append({"seed": seed, "epochs": model["training"]["epochs"],
                                   "best_epoch": model["training"]["best_epoch"],
                                   "thresholds": thresholds(model),
                                   "ranking": {name: ranking["figures"][name]["value"] for name in RANKINGS},
                                   "results": results})
        kept.append(entry)
    report["data"]["source"] = report["data"]["name"]
    document = {"format": "labelbeam.losses", "version": 1, "data": report["data"], "losses": kept,
                "manifest": without_places(report["manifest"])}
    pathlib.Path(out_file).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def mean(values):
    return sum(values) / len(values)


def cell(values, digits, best=None):
    text = f"{mean(values):.{digits}f}"
    if len(values) > 1:
        text += f" ({min(values):.{digits}f}-{max(values):.{digits}f})"
    return f"**{text}**" if best is not None and mean(values) >= best else text


def table(head, rows, digits=4, bold=True):
    """rows: (name, a list of values by seed a column)."""
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    best = [max(mean(columns[c]) for _, columns in rows) if bold else None for c in range(len(head) - 1)]
    for name, columns in rows:
        cells = [cell(values, digits, best[c]) for c, values in enumerate(columns)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def page(results_file, page_file):
    document = read(results_file)
    data, seeds = document["data"], document["manifest"]["seeds"]
    splits = ", ".join(f"{split['rows']:,} {split['name']}" for split in data["splits"])
    shown = f"seed {seeds[0]}" if len(seeds) == 1 else f"mean of {len(seeds)} seeds (lowest-highest)"
    lines = [f"{data['name']}: {data['num_labels']} labels; rows: {splits}; {shown}. Convention: scikit-learn with "
             "zero_division=0.", "", "How well the scores rank labels on test, whatever the threshold:", ""]

    def rows(pick):
        return [(f"`{entry['loss']}`", [[pick(seed, column) for seed in entry["seeds"]] for column in columns])
                for entry in document["losses"]]

    columns = RANKINGS
    lines += table(["loss"] + columns, rows(lambda seed, column: seed["ranking"][column]))
    columns = ["global:subset_accuracy", "global:jaccard_samples", "global:f1_samples", "global:f1_micro",
               "global:f1_macro"]
    lines += ["", "Where the best single threshold for a metric lies on valid:", ""]
    lines += table(["loss"] + columns, rows(lambda seed, column: seed["thresholds"][column]), 3, bold=False)
    columns = COLUMNS
    for _, _, name in STRATEGIES:
        lines += ["", f"Test under `{name}`; bold is the best of a column:", ""]
        lines += table(["loss"] + columns, rows(lambda seed, column, name=name: seed["results"][name]["test"][column]))
    write_between(START, END, lines, page_file)


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "--store":
        return store(*arguments[1:])
    if len(arguments) == 3 and arguments[0] == "--page":
        return page(*arguments[1:])
    sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
