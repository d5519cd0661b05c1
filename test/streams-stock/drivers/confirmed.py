"""Stock emitters that tell what they hold for stored: python confirmed.py <first> <count> <events a second each>.

Half of them ask for confirmation after each 10 events, half each 2 s: the client's two ways, by turns, since at the same time they get into
each other's way. "confirmed" tells the first number that an emitter does not hold for confirmed yet; after a line on stdin they
stop, wait until everything is confirmed, and tell how much they "emitted".
"""

import asyncio
import json
import os
import sys
import time

from prefect.events import Event
from prefect.events.clients import RETRYABLE_EXCEPTIONS, get_events_client


def tell(**line):
    os.write(1, (json.dumps(line) + "\n").encode())


async def emitter(number, pause, stop):
    count, told, asked = 0, 0, time.monotonic()
    by_count = number % 2 == 1
    async with get_events_client(checkpoint_every=10 if by_count else 10**9, checkpoint_interval=10**9) as client:
        tell(connected=number)

        def tell_confirmed():
            nonlocal told
            confirmed = min((event.payload["n"] for event in client._unconfirmed_events), default=count)
            if confirmed > told:
                told = confirmed
                tell(emitter=number, confirmed=confirmed)

        while not stop.is_set():
            event = Event(event="stock.tick", resource={"prefect.resource.id": f"stock.emitter.{number}"}, payload={"n": count})
            count += 1
            try:
                await client.emit(event)
                if not by_count and time.monotonic() > asked + 2:
                    asked = time.monotonic()
                    await client._force_checkpoint()
                tell_confirmed()
            except Exception as error:
                # As the client's own worker does: the event stays among the unconfirmed ones and goes out with the next.
                tell(failed=number, error=repr(error))
            await asyncio.sleep(pause)
        while client._unconfirmed_events:
            try:
                await client._force_checkpoint()
            except (*RETRYABLE_EXCEPTIONS, AssertionError):
                await client._reconnect()
        tell(emitter=number, emitted=count)


async def main():
    first, count, per_second = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    stop = asyncio.Event()
    emitters = [asyncio.create_task(emitter(first + n, 1 / per_second, stop)) for n in range(count)]
    await asyncio.to_thread(sys.stdin.readline)
    stop.set()
    await asyncio.gather(*emitters)


asyncio.run(main())
