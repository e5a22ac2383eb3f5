"""What the tests of the scripts' pages share."""
import sys


def check(holds, what):
    if not holds:
        sys.exit(f"does not hold: {what}")
