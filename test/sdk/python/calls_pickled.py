"""The stock client calls a Python deployment whose result is pickled, which it reads."""

import json

from prefect.deployments import run_deployment

run = run_deployment("py-pickles/test", poll_interval=0.5, timeout=60)
print("RESULT " + json.dumps({"state": run.state.name, "result": run.state.result()}))
