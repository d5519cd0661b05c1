"""A deployed flow suspends: its process ends; after resume it runs again and reads its input."""

import sys

from checks import client, equal, final_state, in_state, run, serving

from prefect import flow, suspend_flow_run, task
from prefect.deployments import run_deployment
from prefect.flow_runs import resume_flow_run


@task(persist_result=True)
def before():
    return "kept"


@flow(persist_result=True)
def suspends():
    kept = before()
    number = suspend_flow_run(wait_for_input=int, timeout=120)
    return f"{kept} {number}"


def main():
    with serving("suspend_resume.py", "suspends/compat-suspend"):
        started = run_deployment("suspends/compat-suspend", timeout=0)
        suspended = in_state(started.id, "Suspended")
        equal(suspended.state.state_details.pause_reschedule, True, "pause_reschedule")
        resume_flow_run(started.id, run_input={"value": 42})
        done = final_state(started.id)
        equal(done.state_name, "Completed", "final state")
        equal(done.state.result(), "kept 42", "result")
        with client() as api:
            names = [item.name for item in api.read_flow_run_states(started.id)]
        for name in ["Scheduled", "Pending", "Running", "Suspended", "Resuming", "Completed"]:
            assert name in names, f"{name} is among {names}"
        equal(done.run_count, 1, "to resume is not another run")


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        suspends.serve(name="compat-suspend", print_starting_message=False)
    else:
        run(main)
