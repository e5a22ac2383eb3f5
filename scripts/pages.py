"""Shared by the scripts that store figures and write tables into pages of docs."""
import pathlib
import sys


def without_places(manifest):
    """A manifest without the places of files on the machine of the run."""
    config = manifest.get("config", {})
    config["vectors"] = [pathlib.Path(name).name for name in config.get("vectors", [])]
    manifest.pop("options", None)
    for file in manifest.get("inputs", []):
        file["path"] = pathlib.Path(file["path"]).name
    return manifest


def write_between(start, end, lines, file):
    """Replaces what stands between two markers of a page; both must be there."""
    path = pathlib.Path(file)
    before, found_start, rest = path.read_text(encoding="utf-8").partition(start)
    _, found_end, after = rest.partition(end)
    if not found_start or not found_end:
        sys.exit(f"{file}: the markers of the tables are missing: {start} and {end}")
    shown = "\n".join(lines)
    path.write_text(f"{before}{start}\n\n{shown}\n\n{end}{after}", encoding="utf-8")
