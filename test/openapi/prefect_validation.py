"""Reads {"operation", "body"} objects, one a line, and prints what Prefect's API makes of each body, before any handler runs."""

import asyncio
import json
import re
import sys

from fastapi.dependencies.utils import request_body_to_args
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic_core import to_jsonable_python

from prefect.server.api.server import create_app


def routes(router):
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from routes(route.original_router)
        elif hasattr(route, "routes"):
            yield from routes(route)


def plain(value):
    if hasattr(value, "model_dump"):
        value = value.model_dump(mode="json")
    return to_jsonable_python(value, timedelta_mode="float", fallback=str)


def body_fields(dependant):
    """Fields in the order in which they are looked at: those of dependencies first."""
    fields = [field for inner in dependant.dependencies for field in body_fields(inner)]
    return fields + dependant.body_params


async def judge(route, body):
    fields = body_fields(route.dependant)
    embedded = route._embed_body_fields
    values, errors = await request_body_to_args(
        body_fields=fields, received_body=body, embed_body_fields=embedded
    )
    if errors:
        return {"errors": jsonable_encoder(RequestValidationError(errors).errors())}
    if embedded:
        return {"value": {field.alias: plain(values[field.name]) for field in fields}}
    return {"value": plain(values[fields[0].name])}


async def main():
    api = next(r.app for r in create_app().routes if getattr(r, "path", None) == "/api")
    known = {}
    for route in routes(api):
        path = re.sub(r":\w+}", "}", route.path)
        for method in route.methods:
            known[f"{method} {path}"] = route
    for line in sys.stdin:
        case = json.loads(line)
        try:
            answer = await judge(known[case["operation"]], case["body"])
        except Exception as error:
            answer = {"raised": type(error).__name__}
        print(json.dumps(answer, default=str))


asyncio.run(main())
