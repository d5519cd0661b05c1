"""Prints the schema that the stock client makes of a signature."""

import json
from typing import Literal, Optional

from prefect.utilities.callables import parameter_schema
from pydantic import BaseModel


class Point(BaseModel):
    x: float
    y: float


def load(day: str, level: Literal["a", "b"], where: Point, times: int = 1, note: Optional[str] = None, tags: list[str] = []) -> None: ...


print(json.dumps(parameter_schema(load).model_dump_for_openapi()))
