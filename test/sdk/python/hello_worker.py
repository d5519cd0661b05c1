from prefect import flow


@flow(name="py-on-a-worker", persist_result=True, result_serializer="json")
def hello(name: str) -> str:
    return f"Hello, {name}!"
