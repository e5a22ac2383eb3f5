#!/usr/bin/env python3
"""Turns report.json files of `labelbeam compare` into bench/results/*.json and docs/results.md.

    results_page.py --store REPORT OUT    keeps the figures, leaves pictures, examples and paths out
    results_page.py --page FOLDER PAGE README PROTOCOL    writes the page of all results in FOLDER, and between
                                                          the markers of README the table of README_SET and of
                                                          PROTOCOL what tuning promised and kept
"""
import json
import pathlib
import sys

from pages import without_places, write_between

COLUMNS = ["subset_accuracy", "jaccard_samples", "hamming_loss", "f1_samples", "f1_micro", "f1_macro"]
KEPT = ["format", "version", "data", "systems", "headline", "results", "set_nll", "set_nll_valid", "set_nll_gains",
        "statistics", "dependence", "graphs", "set_calibration", "strategies", "protocol", "warnings", "manifest"]
KEPT_PAIRS = 12  # of a label graph: those whose phi differs most
README_SET = "semeval2018_ec_en"
PROTOCOL_SETS = ["semeval2018_ec_en", "valueeval23"]
START, END = "<!-- results: written by scripts/results -->", "<!-- end of results -->"


def store(report_file, out_file):
    report = json.loads(pathlib.Path(report_file).read_text(encoding="utf-8"))
    kept = {key: report[key] for key in KEPT}
    kept["data"]["source"] = kept["data"]["name"]
    kept["manifest"] = without_places(kept["manifest"])
    for graph in kept["graphs"]:
        graph["pairs"] = graph["pairs"][:KEPT_PAIRS]  # largest difference first
    pathlib.Path(out_file).write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def better(metric, a, b):
    return a < b if metric == "hamming_loss" else a > b


def best(report, metric, system, kind):
    """The row of a system and kind that is best on valid."""
    chosen = None
    for row in report["results"]:
        if row["system"] != system or row["kind"] != kind or row["metrics_valid"].get(metric) is None:
            continue
        if chosen is None or better(metric, row["metrics_valid"][metric], chosen["metrics_valid"][metric]):
            chosen = row
    return chosen


def cell(metric, row, mark):
    value = f"{row['metrics'][metric]:.4f}"
    spread = [seed["metrics"][metric] for seed in row["seeds"]]
    if len(spread) > 1:
        value += f" ({min(spread):.4f}-{max(spread):.4f})"
    return f"**{value}**" if mark else value


def statistics_of(report, metric):
    return next(item for item in report["statistics"] if item["metric"] == metric)


def interval(report, metric, system):
    bounds = statistics_of(report, metric)["intervals"].get(system)
    return f"{bounds['lower']:.4f} to {bounds['upper']:.4f}" if bounds else "-"


def p_value(p, equals=""):
    """A p-value in a cell; in a sentence, with what stands before a number."""
    return "< 0.0001" if p < 0.0001 else f"{equals}{p:.4f}"


def verdict(report, metric):
    test = statistics_of(report, metric)["test"]
    if test is None:
        return "-"
    claim = "better than" if test["verdict"] == "better" else "not distinguishable from"
    return f"{test['system']} {claim} {test['opponent']} (p {p_value(test['p_adjusted'], '= ')})"


def gain_cell(part):
    if part["gain"] is None:
        return f"no mean over {part['rows']:,} rows" if part["rows"] else "-"
    bounds = part["interval"]
    between = f" ({bounds['lower']:+.3f} to {bounds['upper']:+.3f})" if bounds else ""
    return f"{part['gain']:+.3f}{between}, {part['rows']:,} rows"


def gain_lines(report):
    """What systems gain over each other in set NLL."""
    if not report["set_nll_gains"]:
        return []
    lines = ["", "| gain in set NLL, nats a document (95 % interval) | all rows | label set in train | label set not in train | p, all rows, adjusted |",
             "|---" * 5 + "|"]
    for gain in report["set_nll_gains"]:
        p = gain["p_adjusted"]
        cells = [gain_cell(gain[part]) for part in ("all", "seen", "unseen")]
        cells.append("-" if p is None else p_value(p))
        lines.append(f"| {gain['system']} over {gain['opponent']} | " + " | ".join(cells) + " |")
    return lines


def graph_lines(report):
    """How the pairs of labels of each system's answers and distributions compare with those of the truth."""
    if not report["graphs"]:
        return []
    lines = ["", "| pairs of labels that depend on each other on test, first seed | kept | missed | invented | correlation of phi | probability found |",
             "|---" + "|---:" * 5 + "|"]
    for graph in report["graphs"]:
        cells = [f"{graph[count]:,}" for count in ("kept", "missed", "invented")]
        cells += ["-" if figure is None else f"{figure:.3f}" for figure in (graph["phi_correlation"], graph["found_mass"])]
        lines.append(f"| {graph['system']}, {graph['counted']} | " + " | ".join(cells) + " |")
    return lines


def table(report):
    entries = [("sigmoid, best threshold strategy", "sigmoid", "threshold"),
               ("sigmoid, best rule on its distribution", "sigmoid", "rule")]
    entries += [(f"{system['name']}, best rule", system["name"], "rule")
                for system in report["systems"] if system["name"] != "sigmoid"]
    lines = ["| chosen on valid, measured on test | " + " | ".join(COLUMNS) + " |",
             "|---" * (len(COLUMNS) + 1) + "|"]
    rows = [[best(report, metric, system, kind) for metric in COLUMNS] for _, system, kind in entries]
    for (name, _, _), row in zip(entries, rows):
        cells = []
        for c, metric in enumerate(COLUMNS):
            value = row[c]["metrics"][metric]
            wins = all(not better(metric, other[c]["metrics"][metric], value) for other in rows)
            cells.append(cell(metric, row[c], wins))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    for system in report["systems"]:
        lines.append(f"| 95 % interval, {system['name']} | "
                     + " | ".join(interval(report, metric, system["name"]) for metric in COLUMNS) + " |")
    lines.append("| best system against the next | " + " | ".join(verdict(report, metric) for metric in COLUMNS) + " |")
    nll = ", ".join(f"{system['name']} {report['set_nll'][system['name']]:.3f}" for system in report["systems"]
                    if report["set_nll"].get(system["name"]) is not None)
    lines += ["", f"Set NLL on test, nats a document: {nll}."]
    return lines + gain_lines(report) + graph_lines(report)


def section(report):
    data = report["data"]
    rows = ", ".join(f"{split['rows']:,} {split['name']}" for split in data["splits"])
    seeds = report["manifest"]["seeds"]
    shown = "seed " + str(seeds[0]) if len(seeds) == 1 else f"mean of seeds {', '.join(map(str, seeds))} (lowest-highest)"
    return [f"### {data['name']}", "", f"{data['num_labels']} labels; rows: {rows}; {shown}.", ""] + table(report)


def protocol_table(report):
    lines = [f"### {report['data']['name']}", "",
             "| strategy | metric | valid: tuned | test | optimism | train + valid: tuned | test | optimism | oracle |",
             "|---|---|---:|---:|---:|---:|---:|---:|---:|"]
    for outcome in report["strategies"]:
        by_rows = {score["tuned_on"]: score for score in outcome["protocols"]}
        cells = []
        for rows in (("valid", "nothing"), ("train and valid",)):
            score = next((by_rows[name] for name in rows if name in by_rows), None)
            cells += [f"{score[key]:.4f}" for key in ("tuned", "test")] + [f"{score['optimism']:+.4f}"] if score else ["-"] * 3
        oracle = by_rows.get("test (oracle)")
        cells.append(f"{oracle['test']:.4f}" if oracle else "-")
        lines.append(f"| `{outcome['strategy']}` | {outcome['metric']} | " + " | ".join(cells) + " |")
    return lines


def page(folder, page_file, readme_file, protocol_file):
    files = [file for file in sorted(pathlib.Path(folder).glob("*.json"))
             if json.loads(file.read_text(encoding="utf-8")).get("format") == "labelbeam.report"]
    lines = ["# Results", "",
             "Made by `scripts/results`, which trains the systems, stores every figure under `bench/results` and writes this",
             "page. The sigmoid and the joint model share encoder, tokens, word vectors, optimiser and stopping rule. Each",
             "cell is the strategy or rule of its row that is best on valid for the metric of its column, measured once on",
             "test; bold is the best of the column. Convention: scikit-learn with zero_division=0. The intervals and tests",
             "are of each system's best row, whatever its kind, over test rows and with the mean over seeds as the figure:",
             "BCa bootstrap, and paired permutation adjusted by Holm over the report's metrics ([statistics.md](statistics.md)).",
             "A gain in set NLL says by how much it is lower, with the same kind of interval and test, adjusted over the pairs",
             "of systems. Pairs of labels are kept, missed or invented, in the answers for subset accuracy and in the expected",
             "counts of distributions, as [label-graph.md](label-graph.md#answers-and-distributions-against-the-truth) says;",
             "expected counts rest on the sets found, and *probability found* is the mean of what these have together.",
             "",
             "To repeat them (`scripts/results --help` says what data they need):", "",
             "    cmake --preset release && cmake --build --preset release",
             "    LABELBEAM_DATA=DIR scripts/results " + " ".join(file.stem for file in files),
             ""]
    reports = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
    for report in reports.values():
        lines += section(report) + [""]
    pathlib.Path(page_file).write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    if README_SET in reports:
        write_between(START, END, section(reports[README_SET]), readme_file)
    lines = []
    for name in PROTOCOL_SETS:
        if name in reports:
            lines += protocol_table(reports[name]) + [""]
    write_between(START, END, lines[:-1], protocol_file)


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "--store":
        return store(*arguments[1:])
    if len(arguments) == 5 and arguments[0] == "--page":
        return page(*arguments[1:])
    sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
