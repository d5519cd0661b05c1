"""Failures, time-outs, crashes and hand-made states: the final state and its message are what the client computed."""

import time

from checks import check, client, equal, flow_run_of, run, task_runs_of

from prefect import allow_failure, flow, task
from prefect.states import Cancelled, Completed, Failed


@task
def broken():
    raise ValueError("the pump is dry")


@task(timeout_seconds=0.5)
def slow_task():
    time.sleep(5)


@task
def after(_):
    return "still here"


@flow
def failing():
    broken()


@flow
def depends():
    future = broken.submit()
    skipped = after.submit(future)
    excused = after.submit(allow_failure(future))
    skipped.wait()
    return excused.result()


@flow(timeout_seconds=1)
def slow_flow():
    for _ in range(100):
        time.sleep(0.05)


@flow
def slow_inside():
    slow_task()


@flow
def by_hand(kind: str):
    if kind == "failed":
        return Failed(message="by hand")
    if kind == "named":
        return Completed(message="nothing to do", name="Skipped")
    return Cancelled(message="called off")


@flow
def several():
    return [Completed(message="one"), Failed(message="two")]


@flow
def crashing():
    raise KeyboardInterrupt()


@flow
def typed(number: int):
    return number


def outcome(state):
    stored = flow_run_of(state)
    return stored.state.type.value, stored.state.name, stored.state.message


def main():
    state = failing(return_state=True)
    equal(
        outcome(state),
        ("FAILED", "Failed", "Flow run encountered an exception: ValueError: the pump is dry"),
        "a failing task fails its flow",
    )
    task_run = task_runs_of(flow_run_of(state).id, 1, "FAILED")[0]
    equal(
        task_run.state.message, "Task run encountered an exception ValueError: the pump is dry", "message of the task"
    )

    state = depends(return_state=True)
    equal(state.result(), "still here", "allow_failure")
    names = sorted(item.state_name for item in task_runs_of(flow_run_of(state).id, 3, None))
    equal(names, ["Completed", "Failed", "NotReady"], "states of dependent tasks")

    kind, name, message = outcome(slow_flow(return_state=True))
    equal((kind, name), ("FAILED", "TimedOut"), "time-out of a flow")
    check("1.0 second" in message, f"message of the time-out: {message}")
    state = slow_inside(return_state=True)
    equal(outcome(state)[:2], ("FAILED", "TimedOut"), "a task's time-out is the flow's too")
    equal(task_runs_of(flow_run_of(state).id, 1, "FAILED")[0].state_name, "TimedOut", "time-out of a task")

    equal(outcome(by_hand("failed", return_state=True)), ("FAILED", "Failed", "by hand"), "state by hand")
    equal(outcome(by_hand("named", return_state=True)), ("COMPLETED", "Skipped", "nothing to do"), "named state")
    equal(outcome(by_hand("off", return_state=True)), ("CANCELLED", "Cancelled", "called off"), "cancelled by hand")
    equal(outcome(several(return_state=True)), ("FAILED", "Failed", "1/2 states failed."), "several states")

    try:
        crashing()
        check(False, "the interrupt should come through")
    except KeyboardInterrupt:
        pass
    with client() as api:
        from prefect.client.schemas.filters import FlowFilter, FlowFilterName

        crashed = api.read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=["crashing"])))
    equal([item.state_name for item in crashed], ["Crashed"], "an interrupted flow run")

    state = typed("not a number", return_state=True)
    equal(outcome(state)[0], "FAILED", "wrong parameters")
    check("validation" in outcome(state)[2].lower(), f"message: {outcome(state)[2]}")


if __name__ == "__main__":
    run(main)
