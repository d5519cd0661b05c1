"""`serve()` with a 10 second interval: runs start on time. Prints start minus expected, in seconds, as JSON."""

import json
import os
import sys
import time

from checks import check, client, eventually, run, serving

from prefect import flow
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.sorting import FlowRunSort

NAME = "ticking/compat-ticking"
WANTED = int(os.environ.get("COMPAT_SCHEDULED_RUNS", "3"))


@flow
def ticking():
    return time.time()


def finished():
    with client() as api:
        deployment = api.read_deployment_by_name(NAME)
        # The server is shared with other scripts: only the runs of this one.
        only = FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=[deployment.id]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=["COMPLETED"])),
        )
        runs = api.read_flow_runs(flow_run_filter=only, sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=20)
    return runs if len(runs) >= WANTED else None


def main():
    with serving("schedule.py", NAME) as child:
        runs = eventually(finished, f"{WANTED} scheduled runs are completed", 120 + 12 * WANTED, every=1)
        check("ERROR" not in child.output(), "no error in the log of serve()")
    late = [round((item.start_time - item.expected_start_time).total_seconds(), 3) for item in runs]
    steps = [(b.expected_start_time - a.expected_start_time).total_seconds() for a, b in zip(runs, runs[1:])]
    check(all(step == 10 for step in steps), f"expected times are 10 s apart: {steps}")
    check(all(item.auto_scheduled for item in runs), "the runs are marked as scheduled")
    check(all("auto-scheduled" in item.tags for item in runs), "the runs have the tag of scheduled runs")
    print(json.dumps({"start_minus_expected_seconds": late}))


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        ticking.serve(name="compat-ticking", interval=10, print_starting_message=False)
    else:
        run(main)
