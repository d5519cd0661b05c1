"""Flows of the stock client that TypeScript calls."""

import sys

from prefect import flow, serve


@flow(name="py-greets", persist_result=True, result_serializer="json")
def greets(name: str, times: int = 1) -> dict:
    return {"greeting": " ".join(["Hello"] * times + [name])}


@flow(name="py-pickles", persist_result=True)
def pickles() -> dict:
    return {"greeting": "only Python reads this"}


@flow(name="py-stores", persist_result=True, result_serializer="json", result_storage="local-file-system/shared")
def stores(name: str) -> dict:
    return {"stored": name}


@flow(name="py-fails")
def fails() -> None:
    raise ValueError("as expected")


if __name__ == "__main__":
    serve(*[one.to_deployment(name="test") for one in (greets, pickles, stores, fails)], limit=4)
