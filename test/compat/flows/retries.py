"""Retries of flows and tasks, with delays."""

import time

from checks import check, client, equal, flow_run_of, run, task_runs_of

from prefect import flow, task

attempts = {"flow": 0, "task": 0, "never": 0}


@task(retries=2, retry_delay_seconds=[0.2, 0.4])
def shaky():
    attempts["task"] += 1
    if attempts["task"] < 3:
        raise ValueError(f"attempt {attempts['task']}")
    return "third time"


@task(retries=1, retry_condition_fn=lambda task, run, state: False)
def hopeless():
    attempts["never"] += 1
    raise ValueError("no use")


@flow(retries=1, retry_delay_seconds=0.5)
def shaky_flow():
    attempts["flow"] += 1
    value = shaky()
    if attempts["flow"] < 2:
        raise RuntimeError("the first run of the flow fails")
    return value


@flow
def hopeless_flow():
    return hopeless(return_state=True)


def main():
    started = time.monotonic()
    state = shaky_flow(return_state=True)
    equal(state.result(), "third time", "result")
    check(time.monotonic() - started >= 1.1, "delays are kept")
    stored = flow_run_of(state)
    equal(stored.run_count, 2, "run count of the flow")
    equal((stored.empirical_policy.retries, stored.empirical_policy.retry_delay), (1, 0), "policy of the flow")
    with client() as api:
        names = [item.name for item in api.read_flow_run_states(stored.id)]
    equal(names, ["Pending", "Running", "AwaitingRetry", "Running", "Completed"], "states of the flow run")
    runs = sorted(task_runs_of(stored.id, 2, None), key=lambda item: item.start_time)
    with client() as api:
        names = [item.name for item in api.read_task_run_states(runs[0].id)]
    equal(
        names,
        ["Pending", "Running", "AwaitingRetry", "Retrying", "AwaitingRetry", "Retrying", "Completed"],
        "states of the task run",
    )
    equal(runs[0].run_count, 3, "run count of the task")

    failed = hopeless_flow(return_state=True)
    equal(failed.name, "Failed", "a task whose condition says no is not retried")
    equal(attempts["never"], 1, "attempts")
    equal(task_runs_of(flow_run_of(failed).id, 1, "FAILED")[0].run_count, 1, "run count")


if __name__ == "__main__":
    run(main)
