"""Flows of many submitted tasks: all are stored, with inputs and edges, two seconds after the process has ended.

COMPAT_TASKS (500) tasks in each of COMPAT_FLOWS (1) flows, each flow in a process of its own, all at once.
"""

import json
import os
import subprocess
import sys
import time

from checks import HERE, check, client, equal, run

from prefect import flow, task
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

TASKS = int(os.environ.get("COMPAT_TASKS", "500"))
FLOWS = int(os.environ.get("COMPAT_FLOWS", "1"))
# The recorder of the real server needs longer; the promise is made for Spillway.
SECONDS = float(os.environ.get("COMPAT_STORED_WITHIN_SECONDS", "2"))


@task
def seed():
    return 1


@task
def step(number, root):
    return number + root


@flow
def wide(count: int):
    root = seed.submit()
    futures = [step.submit(number, root) for number in range(count - 1)]
    return sum(future.result() for future in futures)


def stored(flow_run_id):
    only = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
    runs = []
    with client() as api:
        while True:
            part = api.read_task_runs(flow_run_filter=only, limit=200, offset=len(runs))
            runs += part
            if len(part) < 200:
                return runs


def seconds_until_completed(api, flow_run_ids):
    """Counted by the server: reading thousands of runs takes this process longer than the server needs to store them."""
    started = time.monotonic()
    body = {
        "flow_runs": {"id": {"any_": flow_run_ids}},
        "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
    }
    while True:
        count = api._client.post("/task_runs/count", json=body).json()
        waited = time.monotonic() - started
        if count == TASKS * len(flow_run_ids) or waited > SECONDS + 60:
            return waited
        time.sleep(0.05)


def main():
    started = time.monotonic()
    command = [sys.executable, str(HERE / "many_tasks.py"), "flow"]
    children = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(FLOWS)
    ]
    # Made now: a client takes a moment, which is not the server's.
    with client() as api:
        identities = []
        for child in children:
            out, errors = child.communicate(timeout=300)
            check(child.returncode == 0, f"a flow failed:\n{errors[-4000:]}")
            check("Traceback" not in errors and "ERROR" not in errors, f"errors in the log of a flow:\n{errors[-4000:]}")
            identities.append(json.loads(out.splitlines()[-1]))
        flows_seconds = time.monotonic() - started
        waited = seconds_until_completed(api, identities)
    check(waited <= SECONDS, f"stored {waited:.1f} s after the end, not within {SECONDS} s")
    for identity in identities:
        runs = stored(identity)
        equal(len(runs), TASKS, "task runs that are stored")
        equal([item.state_name for item in runs], ["Completed"] * TASKS, "states of the task runs")
        (root,) = [item for item in runs if item.name.startswith("seed")]
        for item in runs:
            if item.id != root.id:
                equal([str(found.id) for found in item.task_inputs["root"]], [str(root.id)], "edge to the root")
        with client() as api:
            graph = api._client.get(f"/flow_runs/{identity}/graph-v2").json()
        equal(len(graph["nodes"]), TASKS, "nodes of the graph")
        children_of_root = next(node for key, node in graph["nodes"] if key == str(root.id))["children"]
        equal(len(children_of_root), TASKS - 1, "edges of the graph")
    print(
        json.dumps(
            {
                "flows": FLOWS,
                "tasks": TASKS,
                "seconds": round(flows_seconds, 1),
                "stored_after_seconds": round(waited, 2),
            }
        )
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["flow"]:
        state = wide(TASKS, return_state=True)
        state.result()
        print(json.dumps(str(state.state_details.flow_run_id)))
    else:
        run(main)
