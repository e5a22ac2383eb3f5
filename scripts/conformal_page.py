#!/usr/bin/env python3
"""Turns what scripts/conformal_results measures into bench/results/conformal.json and docs/calibration.md.

    conformal_page.py --store FOLDER OUT SET...    keeps the figures, in place of older ones of the same sets
    conformal_page.py --page FIGURES PAGE    writes the table between the markers of the page
"""
import json
import pathlib
import sys

from pages import write_between

SCORES = ("aps", "lac")
START, END = "<!-- coverage: written by scripts/conformal_results -->", "<!-- end of coverage -->"


def read(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def store(folder, out_file, *sets):
    known = {entry["set"]: entry for entry in read(out_file)["sets"]} if pathlib.Path(out_file).exists() else {}
    measured = []
    for name in sets:
        files = {score: [pathlib.Path(folder, name, f"{kind}-{score}.json") for kind in ("halves", "applied")]
                 for score in SCORES}
        if not all(file.exists() for pair in files.values() for file in pair):
            measured += [known[name]] if name in known else []
            continue
        entry = {"set": name}
        for score, (halves_file, applied_file) in files.items():
            halves, applied = read(halves_file), read(applied_file)
            entry.update(test_rows=halves["rows"], test_unlisted=halves["unlisted"], valid_rows=applied["rows"])
            entry[score] = [{"coverage": a["coverage"], "halves": a["halves"], "valid_to_test": b["applied"]}
                            for a, b in zip(halves["levels"], applied["levels"])]
        measured.append(entry)
    pathlib.Path(out_file).write_text(json.dumps({"format": "labelbeam.conformal", "sets": measured}, indent=1) + "\n",
                                      encoding="utf-8")


def percent(share):
    return f"{100 * share:.1f}"


def page(figures_file, page_file):
    sets = read(figures_file)["sets"]
    lines = ["| data | score | asked for | halves: covered | at least | | sets | with other sets | valid to test: covered | sets |",
             "|---|---|---:|---:|---:|---|---:|---:|---:|---:|"]
    for entry in sets:
        for score in SCORES:
            for level in entry[score]:
                halves, applied = level["halves"], level["valid_to_test"]
                lines.append(
                    f"| {entry['set']} | {score} | {100 * level['coverage']:g} | {100 * halves['coverage']:.2f} | "
                    f"{100 * halves['lower_limit']:.2f} | {'pass' if halves['passed'] else '**fail**'} | "
                    f"{halves['mean_sets']:.1f} | {percent(halves['other_share'])} | {percent(applied['coverage'])} | "
                    f"{applied['mean_sets']:.1f} |")
    lines += ["", "| data | test rows | truth not listed | valid rows |", "|---|---:|---:|---:|"]
    for entry in sets:
        lines.append(f"| {entry['set']} | {entry['test_rows']:,} | {entry['test_unlisted']:,} | {entry['valid_rows']:,} |")
    write_between(START, END, lines, page_file)


def main(arguments):
    if len(arguments) >= 4 and arguments[0] == "--store":
        return store(*arguments[1:])
    if len(arguments) == 3 and arguments[0] == "--page":
        return page(*arguments[1:])
    sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
