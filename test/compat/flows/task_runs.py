"""Tasks that are called, submitted and mapped; tagged tasks with and without a limit; their inputs and states."""

import time

from checks import check, client, equal, flow_run_of, run, task_runs_of

from prefect import flow, tags, task, unmapped
from prefect.futures import wait


@task
def add(a, b):
    return a + b


@task(tags=["compat-free"])
def free(number):
    return number


@task(tags=["compat-narrow"], name="narrow one", task_run_name="narrow {number}")
def narrow(number):
    started = time.time()
    time.sleep(0.3)
    return started, time.time()


@flow
def arithmetic():
    first = add(1, 2)
    second = add.submit(first, 3)
    third = add.submit(second, 10, wait_for=[second])
    mapped = add.map([1, 2, 3], unmapped(third))
    return [item.result() for item in mapped]


@flow
def tagged():
    with tags("compat-outer"):
        loose = [free.submit(number) for number in range(4)]
        tight = [narrow.submit(number) for number in range(3)]
    wait(loose)
    return [future.result() for future in tight]


def main():
    state = arithmetic(return_state=True)
    equal(state.result(), [17, 18, 19], "result")
    stored = flow_run_of(state)
    runs = {item.name: item for item in task_runs_of(stored.id, 6)}
    by_key = sorted(runs.values(), key=lambda item: item.start_time)
    equal([item.state_name for item in by_key], ["Completed"] * 6, "states of the tasks")
    equal({item.run_count for item in by_key}, {1}, "run counts")
    check(all(item.name.startswith("add-") for item in by_key), "names of task runs")
    second, third = by_key[1], by_key[2]
    equal(str(third.task_inputs["a"][0].id), str(second.id), "third knows where its input came from")
    equal(str(third.task_inputs["wait_for"][0].id), str(second.id), "third knows what it waited for")
    for mapped in by_key[3:]:
        equal(str(mapped.task_inputs["b"][0].id), str(third.id), "mapped tasks know their shared input")
    with client() as api:
        states = api.read_task_run_states(second.id)
        equal([item.name for item in states], ["Pending", "Running", "Completed"], "states of a task")
        stamps = [item.timestamp for item in states]
        equal(stamps, sorted(stamps), "order of the states")

    with client() as api:
        api.create_concurrency_limit("compat-narrow", 1)
    state = tagged(return_state=True)
    spans = sorted(state.result())
    for earlier, later in zip(spans, spans[1:]):
        check(later[0] >= earlier[1] - 0.05, f"a limit of 1 lets one task run at a time: {spans}")
    runs = task_runs_of(flow_run_of(state).id, 7)
    equal(
        sorted(item.name for item in runs if "compat-narrow" in item.tags),
        ["narrow 0", "narrow 1", "narrow 2"],
        "names",
    )
    check(all("compat-outer" in item.tags for item in runs), "tags of the context are stored")
    with client() as api:
        equal(api.read_concurrency_limit_by_tag("compat-narrow").active_slots, [], "slots are given back")
        api.delete_concurrency_limit_by_tag("compat-narrow")


if __name__ == "__main__":
    run(main)
