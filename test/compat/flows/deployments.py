"""`run_deployment` waits for the child; `deployment run --watch`; `wait_for_flow_run`; cancellation of a served run."""

import asyncio
import sys
import time

from checks import check, client, equal, eventually, final_state, flow_run_of, in_state, prefect, run, serving

from prefect import flow
from prefect.deployments import run_deployment
from prefect.flow_runs import wait_for_flow_run

NAMES = ["child/compat-child", "sleeper/compat-sleeper"]


@flow(log_prints=True)
def child(number: int = 1):
    print(f"the child has {number}")
    if number < 0:
        raise ValueError("negative")
    return number


def say_cancelled(flow, flow_run, state):
    print("hook: cancelled")


@flow(on_cancellation=[say_cancelled])
def sleeper(seconds: int = 600):
    time.sleep(seconds)


@flow
def parent():
    good = run_deployment(
        NAMES[0], parameters={"number": 5}, poll_interval=1, flow_run_name="good child", tags=["compat-tag"]
    )
    bad = run_deployment(NAMES[0], parameters={"number": -1}, poll_interval=1)
    return good.id, good.state.name, bad.state.name, bad.state.message


def main():
    with serving("deployments.py", *NAMES) as server:
        state = parent(return_state=True)
        identity, good, bad, message = state.result()
        equal((good, bad), ("Completed", "Failed"), "states of the children")
        equal(message, "Flow run encountered an exception: ValueError: negative", "message of the failed child")
        with client() as api:
            stored = api.read_flow_run(identity)
            deployment = api.read_deployment_by_name(NAMES[0])
        equal((stored.name, stored.deployment_id), ("good child", deployment.id), "the child belongs to its deployment")
        check("compat-tag" in stored.tags, "tags of the call")
        with client() as api:
            mirror = api.read_task_run(stored.parent_task_run_id)
        equal(mirror.flow_run_id, flow_run_of(state).id, "the child has a task run in its parent")
        equal(mirror.state_name, "Completed", "the task run follows the child")

        watched = prefect("deployment", "run", NAMES[0], "--param", "number=3", "--watch", "--watch-interval", "1")
        check("Completed" in watched or "finished successfully" in watched, f"--watch tells the end:\n{watched}")
        failed = prefect(
            "deployment", "run", NAMES[0], "--param", "number=-3", "--watch", "--watch-interval", "1", expect=1
        )
        check("Failed" in failed or "failed" in failed, f"--watch tells the failure:\n{failed}")

        started = run_deployment(NAMES[0], parameters={"number": 8}, timeout=0)
        equal(started.state.name, "Scheduled", "timeout=0 returns at once")
        done = asyncio.run(wait_for_flow_run(started.id, timeout=180))
        equal(done.state.name, "Completed", "wait_for_flow_run")

        cancel_one(server)

        text = server.output()
        check("Traceback" not in text.replace("ValueError: negative", "") or "negative" in text, "log of serve()")


def cancel_one(server):
    victim = run_deployment(NAMES[1], timeout=0)
    in_state(victim.id, "Running")
    printed = prefect("flow-run", "cancel", str(victim.id))
    check("successfully scheduled for cancellation" in " ".join(printed.split()), f"`flow-run cancel`:\n{printed}")
    done = final_state(victim.id)
    equal(done.state_name, "Cancelled", "a run that a runner cancels")
    with client() as api:
        names = [item.name for item in api.read_flow_run_states(victim.id)]
    equal(names[-2:], ["Cancelling", "Cancelled"], "states of a cancelled run")
    prefect("flow-run", "cancel", str(victim.id), expect=1)
    eventually(lambda: "hook: cancelled" in server.output(), "the cancellation hook ran")


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        from prefect import serve

        serve(
            child.to_deployment("compat-child"),
            sleeper.to_deployment("compat-sleeper"),
            print_starting_message=False,
        )
    else:
        run(main)
