"""Stock event emitters, each with its own socket: python emitters.py <first> <count> <events a second each>.

Every second one asks for confirmation each 20 events, the others each 700, as stock clients do by default. Lines out: "connected"
for each emitter; after a line on stdin they stop emitting, wait until everything is confirmed, and tell how much they "emitted".
"""

import asyncio
import json
import os
import sys

from prefect.events import Event
from prefect.events.clients import RETRYABLE_EXCEPTIONS, get_events_client


def tell(**line):
    os.write(1, (json.dumps(line) + "\n").encode())


async def emitter(number, pause, stop):
    count = 0
    async with get_events_client(checkpoint_every=20 if number % 2 else 700) as client:
        tell(connected=number)
        while not stop.is_set():
            event = Event(event="stall.tick", resource={"prefect.resource.id": f"stall.emitter.{number}"}, payload={"n": count})
            count += 1
            try:
                await client.emit(event)
            except Exception as error:
                # As the client's own worker does: the event stays among the unconfirmed ones and goes out with the next.
                tell(failed=number, error=repr(error), unconfirmed=len(client._unconfirmed_events))
            await asyncio.sleep(pause)
        while client._unconfirmed_events:
            try:
                await client._force_checkpoint()
            except RETRYABLE_EXCEPTIONS:
                await client._reconnect()
            except AssertionError:  # Its periodic confirmation is just reconnecting.
                await asyncio.sleep(pause)
        tell(emitter=number, emitted=count)


async def main():
    first, count, per_second = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    stop = asyncio.Event()
    emitters = [asyncio.create_task(emitter(first + n, 1 / per_second, stop)) for n in range(count)]
    await asyncio.to_thread(sys.stdin.readline)
    stop.set()
    await asyncio.gather(*emitters)


asyncio.run(main())
