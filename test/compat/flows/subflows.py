"""Subflows three deep: each has its own run, and a task run in its parent that follows its states."""

from checks import client, equal, flow_run_of, run, task_runs_of

from prefect import flow, task
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterParentFlowRunId


@task
def leaf(number):
    return number + 1


@flow
def bottom(number):
    return leaf(number)


@flow
def middle(number):
    return bottom(number) + bottom(number + 10)


@flow
def top():
    return middle(1)


@flow
def fails_below():
    raise ValueError("below")


@flow
def fails_above():
    return fails_below(return_state=True)


def children(flow_run_id):
    only = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[flow_run_id]))
    with client() as api:
        return sorted(api.read_flow_runs(flow_run_filter=only), key=lambda item: item.start_time)


def mirror(child):
    with client() as api:
        return api.read_task_run(child.parent_task_run_id)


def main():
    state = top(return_state=True)
    equal(state.result(), 14, "result")
    root = flow_run_of(state)
    (middle_run,) = children(root.id)
    bottom_runs = children(middle_run.id)
    equal(len(bottom_runs), 2, "runs at the bottom")
    for child, parent in [(middle_run, root), (bottom_runs[0], middle_run), (bottom_runs[1], middle_run)]:
        task_run = mirror(child)
        equal(task_run.flow_run_id, parent.id, "the mirror lies in the parent")
        equal(task_run.state_name, "Completed", "the mirror follows")
        equal(task_run.state.state_details.child_flow_run_id, child.id, "the mirror knows its child")
        equal(child.state.state_details.task_run_id, task_run.id, "the child knows its mirror")
        with client() as api:
            names = [item.name for item in api.read_task_run_states(task_run.id)]
        equal(names, ["Pending", "Pending", "Running", "Completed"], "states of the mirror")
    task_runs_of(bottom_runs[0].id, 1)
    equal(children(bottom_runs[0].id), [], "no children below")

    state = fails_above(return_state=True)
    equal(state.name, "Failed", "the parent fails with the child's state")
    (child,) = children(flow_run_of(state).id)
    equal(mirror(child).state.message, "Flow run encountered an exception: ValueError: below", "message of the mirror")


if __name__ == "__main__":
    run(main)
