"""COMPAT_FLOWS (5) flows, each of which starts COMPAT_CHILDREN (20) deployments at once through one `serve()`."""

import asyncio
import json
import os
import subprocess
import sys
import time

from checks import HERE, check, client, equal, run, serving

from prefect import flow
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.deployments import run_deployment

FLOWS = int(os.environ.get("COMPAT_FLOWS", "5"))
CHILDREN = int(os.environ.get("COMPAT_CHILDREN", "20"))
LIMIT = int(os.environ.get("COMPAT_SERVE_LIMIT", "6"))
NAME = "small/compat-small"


@flow
def small(number: int = 0):
    return number


@flow
async def starts_many():
    calls = [run_deployment(NAME, parameters={"number": number}, poll_interval=2) for number in range(CHILDREN)]
    return [child.state.name for child in await asyncio.gather(*calls)]


def main():
    with serving("fan_out.py", NAME) as server:
        started = time.monotonic()
        command = [sys.executable, str(HERE / "fan_out.py"), "flow"]
        parents = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(FLOWS)
        ]
        for parent in parents:
            out, errors = parent.communicate(timeout=1200)
            check(parent.returncode == 0, f"a parent failed:\n{errors[-4000:]}")
            check(
                "Traceback" not in errors and "| ERROR" not in errors,
                f"errors in the log of a parent:\n{errors[-4000:]}",
            )
            equal(json.loads(out.splitlines()[-1]), ["Completed"] * CHILDREN, "states of the children")
        seconds = time.monotonic() - started
        text = server.output()
        check("Traceback" not in text and "| ERROR" not in text, f"errors in the log of serve():\n{text[-4000:]}")
        only = DeploymentFilter(name=DeploymentFilterName(any_=["compat-small"]))
        with client() as api:
            runs = api.read_flow_runs(deployment_filter=only, limit=200)
        equal(len(runs), FLOWS * CHILDREN, "runs of the deployment")
        waits = sorted((item.start_time - item.expected_start_time).total_seconds() for item in runs)
    print(
        json.dumps(
            {
                "children": len(runs),
                "seconds": round(seconds, 1),
                "seconds_per_child": round(seconds / len(runs), 3),
                "median_wait_seconds": round(waits[len(waits) // 2], 1),
            }
        )
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        small.serve(name="compat-small", limit=LIMIT, print_starting_message=False)
    elif sys.argv[1:] == ["flow"]:
        print(json.dumps(asyncio.run(starts_many())))
    else:
        run(main)
