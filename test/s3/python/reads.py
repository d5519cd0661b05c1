"""Reads the results of flow runs whose ids are given, and a kept result of a task by its cache key, with the stock client."""

import json
import sys

from prefect import flow, task
from prefect.client.orchestration import get_client

with get_client(sync_client=True) as client:
    results = [client.read_flow_run(run_id).state.result() for run_id in sys.argv[1:]]


@task(cache_key_fn=lambda context, arguments: "from-typescript", persist_result=True, result_serializer="json")
def cached() -> str:
    return "computed by Python"


@flow(persist_result=True, result_serializer="json", result_storage="s3-bucket/minio")
def finds() -> str:
    return cached()


print("RESULTS " + json.dumps({"results": results, "cached": finds()}, default=str))
