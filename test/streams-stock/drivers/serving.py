"""Two flows: for a worker by their place in this file, and served as they are: python serving.py."""

import os
import time

from prefect import flow, serve


@flow
def endless():
    while True:
        time.sleep(0.2)


@flow
def writes(path: str):
    with open(path, "w") as file:
        file.write(os.environ.get("STOCK_SNAPSHOT", "unset"))


if __name__ == "__main__":
    serve(endless.to_deployment("served"), print_starting_message=False)
