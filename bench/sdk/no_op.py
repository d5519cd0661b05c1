"""The same as no-op.ts with the stock client."""

import json
import os
import sys
import time

import httpx
from prefect import flow, task
from prefect.context import get_run_context

TASKS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
api = httpx.Client(base_url=os.environ["PREFECT_API_URL"])


@task(name="no-op")
def no_op(index: int) -> int:
    return index


@flow(name="no-ops")
def main(count: int) -> str:
    for index in range(count):
        no_op(index)
    return str(get_run_context().flow_run.id)


def timed(count: int) -> float:
    start = time.perf_counter()
    flow_run_id = main(count)
    body = {
        "flow_runs": {"id": {"any_": [flow_run_id]}},
        "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
    }
    while count > 0 and api.post("/task_runs/count", json=body).json() < count:
        time.sleep(0.005)
    return (time.perf_counter() - start) * 1000


timed(500)
empty = sorted([timed(0), timed(0), timed(0)])[1]
cpu = time.process_time()
everything = timed(TASKS)
cpu = time.process_time() - cpu
print(json.dumps({"perTaskMs": (everything - empty) / TASKS, "clientCpuPerTaskMs": cpu * 1000 / TASKS, "emptyMs": empty}))
