"""The same flows as in test/sdk/golden-flows.ts, for the stock client."""

import time
from datetime import timedelta

from prefect import flow, task


@task(name="plain")
def plain(row: list[float]) -> list[float]:
    return [row[0] + 1000.5]


tries = 0


@task(name="retried", retries=2, retry_delay_seconds=0.1)
def retried() -> dict:
    global tries
    tries += 1
    if tries < 2:
        raise ValueError("boom")
    return {"tries": tries}


@task(name="at-once", retries=1)
def at_once() -> None:
    raise ValueError("always")


@task(name="slow", timeout_seconds=0.5)
def slow() -> None:
    time.sleep(1.5)


@task(name="cached", cache_key_fn=lambda *_: "golden-key", persist_result=True, result_serializer="json", cache_expiration=timedelta(hours=1))
def cached() -> dict:
    return {"kept": True}


@task(name="outer")
def outer(row: list[float]) -> list[float]:
    return plain(row)


@task(name="tagged", tags={"b", "a"})
def tagged() -> None:
    pass


@flow(name="golden-child")
def child(row: list[float]) -> list[float]:
    return plain(row)


@flow(name="golden")
def golden() -> str:
    first = plain([1.5])
    plain(first)
    retried()
    at_once(return_state=True)
    slow(return_state=True)
    cached()
    cached()
    plain.map([[1.5], [2.5], [3.5]]).result()
    outer([5.5])
    tagged()
    child([7.5])
    failed = at_once.submit()
    # Which of two threads begins first nobody can say.
    failed.wait()
    plain.submit(failed).wait()
    return "done"


if __name__ == "__main__":
    golden()
