"""The Python side of call-python.ts: python examples/call_python.py"""

from typing import Literal

from prefect import flow


@flow(persist_result=True, result_serializer="json")
def forecast(city: str, days: int = 3, unit: Literal["celsius", "fahrenheit"] = "celsius") -> list[dict]:
    """
    Tells how warm a city will be.

    Args:
        city: Where.
        days: How many days ahead.
        unit: Of the temperatures.
    """
    warmth = [20 + day for day in range(days)]
    if unit == "fahrenheit":
        warmth = [degrees * 9 / 5 + 32 for degrees in warmth]
    return [{"city": city, "day": day, "degrees": degrees} for day, degrees in enumerate(warmth)]


if __name__ == "__main__":
    forecast.serve(name="prod")
