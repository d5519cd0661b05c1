"""A stock parent flow that starts {"count": 30} runs of a deployment at once and waits for each on the event stream.

Tells "done" with how often each state, or exception, was the end of a child, and how long the parent took.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter

from prefect import flow
from prefect.deployments import run_deployment
from prefect.flow_runs import wait_for_flow_run


def tell(**line):
    os.write(1, (json.dumps(line) + "\n").encode())


async def child(deployment, number):
    try:
        run = await run_deployment(deployment, parameters={"number": number}, timeout=0)
        done = await wait_for_flow_run(run.id, timeout=300)
        return done.state.name
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@flow
async def parent(deployment: str, count: int):
    return Counter(await asyncio.gather(*[child(deployment, number) for number in range(count)]))


def main():
    tell(ready=True)
    for line in sys.stdin:
        count = json.loads(line)["count"]
        started = time.monotonic()
        ends = asyncio.run(parent(sys.argv[1], count))
        tell(done=count, ends=ends, seconds=time.monotonic() - started)


main()
