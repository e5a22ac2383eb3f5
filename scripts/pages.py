"""Shared by the scripts that write tables into pages of docs."""
import pathlib
import sys


def write_between(start, end, lines, file):
    """Replaces what stands between two markers of a page; both must be there."""
    path = pathlib.Path(file)
    before, found_start, rest = path.read_text(encoding="utf-8").partition(start)
    _, found_end, after = rest.partition(end)
    if not found_start or not found_end:
        sys.exit(f"{file}: the markers of the tables are missing: {start} and {end}")
    shown = "\n".join(lines)
    path.write_text(f"{before}{start}\n\n{shown}\n\n{end}{after}", encoding="utf-8")
