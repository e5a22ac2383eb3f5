"""Validates the JSON of a made-up report against its schema, that broken ones are refused, and the hash of a page's script.

Usage: validate_report.py SCHEMA WRITE_SAMPLE_REPORT
"""

import base64
import copy
import hashlib
import json
import re
import subprocess
import sys

SKIP = 77

try:
    import schema_files
except ImportError as error:
    print(f"SKIPPED: reports are not validated: {error} ({sys.executable})")
    sys.exit(SKIP)


def broken_versions(report):
    def version(change):
        broken = copy.deepcopy(report)
        change(broken)
        return broken

    yield version(lambda r: r.pop("results"))
    yield version(lambda r: r["results"][0].update(kind="guess"))
    yield version(lambda r: r["results"][0].update(tuned_on="test"))
    yield version(lambda r: r["results"][0]["metrics"].update(accuracy=0.5))
    yield version(lambda r: r["results"][0]["metrics"].update(f1_micro="0.5"))
    yield version(lambda r: r["results"][0].pop("convention"))
    yield version(lambda r: r["results"][0].update(surplus=1))
    yield version(lambda r: r["set_nll"].update(joint="low"))
    yield version(lambda r: r["set_nll_gains"][0].pop("unseen"))
    yield version(lambda r: r["set_nll_gains"][0].update(p_adjusted=-0.5))
    yield version(lambda r: r["set_nll_gains"][0]["all"].update(interval=[0, 1]))
    yield version(lambda r: r["statistics"][0]["test"].update(verdict="worse"))
    yield version(lambda r: r["statistics"][0]["test"].update(p_adjusted=1.5))
    yield version(lambda r: r["dependence"][0]["set_nll"].pop("unseen"))
    yield version(lambda r: r["roc"][0].update(average="weighted"))
    yield version(lambda r: r["graphs"][0].update(counted="samples"))
    yield version(lambda r: r.update(version=2))


def script_is_allowed(page):
    """Whether the policy of an HTML report lets its script run."""
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    if f"script-src 'sha256-{digest}'" in page:
        return True
    print(f"kReportScriptHash is not that of kReportScript, {digest}")
    return False


def main():
    validator = schema_files.validator(sys.argv[1])
    for labels in ("4", "130"):
        output = subprocess.run([sys.argv[2], "json", labels], check=True, capture_output=True)
        report = json.loads(output.stdout.decode("utf-8"), parse_constant=lambda name: sys.exit(f"{name} in JSON"))
        errors = list(validator.iter_errors(report))
        for error in errors:
            print(f"{labels} labels: {error.json_path}: {error.message}")
        if errors:
            return 1
        for number, broken in enumerate(broken_versions(report)):
            if validator.is_valid(broken):
                print(f"broken report {number} passes the schema")
                return 1
    page = subprocess.run([sys.argv[2], "html", "4"], check=True, capture_output=True).stdout.decode("utf-8")
    if not script_is_allowed(page):
        return 1
    print("the reports follow the schema")
    return 0


if __name__ == "__main__":
    sys.exit(main())
