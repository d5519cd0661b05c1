"""A stock emitter that sends good events with others among them: {"good": 20, "bad": true, "big": 1200000}.

The bad one has no resource id, which the client itself would not let a user make; a client of another version may. The big one has a
payload of so many bytes. Tells "emitted" with the ids when all is confirmed.
"""

import asyncio
import json
import os
import sys

from prefect.events import Event
from prefect.events.clients import get_events_client


def tell(**line):
    os.write(1, (json.dumps(line) + "\n").encode())


def tick(number, **payload):
    return Event(event="stock.tick", resource={"prefect.resource.id": "stock.ticker"}, payload={"n": number, **payload})


async def emit(job):
    ids = {"good": [], "bad": None, "big": None}
    async with get_events_client(checkpoint_every=1) as client:
        for number in range(job["good"]):
            if number == job["good"] // 2 and job.get("bad"):
                bad = tick(-1)
                bad.resource.root.pop("prefect.resource.id")
                ids["bad"] = str(bad.id)
                await client.emit(bad)
            if number == job["good"] // 2 and job.get("big"):
                big = tick(-2, padding="x" * job["big"])
                ids["big"] = str(big.id)
                await client.emit(big)
            good = tick(number)
            ids["good"].append(str(good.id))
            await client.emit(good)
    tell(emitted=ids)


tell(ready=True)
for command in sys.stdin:
    asyncio.run(emit(json.loads(command)))
