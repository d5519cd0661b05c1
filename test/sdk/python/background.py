"""Background tasks of the stock client: `serve` runs those of TypeScript's `delay`, `delay` leaves one to TypeScript."""

import json
import sys
from datetime import datetime

from prefect import task
from prefect.task_worker import serve


@task(name="py-greets", persist_result=True, result_serializer="json")
def greets(name: str, times: int = 1) -> dict:
    return {"greeting": " ".join(["Hello"] * times + [name])}


@task(name="py-describes", persist_result=True, result_serializer="json")
def describes(when: datetime, ids: set, big: int, sizes: dict) -> dict:
    kinds = [type(value).__name__ for value in (when, ids, big, sizes)]
    return {"kinds": kinds, "when": when, "ids": ids, "bigger": big + 1}


@task(name="ts-doubled", persist_result=True, result_serializer="json")
def doubled(x: int, label: str = "none") -> dict:
    raise NotImplementedError("TypeScript does this")


doubled.task_key = "ts-doubled-key"


@task(name="ts-doubled", persist_result=True)
def pickled(x: int, label: str = "none") -> dict:
    raise NotImplementedError("TypeScript does this")


pickled.task_key = "ts-doubled-key"

if __name__ == "__main__":
    if sys.argv[1] == "serve":
        print(f"KEYS {greets.task_key} {describes.task_key}", flush=True)
        serve(greets, describes)
    else:
        result = doubled.delay(4, label="from Python").result(timeout=60)
        failed = pickled.delay(5)
        failed.wait(timeout=60)
        print("RESULT " + json.dumps({"result": result, "pickled": [failed.state.name, failed.state.message]}))
