"""Runs a deployment of a TypeScript flow and prints what it gave."""

import json

from prefect.deployments import run_deployment

run = run_deployment("ts-doubled/test", parameters={"x": 4, "label": "from Python"}, poll_interval=0.5, timeout=60)
stored = run_deployment("ts-stores/test", parameters={"name": "from Python"}, poll_interval=0.5, timeout=60)
print("STORED " + json.dumps(stored.state.result()))
print("RESULT " + json.dumps({"state": run.state.name, "result": run.state.result()}))
