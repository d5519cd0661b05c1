"""Asynchronous flows and tasks, side by side, with an asynchronous client."""

import asyncio

from checks import CheckFailed, equal, run, task_runs_of

from prefect import flow, get_client, task
from prefect.runtime import flow_run


@task
async def nap(number):
    await asyncio.sleep(0.1)
    return number


@flow
async def child(number):
    return await nap(number) + 100


@flow
async def parent():
    futures = [nap.submit(number) for number in range(3)]
    direct = await asyncio.gather(*[nap(number) for number in range(3, 6)])
    below = await asyncio.gather(child(1), child(2))
    return flow_run.id, [item.result() for item in futures] + direct + below


async def check_all():
    identity, values = await parent()
    equal(values, [0, 1, 2, 3, 4, 5, 101, 102], "values")
    async with get_client() as api:
        stored = await api.read_flow_run(identity)
        equal(stored.state_name, "Completed", "state")
        if await api.api_healthcheck():
            raise CheckFailed("the server is not healthy")
        states = await asyncio.gather(*[parent(return_state=True) for _ in range(3)])
    equal([state.name for state in states], ["Completed"] * 3, "three at once")
    return identity


def main():
    identity = asyncio.run(check_all())
    task_runs_of(identity, 8)


if __name__ == "__main__":
    run(main)
