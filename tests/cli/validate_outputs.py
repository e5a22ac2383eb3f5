"""Validates what the commands print under --json, and the lines of predictions files.

Usage: validate_outputs.py SCHEMAS LABELBEAM (models|no-models)
"""

import json
import pathlib
import subprocess
import sys
import tempfile

SKIP = 77

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "eval"))
try:
    import schema_files
except ImportError as error:
    print(f"SKIPPED: outputs are not validated: {error} ({sys.executable})")
    sys.exit(SKIP)

ROWS = [
    {"id": "1", "text": "one two", "labels": ["a", "b"]},
    {"id": "2", "text": "three", "labels": ["c"], "weight": 2.0},
    {"id": "3", "labels": []},
    {"id": "4"},
]
PREDICTIONS = [
    {"id": "1", "labels": ["a"], "scores": {"a": 0.9, "b": 0.2},
     "sets": [{"labels": ["a"], "log_prob": -0.1}], "residual": 0.05},
    {"id": "2", "labels": ["c"], "scores": {"c": 0.7}, "sets": [{"labels": ["c"], "log_prob": -0.2}]},
    {"id": "3", "labels": [], "scores": {}, "sets": [{"labels": ["c"], "log_prob": 0.0}], "residual": 0.0},
]


class Checker:
    def __init__(self, schemas, program):
        self.schemas = schemas
        self.program = program
        self.failures = 0

    def validator(self, name):
        return schema_files.validator(self.schemas / f"{name}.schema.json")

    def run(self, *arguments):
        call = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True)
        if call.returncode != 0:
            sys.exit(f"{arguments}: exit code {call.returncode}: {call.stderr}")
        return call.stdout

    def check(self, name, text):
        document = json.loads(text, parse_constant=lambda constant: sys.exit(f"{constant} in JSON"))
        validator = self.validator(name)
        for error in validator.iter_errors(document):
            print(f"{name}: {error.json_path}: {error.message}")
            self.failures += 1
        for key in document:
            broken = {**document, key: {"no": ["such", "value"]}}
            free = ("summary", "manifest", "options")  # objects whose keys the schemas leave open
            if validator.is_valid(broken) and key not in free:
                print(f"{name}: the schema takes anything as {key}")
                self.failures += 1
        if validator.is_valid({**document, "surplus": 1}):
            print(f"{name}: the schema takes surplus fields")
            self.failures += 1

    def check_lines(self, name, text):
        validator = self.validator(name)
        for line in text.splitlines():
            for error in validator.iter_errors(json.loads(line)):
                print(f"{name}: {error.json_path}: {error.message}")
                self.failures += 1


def write_lines(path, objects):
    path.write_text("".join(json.dumps(each) + "\n" for each in objects), encoding="utf-8")
    return path


def check_files(checker, folder):
    truth = write_lines(folder / "truth.jsonl", ROWS)
    predictions = write_lines(folder / "pred.jsonl", PREDICTIONS)
    checker.check_lines("predictions", predictions.read_text(encoding="utf-8"))
    checker.check("convert", checker.run("convert", truth, folder / "rows.jsonl.gz", "--json"))
    checker.check("inspect", checker.run("inspect", truth, "--json"))
    checker.check("graph", checker.run("graph", truth, "--json", "--fdr", 1, "--communities", "--centralities", "--tree", "--cliques",
                                       "--sets", 5))
    checker.check("graph", checker.run("graph", truth, "--json", "--suggest", folder / "rules.json"))
    checker.check("constraints", (folder / "rules.json").read_text(encoding="utf-8"))
    checker.check("graph", checker.run("graph", predictions, "--expected", "--json", "--fdr", 1, "--tree"))
    for more in ([], ["--expected"]):
        checker.check("graph_comparison", checker.run("graph", truth, "--compare", predictions, "--json", *more))
    checker.check("evaluate", checker.run("evaluate", "--truth", truth, "--pred", predictions, "--json"))
    decided = folder / "decided.jsonl"
    for decision in (["--decision", "f1_samples", "--from", "sets"], ["--decision", "fixed"],
                     ["--decision", "per_label", "--valid-truth", truth, "--valid-pred", predictions]):
        checker.check("decide", checker.run("decide", "--pred", predictions, "--out", decided, "--json", *decision))
        checker.check_lines("predictions", decided.read_text(encoding="utf-8"))
    regions = folder / "regions.jsonl"
    for more in (["--halves", 3], ["--apply", predictions, "--out", regions],
                 ["--apply", predictions, "--out", regions, "--truth-of", truth, "--coverage", "0.5"]):
        checker.check("conformal", checker.run("conformal", "--truth", truth, "--pred", predictions, "--json", *more))
    checker.check_lines("regions", regions.read_text(encoding="utf-8"))
    no_sets = write_lines(folder / "plain.jsonl", [{"id": p["id"], "labels": p["labels"]} for p in PREDICTIONS])
    checker.check("evaluate", checker.run("evaluate", "--truth", truth, "--pred", no_sets, "--json"))


def check_folders(checker, folder):
    data = folder / "data"
    checker.check("import", checker.run("import", "synthetic", "--rows", 150, "--out", data, "--json"))
    checker.check("inspect", checker.run("inspect", data, "--json", "--top", 0))
    checker.run("convert", data / "train.jsonl.gz", folder / "train.jsonl")
    checker.check("split", checker.run("split", folder / "train.jsonl", "--out", folder / "split", "--json"))
    checker.check("split", checker.run("split", folder / "train.jsonl", "--out", folder / "folds", "--folds", "3",
                                       "--method", "stratified-pairs", "--json"))


def check_models(checker, folder):
    data, model = folder / "data", folder / "model"
    small = folder / "config.json"
    config = json.loads(checker.run("train", "--print-config"))
    config["model"].update(embedding_size=8, hidden_size=8, decoder_hidden_size=8, label_embedding_size=4)
    small.write_text(json.dumps(config), encoding="utf-8")
    options = ["--data", data, "--config", small, "--epochs", 1, "--json", "--threads", 1]
    checker.check("train", checker.run("train", *options, "--out", model))
    answers = folder / "answers.jsonl"
    checker.check("predict", checker.run("predict", "--model", model, data / "test.jsonl.gz", "--out", answers, "--certify", "--json"))
    checker.check_lines("predictions", answers.read_text(encoding="utf-8"))
    checker.check("evaluate", checker.run("evaluate", "--truth", data / "test.jsonl.gz", "--pred", answers, "--json"))
    checker.check("report", checker.run("compare", *options, "--out", folder / "compared"))
    manifest = folder / "compared" / "manifest.json"
    checker.check("manifest", manifest.read_text(encoding="utf-8"))
    checker.check("rerun", checker.run("rerun", manifest, "--json", "--quiet"))


def main():
    checker = Checker(pathlib.Path(sys.argv[1]), sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_files(checker, folder)
        check_folders(checker, folder)
        if sys.argv[3] == "models":
            check_models(checker, folder)
    if checker.failures:
        return 1
    print("the outputs follow their schemas")
    return 0


if __name__ == "__main__":
    sys.exit(main())
