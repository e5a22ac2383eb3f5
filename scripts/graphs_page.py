"""Writes docs/graphs.md from the JSON of `labelbeam graph --tree --communities`.

Usage: graphs_page.py PAGE REPORT.json...
"""

import json
import pathlib
import re
import sys

SHOWN = 8

HEAD = """# Label graphs of real data

Which labels go together and which avoid each other in the training rows of four data sets, as [label-graph.md](label-graph.md) defines
it: NPMI after shrinkage, pairs at a false discovery rate of 5 percent. `scripts/graphs` makes this page and its pictures; the pictures
show the strongest pairs only.

The gain is that of a Chow-Liu tree over independent labels without looking at the text, in nats a row: on the rows that the tree was
made from, and on held-out ones (valid). Where the held-out gain is the higher one, labels depend more strongly on each other in valid than
in train. Rows are all of train, also for debtags, of which models are trained on a sample. Labels alone count as no community.

| data | rows | labels | go together | avoid each other | communities | tree's gain | held out |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def text(name):
    """A name in a cell of a Markdown table."""
    return re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", " ".join(name.split()))


def communities(report):
    sizes = {}
    for label in report["labels"]:
        sizes[label["community"]] = sizes.get(label["community"], 0) + 1
    return sum(size > 1 for size in sizes.values())


def pairs(report, positive):
    edges = [edge for edge in report["edges"] if edge["positive"] == positive]
    edges.sort(key=lambda edge: (-edge["value"] if positive else edge["value"], edge["p_value"]))
    return edges[:SHOWN]


def pair_table(title, edges):
    lines = [f"| {title} | NPMI | rows | expected | lift | 95 % of lift |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for edge in edges:
        low, high = edge["lift_interval"]
        lines.append(f"| {', '.join(text(name) for name in edge['labels'])} | {edge['value']:.2f} | {edge['rows']:,.0f} | "
                     f"{edge['expected']:,.1f} | {edge['lift']:.2f} | {low:.2f} to {high:.2f} |")
    return "\n".join(lines) + "\n"


def main(page, *files):
    reports = {pathlib.Path(file).stem: json.loads(pathlib.Path(file).read_text(encoding="utf-8")) for file in files}
    out = HEAD
    for name, report in reports.items():
        together = sum(edge["positive"] for edge in report["edges"])
        tree = report["tree"]
        out += (f"| [{name}](#{name}) | {report['rows']:,.0f} | {len(report['labels'])} | {together:,} | "
                f"{len(report['edges']) - together:,} | {communities(report)} | {tree['gain']:.4f} | "
                f"{tree['held_out_gain']:.4f} |\n")
    for name, report in reports.items():
        out += f"\n## {name}\n\n![Label graph of {name}](graphs/{name}.svg)\n"
        for title, positive in (("go together", True), ("avoid each other", False)):
            out += "\n" + pair_table(title, pairs(report, positive))
    pathlib.Path(page).write_text(out, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
