"""conformal_page_test.py SCRIPT FOLDER: conformal_page.py keeps the figures of sets that were not measured again."""
import json
import pathlib
import shutil
import subprocess
import sys

from checks import check


def main():
    script, root = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(root, ignore_errors=True)
    figures, written = root / "conformal.json", root / "page.md"

    def measure(data_set, coverage):
        folder = root / "work" / data_set
        folder.mkdir(parents=True, exist_ok=True)
        halves = {"coverage": coverage, "lower_limit": 0.79, "passed": coverage > 0.79, "mean_sets": 3.5, "other_share": 0.25}
        for score in ("aps", "lac"):
            for name, level in (("halves", {"coverage": 0.8, "halves": halves}),
                                ("applied", {"applied": {"coverage": 0.81, "mean_sets": 3.6}})):
                document = {"rows": 1200, "unlisted": 7, "levels": [level]}
                (folder / f"{name}-{score}.json").write_text(json.dumps(document), encoding="utf-8")

    def page():
        subprocess.run([sys.executable, script, "--store", root / "work", figures, "first", "second", "third"], check=True)
        written.write_text("<!-- coverage: written by scripts/conformal_results -->\n<!-- end of coverage -->\n",
                           encoding="utf-8")
        subprocess.run([sys.executable, script, "--page", figures, written], check=True)
        return written.read_text(encoding="utf-8")

    measure("second", 0.8012)
    check("| second | aps | 80 | 80.12 | 79.00 | pass | 3.5 | 25.0 | 81.0 | 3.6 |" in page(), "a row a set and score")
    shutil.rmtree(root / "work")
    measure("first", 0.7)
    text = page()
    check("| first | lac | 80 | 70.00 | 79.00 | **fail** |" in text, "a failed check stands out")
    check(text.index("| first | aps") < text.index("| second | aps | 80 | 80.12"), "older figures are kept, in the order of the sets")
    check("| second | 1,200 | 7 | 1,200 |" in text, "rows are told")
    measure("second", 0.9)
    check("80.12" not in page(), "figures of a set are replaced")
    check("third" not in page(), "sets without figures are left out")


if __name__ == "__main__":
    main()
