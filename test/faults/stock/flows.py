"""Runs stock flows on command, each in a process of its own.

Reads one JSON object a line: {"round": 1, "processes": 2, "tasks": 100, "pause": 0.05}. Prefect is imported once; every flow
runs in a fork of this process and ends as a script ends. Lines out, JSON each: "flow" for a flow that began, "ran" for a task
whose body began, "answer" for each 2xx answer that makes or moves a run, "gave_up" when the client threw events away, "done"
with the exit code of a flow's process.
"""

import json
import logging
import os
import sys
import time

import httpx
import prefect.events.clients  # noqa: F401
import prefect.flow_engine  # noqa: F401
import prefect.task_engine  # noqa: F401
from prefect import flow, task
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

CREATES = {"/api/flow_runs/", "/api/flows/", "/api/task_runs/"}


def tell(**line):
    os.write(1, (json.dumps(line) + "\n").encode())


def note(response):
    request = response.request
    path = request.url.path
    if request.method != "POST" or response.status_code not in (200, 201):
        return
    if path.endswith("/set_state"):
        answer = response.json()
        tell(answer="state", run=path.split("/")[-2], status=answer["status"], state=(answer["state"] or {}).get("id"))
    elif path in CREATES:
        body = response.json()
        tell(answer="create", kind=path.split("/")[2], run=body["id"], state=(body.get("state") or {}).get("id"))


def listen(client_class):
    """Notes the answers of the stock client, and changes nothing about them."""
    plain = client_class.send

    def send(self, request, *args, **kwargs):
        response = plain(self, request, *args, **kwargs)
        note(response)
        return response

    client_class.send = send


class GivingUp(logging.Handler):
    """A stock client whose first connection breaks between the upgrade and `auth_success` drops all events that wait."""

    def emit(self, record):
        if "pending items" in record.msg:
            tell(gave_up=os.getpid(), message=record.getMessage())


@task
def seed():
    return 1


@task
def step(number, root, pause):
    tell(ran=number, pid=os.getpid())
    time.sleep(pause)
    return number + root


@flow(task_runner=ThreadPoolTaskRunner(max_workers=4))
def wide(count: int, pause: float):
    tell(flow=os.getpid(), run=flow_run.id)
    root = seed.submit()
    futures = [step.submit(number, root, pause) for number in range(count - 1)]
    return sum(future.result() for future in futures)


def main():
    listen(httpx.Client)
    logging.getLogger("prefect._internal.concurrency").addHandler(GivingUp())
    tell(ready=True)
    for line in sys.stdin:
        job = json.loads(line)
        children = []
        for _ in range(job["processes"]):
            child = os.fork()
            if child == 0:
                wide(job["tasks"], job["pause"])
                return
            children.append(child)
        for child in children:
            _, status = os.waitpid(child, 0)
            tell(done=job["round"], pid=child, code=os.waitstatus_to_exitcode(status))


main()
