"""Stock clients that open a stream, keep it for a moment and close it, over and over: python diallers.py <of each kind>.

Three kinds: subscribers of events, subscribers of logs, emitters of events. Every dial is told by what came of it, "ok" or the name
of the exception that the client gave its user. After a line on stdin they stop, and tell "stopped" with the counts.
"""

import asyncio
import json
import os
import sys
from collections import Counter

from prefect.events.clients import get_events_client, get_events_subscriber
from prefect.logging.clients import get_logs_subscriber

KINDS = {"events-out": get_events_subscriber, "logs-out": get_logs_subscriber, "events-in": get_events_client}


def tell(**line):
    os.write(1, (json.dumps(line) + "\n").encode())


async def dial(kind, stop, outcomes):
    while not stop.is_set():
        try:
            async with KINDS[kind]():
                outcome = "ok"
                await asyncio.sleep(0.01)
        except Exception as error:
            outcome = type(error).__name__ if type(error) is not Exception else str(error)
            if outcome not in outcomes[kind]:
                tell(first=outcome, kind=kind, text=str(error)[:300])
            await asyncio.sleep(0.05)
        outcomes[kind][outcome] += 1
        tell(dialled=kind, outcome=outcome)


async def main():
    stop = asyncio.Event()
    outcomes = {kind: Counter() for kind in KINDS}
    dials = [asyncio.create_task(dial(kind, stop, outcomes)) for kind in KINDS for _ in range(int(sys.argv[1]))]
    tell(ready=True)
    await asyncio.to_thread(sys.stdin.readline)
    stop.set()
    await asyncio.gather(*dials)
    tell(stopped=outcomes)


asyncio.run(main())
