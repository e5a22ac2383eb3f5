"""Reads a label graph with odd names back from DOT, GraphML, JSON and CSV: all must say the same.

Usage: read_label_graphs.py WRITE_ODD_GRAPH SCHEMA
"""

import csv
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = 77

try:
    import jsonschema
    import networkx
except ImportError as error:
    print(f"SKIPPED: label graphs are not read back: {error} ({sys.executable})")
    sys.exit(SKIP)
if not shutil.which("dot"):
    print("SKIPPED: label graphs are not read back: Graphviz's dot is not in PATH")
    sys.exit(SKIP)

ODD = ["plain", "comma, semicolon;", "\"quotes\" 'too'", "<b>&amp;&lt;</b> & more", "\U0001F600 smile",
       "line\nfeed", "cr\r and crlf\r\n", "back\\slash\\n\\", "tab\there", " spaces around ", "\\\"",
       "=1+1", "<html>", "\u0639\u0631\u0628\u064a", "often", "apart", "rare"]


def from_escstring(text):
    text = re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)
    return text.replace("&amp;", "&")


def read_json(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    names = [label["label"] for label in document["labels"]]
    edges = {tuple(edge["labels"]): edge["value"] for edge in document["edges"]}
    return document, names, edges


def read_graphml(path):
    graph = networkx.read_graphml(path)
    names = [graph.nodes[f"n{i}"]["label"] for i in range(len(graph))]
    edges = {(names[int(a[1:])], names[int(b[1:])]): data["weight"] for a, b, data in graph.edges(data=True)
             if "weight" in data}
    return graph, names, edges


def read_dot(path):
    output = subprocess.run(["dot", "-Tjson0", path], check=True, capture_output=True).stdout
    document = json.loads(output.decode("utf-8"))
    nodes = {node["_gvid"]: node for node in document["objects"]}
    by_name = {node["name"]: from_escstring(node["label"]) for node in nodes.values()}
    names = [by_name[f"n{i}"] for i in range(len(nodes))]
    edges = {(from_escstring(nodes[edge["tail"]]["label"]), from_escstring(nodes[edge["head"]]["label"])):
             float(edge["weight"]) for edge in document["edges"] if "weight" in edge}
    return document, names, edges


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    names = header[1:]
    cells = {(row[0], name): float(value)
             for row in rows for name, value in zip(names, row[1:], strict=True) if value}
    assert all(cells[b, a] == value for (a, b), value in cells.items()), "the matrix is not symmetric"
    assert [row[0] for row in rows] == names
    order = {name: i for i, name in enumerate(names)}
    return names, {pair: value for pair, value in cells.items() if order[pair[0]] < order[pair[1]]}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([sys.argv[1], name], check=True)
        document, names, edges = read_json(folder / "graph.json")
        schema = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(document)
        assert names == ODD, names
        assert len(edges) >= 7 and any(value < 0 for value in edges.values()), edges

        graph, graphml_names, graphml_edges = read_graphml(folder / "graph.graphml")
        assert graphml_names == names, graphml_names
        assert graphml_edges == edges, graphml_edges
        for index, label in enumerate(document["labels"]):
            node = graph.nodes[f"n{index}"]
            assert node["count"] == label["rows"] and node["community"] == label["community"]
            assert label["centrality"] == {name: node[name] for name in label["centrality"]}, label
        assert abs(sum(label["centrality"]["pagerank"] for label in document["labels"]) - 1) < 1e-9
        for a, b, data in graph.edges(data=True):
            assert "weight" in data or "mutual_information" in data, data
            assert "weight" not in data or data["positive"] == (data["count"] > data["expected"])
        tree = {frozenset((edge["parent"], edge["child"])): edge["mutual_information"]
                for edge in document["tree"]["edges"]}
        assert tree == {frozenset((names[int(a[1:])], names[int(b[1:])])): data["mutual_information"]
                        for a, b, data in graph.edges(data=True) if "mutual_information" in data}

        dot, dot_names, dot_edges = read_dot(folder / "graph.dot")
        assert dot_names == names, dot_names
        assert dot_edges == edges, dot_edges
        dot_counts = {from_escstring(node["label"]): float(node["count"]) for node in dot["objects"]}
        assert dot_counts == {label["label"]: label["rows"] for label in document["labels"]}, dot_counts
        assert dot_counts["rare"] == 1e-5, dot_counts
        edge_counts = sorted(float(edge["count"]) for edge in dot["edges"] if "count" in edge)
        assert edge_counts == sorted(edge["rows"] for edge in document["edges"]), edge_counts
        assert 1e-5 in edge_counts, edge_counts
        dashed = sum(edge.get("style") == "dashed" for edge in dot["edges"])
        assert dashed == sum(not edge["positive"] for edge in document["edges"])
        thick = sorted(float(edge["mutual_information"]) for edge in dot["edges"] if edge.get("penwidth") == "3")
        assert thick == sorted(tree.values()), thick
        svg = subprocess.run(["dot", "-Tsvg", folder / "graph.dot"], check=True, capture_output=True).stdout
        for part in ("&lt;b&gt;&amp;amp;&amp;lt;&lt;/b&gt; &amp; more", "back\\slash\\n\\", "\U0001F600 smile"):
            assert part in svg.decode("utf-8"), f"{part} is not in the drawing"

        csv_names, csv_edges = read_csv(folder / "graph.csv")
        assert csv_names == names, csv_names
        assert csv_edges == edges, csv_edges
        print(f"{len(names)} names and {len(edges)} edges come back from all formats")
    return 0


if __name__ == "__main__":
    sys.exit(main())
