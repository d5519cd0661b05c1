"""Cached tasks, and results that are persisted and read back through the API's references."""

from datetime import timedelta

from checks import check, client, equal, flow_run_of, run, task_runs_of

from prefect import flow, task
from prefect.cache_policies import INPUTS, NO_CACHE
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

calls = {"keyed": 0, "inputs": 0, "free": 0}


@task(
    cache_key_fn=lambda context, parameters: f"compat-{parameters['number']}",
    cache_expiration=timedelta(hours=1),
    persist_result=True,
)
def keyed(number):
    calls["keyed"] += 1
    return number * 2


@task(cache_policy=INPUTS, persist_result=True)
def inputs(number):
    calls["inputs"] += 1
    return number * 3


@task(cache_policy=NO_CACHE)
def free(number):
    calls["free"] += 1
    return number * 4


@flow(persist_result=True)
def cached(number):
    return {"keyed": keyed(number), "inputs": inputs(number), "free": free(number)}


def main():
    first = cached(5, return_state=True)
    second = cached(5, return_state=True)
    equal(first.result(), {"keyed": 10, "inputs": 15, "free": 20}, "result")
    equal(second.result(), first.result(), "result of the second run")
    equal(calls, {"keyed": 1, "inputs": 1, "free": 2}, "calls")
    stored = flow_run_of(second)
    names = sorted(item.state_name for item in task_runs_of(stored.id, 3))
    equal(names, ["Cached", "Cached", "Completed"], "states of the second run's tasks")

    # As another process would do it: from the stored state alone.
    with client() as api:
        read = api.read_flow_run(stored.id)
    check(read.state.data is not None, "the state holds a reference to the result")
    equal(read.state.result(), {"keyed": 10, "inputs": 15, "free": 20}, "result through the API")
    for task_run in task_runs_of(flow_run_of(first).id, 3):
        if task_run.name.startswith("keyed"):
            equal(task_run.state.result(), 10, "result of a task through the API")
    with client() as api:
        listed = api.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[stored.id])))
        equal(listed[0].state.result(), read.state.result(), "result through a list")


if __name__ == "__main__":
    run(main)
