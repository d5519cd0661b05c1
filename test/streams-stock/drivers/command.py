"""The `prefect` command: python command.py events stream."""

import sys

from prefect.cli import app

sys.argv[0] = "prefect"
app()
