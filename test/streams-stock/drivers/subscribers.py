"""Stock subscribers, as a user would write them. Commands come as JSON lines:

{"open": "events", "count": 3, "filter": {…}|null, "attempts": 10}   subscribers of events; tells "open" when each has connected
{"open": "logs", "count": 1}                                          the same of logs
{"open": "wait", "flow_run": "<id>"}                                  `wait_for_flow_run`; tells "waited" when it returns
{"await": 200}       tells "complete" for each subscriber of events as soon as it has this many different numbers
{"report": true}     tells what each got, in order and with repetitions, and why it ended, if it did

Nothing of the client is changed: reconnections are counted by the client's own metrics.
"""

import asyncio
import json
import os
import sys

from prometheus_client import REGISTRY

from prefect.client.schemas.filters import LogFilter
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter
from prefect.flow_runs import wait_for_flow_run
from prefect.logging.clients import get_logs_subscriber


def tell(**line):
    os.write(1, (json.dumps(line) + "\n").encode())


class Driver:
    def __init__(self):
        self.subscribers = []
        self.opened = 0
        self.target = None
        self.tasks = set()

    def start(self, work):
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def follow(self, kind, index, subscriber):
        record = {"index": index, "kind": kind, "got": [], "others": [], "seen": set(), "ended": None, "told": False}
        self.subscribers.append(record)
        try:
            async with subscriber as stream:
                tell(open=index, kind=kind)
                async for item in stream:
                    got = item.payload.get("n") if kind == "events" else item.message
                    if got is None:
                        record["others"].append(str(item.id))
                        continue
                    record["got"].append(got)
                    record["seen"].add(got)
                    self.check(record)
            record["ended"] = "the iteration ended"
        except Exception as error:
            record["ended"] = f"{type(error).__module__}.{type(error).__name__}: {error}"
        tell(ended=index, kind=kind, why=record["ended"])

    def check(self, record):
        if self.target is not None and record["kind"] == "events" and not record["told"] and len(record["seen"]) >= self.target:
            record["told"] = True
            tell(complete=record["index"])

    async def wait(self, flow_run):
        try:
            tell(waiting=flow_run)
            run = await wait_for_flow_run(flow_run)
            tell(waited=flow_run, state=run.state.name)
        except Exception as error:
            tell(waited=flow_run, error=f"{type(error).__name__}: {error}")

    def obey(self, command):
        kind = command.get("open")
        if kind == "wait":
            self.start(self.wait(command["flow_run"]))
        elif kind is not None:
            for _ in range(command.get("count", 1)):
                attempts = command.get("attempts", 10)
                if kind == "events":
                    chosen = EventFilter.model_validate(command["filter"]) if command.get("filter") else None
                    subscriber = get_events_subscriber(filter=chosen, reconnection_attempts=attempts)
                else:
                    subscriber = get_logs_subscriber(filter=LogFilter(), reconnection_attempts=attempts)
                self.start(self.follow(kind, self.opened, subscriber))
                self.opened += 1
        if "await" in command:
            self.target = command["await"]
            for record in self.subscribers:
                self.check(record)
        if "report" in command:
            connections = {
                f"{sample.labels['client']} {sample.labels['connection']}": sample.value
                for metric in REGISTRY.collect()
                for sample in metric.samples
                if sample.name.endswith("_websocket_connections_total") and sample.labels["direction"] == "out"
            }
            plain = [{k: record[k] for k in ("index", "kind", "got", "others", "ended")} for record in self.subscribers]
            tell(report=plain, connections=connections)


async def main():
    driver = Driver()
    tell(ready=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        driver.obey(json.loads(line))


asyncio.run(main())
