"""graphs_page_test.py SCRIPT FOLDER: the page that graphs_page.py writes of two small graphs."""
import json
import pathlib
import shutil
import subprocess
import sys

from checks import check


def edge(labels, value, p_value=0.001, rows=20, expected=10.0):
    return {"labels": labels, "value": value, "positive": value > 0, "p_value": p_value, "rows": rows, "expected": expected,
            "lift": rows / expected, "lift_interval": [1.25, 3.5]}


def report(communities, edges, gain, held_out_gain):
    return {"rows": 1200, "labels": [{"name": str(i), "community": of} for i, of in enumerate(communities)], "edges": edges,
            "tree": {"gain": gain, "held_out_gain": held_out_gain}}


def main():
    script, root = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    odd = edge(["a|b", "_c_\nd"], 0.5)
    graphs = {
        # Nine pairs that go together, one more than are shown; two of them are equal but for what they are worth as evidence.
        "large": report([0, 0, 1, 1, 2], [edge(["x", str(i)], 0.1 + i / 100) for i in range(6)] +
                        [edge(["later", "x"], 0.3, p_value=0.02), edge(["sooner", "x"], 0.3, p_value=0.01), odd] +
                        [edge(["weak", "x"], -0.125, rows=5), edge(["strong", "x"], -0.25, rows=2)], 0.25, 0.2),
        "small": report([0, 1], [], 0.0, -0.01),
    }
    files = []
    for name, graph in graphs.items():
        files.append(root / f"{name}.json")
        files[-1].write_text(json.dumps(graph), encoding="utf-8")
    page = root / "page.md"
    subprocess.run([sys.executable, script, page, *files], check=True)
    text = page.read_text(encoding="utf-8")

    # Communities of one label are none.
    check("| [large](#large) | 1,200 | 5 | 9 | 2 | 2 | 0.2500 | 0.2000 |\n"
          "| [small](#small) | 1,200 | 2 | 0 | 0 | 0 | 0.0000 | -0.0100 |\n" in text, "the row of each data set")
    check(text.index("## large\n\n![Label graph of large](graphs/large.svg)") < text.index("## small"), "a section a data set")
    together, apart = (text.split(f"| {title} | NPMI |")[1].split("\n\n")[0].splitlines()[2:]
                       for title in ("go together", "avoid each other"))
    check(together[0] == r"| a\|b, \_c\_ d | 0.50 | 20 | 10.0 | 2.00 | 1.25 to 3.50 |", f"names are text of a cell: {together[0]}")
    check([line.split(" | ")[0] for line in together[1:]] ==
          ["| sooner, x", "| later, x"] + [f"| x, {i}" for i in (5, 4, 3, 2, 1)], "the eight strongest, equal ones by evidence")
    check([line.split(" | ")[:3] for line in apart] == [["| strong, x", "-0.25", "2"], ["| weak, x", "-0.12", "5"]],
          "the strongest first of those that avoid each other")


if __name__ == "__main__":
    main()
