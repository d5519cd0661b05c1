"""Background tasks as users write them: python background.py serve <limit>, or python background.py submit.

The served side tells "ran" when a task's body begins; the body ends when a file, the gate, is there. The submitting side takes
{"submit": 20, "gate": "<path>"} and tells "submitted" for each task that it has handed over by `.delay()`.
"""

import json
import os
import sys
import time

from prefect import task
from prefect.task_worker import serve


def tell(**line):
    os.write(1, (json.dumps(line) + "\n").encode())


@task
def record(number: int, gate: str):
    tell(ran=number)
    while not os.path.exists(gate):
        time.sleep(0.05)
    time.sleep(0.2)
    return number


def submit():
    tell(ready=True)
    number = 0
    for line in sys.stdin:
        job = json.loads(line)
        for _ in range(job["submit"]):
            future = record.delay(number, job["gate"])
            tell(submitted=number, id=str(future.task_run_id))
            number += 1


if sys.argv[1] == "submit":
    submit()
else:
    tell(ready=True)
    serve(record, limit=int(sys.argv[2]))
