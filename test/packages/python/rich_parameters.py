"""A deployment of the stock client whose parameters are of every kind that pydantic describes."""

from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union

from prefect import flow
from pydantic import BaseModel, Field, SecretStr


class Mode(str, Enum):
    fast = "fast"
    safe = "safe"


class Bucket(BaseModel):
    kind: Literal["bucket"]
    name: str
    path_style: bool = Field(default=False, alias="path-style")


class Folder(BaseModel):
    kind: Literal["folder"]
    path: Path


class Node(BaseModel):
    name: str = Field(description="What it is called.")
    children: list["Node"] = []


@flow(name="rich", description="Takes one of each.", persist_result=True, result_serializer="json")
def rich(
    source: Annotated[Union[Bucket, Folder], Field(discriminator="kind")],
    day: date,
    corner: tuple[int, str],
    mode: Mode = Mode.fast,
    level: Literal[1, 2, "most"] = 1,
    limits: dict[str, int] = {},
    note: Optional[str] = None,
    tree: Optional[Node] = None,
    tags: set[str] = set(),
    patience: timedelta = timedelta(seconds=1),
    anything: Any = None,
) -> dict:
    return {
        "source": f"{type(source).__name__} {source.kind}",
        "day": day.isoformat(),
        "corner": list(corner),
        "mode": mode.name,
        "level": level,
        "limits": limits,
        "note": note,
        "leaves": [child.name for child in tree.children] if tree else [],
        "tags": sorted(tags),
        "patience": patience.total_seconds(),
    }


@flow(name="plain", persist_result=True, result_serializer="json")
def plain(word: str, token: SecretStr) -> str:
    return word


if __name__ == "__main__":
    from prefect import serve

    given = {"word": "done", "token": "not-for-files"}
    serve(rich.to_deployment(name="test"), plain.to_deployment(name="test", parameters=given))
