"""Runs commands of the stock command line one by one, for `prefect()` in checks.py.

Prefect is imported once, which takes a stock command longer than all the rest; every command runs in a fork of this process
as `python -m prefect` would run it. Reads one JSON object a line: {"arguments": ["flow", "ls"], "seconds": 90}. Answers with
one: its exit code, minus the signal when one ended it, and all that it printed.
"""

import json
import os
import runpy
import signal
import sys
import tempfile

import prefect.cli  # noqa: F401
import prefect.client.orchestration  # noqa: F401
import prefect.flow_engine  # noqa: F401


def become_command(arguments, seconds, out, errors):
    """Does not return: the command ends this process."""
    signal.alarm(seconds)
    with open(os.devnull) as nothing:
        for ours, theirs in [(nothing, 0), (out, 1), (errors, 2)]:
            os.dup2(ours.fileno(), theirs)
    sys.argv = ["prefect", *arguments]
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)
    sys.exit(0)


def main():
    for line in sys.stdin:
        job = json.loads(line)
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
            child = os.fork()
            if child == 0:
                become_command(job["arguments"], job["seconds"], out, errors)
            _, status = os.waitpid(child, 0)
            printed = ""
            for file in (out, errors):
                file.seek(0)
                printed += file.read()
        print(json.dumps({"code": os.waitstatus_to_exitcode(status), "output": printed}), flush=True)


if __name__ == "__main__":
    main()
