from prefect import flow, task

from greeting import GREETING  # Beside this file: the run has to start in its folder.


@task
def greet(name: str) -> str:
    return f"{GREETING}, {name}!"


@flow(name="py-hello", log_prints=True)
def hello(name: str = "dam") -> str:
    print(greet(name))
