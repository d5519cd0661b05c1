"""The Python side of call-python.ts: python examples/call_python.py"""

from prefect import flow


@flow(persist_result=True, result_serializer="json")
def forecast(city: str, days: int = 3) -> list[dict]:
    return [{"city": city, "day": day, "celsius": 20 + day} for day in range(days)]


if __name__ == "__main__":
    forecast.serve(name="prod")
