#!/bin/sh
# run_python.sh PYTHON SCRIPT [ARGUMENT]...: runs the script, or skips (77) where PYTHON is missing.
if [ ! -x "$1" ]; then
  echo "SKIPPED: no Python interpreter at $1; set LABELBEAM_PYTHON or LABELBEAM_VENV"
  exit 77
fi
exec "$@"
