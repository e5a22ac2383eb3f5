"""Counts the states that best-first search and a beam of 10 score for the same best sets.

states_test.py PROGRAM WORK_FOLDER: trains a joint model on SemEval-2018 E-c under LABELBEAM_DATA, once,
into WORK_FOLDER. Exit code 77: there are no such data.
"""

import json
import os
import pathlib
import subprocess
import sys


def main():
    program, work = sys.argv[1], pathlib.Path(sys.argv[2])
    data = pathlib.Path(os.environ.get("LABELBEAM_DATA", "")) / "semeval2018_ec_en"
    if not data.is_dir():
        print(f"there is no folder {data}: set LABELBEAM_DATA to the folder of the data sets")
        return 77
    model = work / "model"
    if not (model / "model.json").exists():
        subprocess.run([program, "train", "--data", data, "--system", "joint", "--epochs", "8",
                        "--out", model, "--resume"], check=True)

    def predict(search, *options):
        out = work / f"{search}.jsonl"
        printed = subprocess.run([program, "predict", "--model", model, data / "test.jsonl.gz",
                                  "--search", search, "--n-best", "1", "--out", out, "--json", *options],
                                 check=True, capture_output=True, text=True).stdout
        answers = [json.loads(line)["labels"] for line in out.read_text(encoding="utf-8").splitlines()]
        return json.loads(printed), answers

    best_first, exact = predict("best-first")
    beam, found = predict("beam", "--beam", "10")
    same = sum(a == b for a, b in zip(exact, found, strict=True))
    ratio = best_first["scored"] / beam["scored"]
    print(f"{len(exact)} documents: best-first scored {best_first['scored']} states and proved "
          f"{best_first['certified']} best sets; a beam of 10 scored {beam['scored']}: ratio {ratio:.3f}; "
          f"{same} answers are the same")
    proven = best_first["certified"] == len(exact)
    return 0 if ratio <= 0.5 and proven and same >= 0.999 * len(exact) else 1


if __name__ == "__main__":
    sys.exit(main())
