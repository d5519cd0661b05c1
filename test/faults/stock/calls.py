"""Makes calls with the stock client on command, all on one client.

Reads one JSON object a line: {"call": 1, "times": 10}. Lines out, JSON each: "answer" for each answer that was no 2xx, with the
headers that the client decides by, "done" with the number of calls that came through, "failed" for each that raised.
"""

import asyncio
import json
import os
import sys

import httpx
from prefect.client.orchestration import get_client


def tell(**line):
    os.write(1, (json.dumps(line) + "\n").encode())


plain = httpx.AsyncClient.send


async def send(self, request, *args, **kwargs):
    response = await plain(self, request, *args, **kwargs)
    if response.status_code >= 300:
        headers = response.headers
        tell(
            answer=response.status_code,
            retry_after=headers.get("retry-after"),
            maintenance=headers.get("prefect-maintenance"),
        )
    return response


httpx.AsyncClient.send = send


async def one(client, call, number):
    try:
        await client.create_flow_from_name(f"call-{call}-{number}")
        return True
    except Exception as error:
        tell(failed=call, error=repr(error))
        return False


async def main():
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with get_client() as client:
        await client.api_healthcheck()
        tell(ready=True)
        while line := await lines.readline():
            command = json.loads(line)
            calls = [one(client, command["call"], number) for number in range(command["times"])]
            tell(done=command["call"], through=sum(await asyncio.gather(*calls)))


asyncio.run(main())
