"""The stock command line against the server. Prints what the commands printed, with ids and times made anonymous."""

import json
import os
import re
import sys

from checks import check, client, eventually, flow_run_of, prefect, run

from prefect import flow
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, WorkPoolCreate


@flow(flow_run_name="compat-run-{number}")
def shown(number: int):
    if number == 2:
        raise ValueError("two")
    return number


MACHINE = ("Python version", "Git commit", "Built", "OS/Arch", "Pydantic version", "SQLite version")


def normalise(text):
    text = text.replace(os.environ["PREFECT_API_URL"], "<api>").replace(os.environ["PREFECT_HOME"], "<home>")
    for pattern, name in [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
        (r"\b[0-9a-f]{32}\b", "<hash>"),
        (r"[^'\" ]*/cli\.py", "<flows>/cli.py"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", "<time>"),
        (r"(datetime\.datetime|DateTime)\((\d+, )+tzinfo=\w+\('UTC'\)\)", "<time>"),
        (r"datetime\.datetime\(.*?\)\)", "<time>"),
        (r"datetime\.timedelta\([^)]*\)", "<span>"),
        (r'("(?:total_run_time|estimated_run_time|estimated_start_time_delta)"): [\d.e-]+', r"\1: <seconds>"),
        (r"http://127\.0\.0\.1:\d+", "<origin>"),
        (r"flow run '[a-z]+-[a-z]+'", "flow run '<name>'"),
        (
            r"((a few|a|\d+) (seconds?|minutes?|hours?)) (ago|from now)|in \d+ \w+|just now|\bnow\b",
            "<moment>",
        ),
    ]:
        text = re.sub(pattern, name, text)
    lines = [re.sub(r"[ \t]+", " ", line.strip()) for line in text.splitlines()]
    lines = [re.sub(r"[━─┏┓┗┛┡┩│┃└┘┌┐├┤╇╈┳┻┬┴┼╭╮╰╯]+", "|", line).strip() for line in lines]
    return [line for line in lines if line.strip("| ") and not line.startswith(MACHINE)]


def main():
    state = [shown(number, return_state=True) for number in (1, 2, 3)][0]
    stored = flow_run_of(state)
    deployment = shown.to_deployment("compat-shown", tags=["compat"], cron="0 6 * * *", description="shown").apply()
    with client() as api:
        api.create_work_pool(WorkPoolCreate(name="compat-cli-pool", type="process", description="a pool"))
        api.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name="compat-cli-limit", limit=3))
    commands = {
        "version": ["version"],
        "config view": ["config", "view"],
        "flow ls": ["flow", "ls"],
        "flow-run ls": ["flow-run", "ls", "--flow-name", "shown", "--state", "Completed"],
        "flow-run ls failed": ["flow-run", "ls", "--state-type", "FAILED"],
        "flow-run inspect": ["flow-run", "inspect", str(stored.id)],
        "flow-run inspect json": ["flow-run", "inspect", str(stored.id), "--output", "json"],
        "deployment ls": ["deployment", "ls"],
        "deployment inspect": ["deployment", "inspect", "shown/compat-shown"],
        "deployment schedule ls": ["deployment", "schedule", "ls", "shown/compat-shown"],
        "deployment run": ["deployment", "run", "shown/compat-shown", "--param", "number=5", "--start-in", "10 hours"],
        "deployment run bad": ["deployment", "run", "shown/compat-none"],
        "deployment run wrong": ["deployment", "run", "shown/compat-shown", "--param", "number=word"],
        "deployment schedule pause": ["deployment", "schedule", "pause", "--all"],
        "work-pool ls": ["work-pool", "ls"],
        "work-pool inspect": ["work-pool", "inspect", "compat-cli-pool"],
        "work-pool preview": ["work-pool", "preview", "compat-cli-pool"],
        "work-queue ls": ["work-queue", "ls", "--pool", "compat-cli-pool"],
        "work-pool set limit": ["work-pool", "set-concurrency-limit", "compat-cli-pool", "4"],
        "work-pool missing": ["work-pool", "inspect", "compat-none"],
        "gcl ls": ["gcl", "ls"],
        "variable set": ["variable", "set", "compat_cli", "five"],
        "variable inspect": ["variable", "inspect", "compat_cli"],
        "automation ls": ["automation", "ls"],
        "flow-run cancel finished": ["flow-run", "cancel", str(stored.id)],
        "flow-run delete": ["--no-prompt", "flow-run", "delete", str(stored.id)],
        "flow-run delete gone": ["--no-prompt", "flow-run", "delete", str(stored.id)],
        "deployment delete": ["--no-prompt", "deployment", "delete", "shown/compat-shown"],
        "work-pool delete": ["--no-prompt", "work-pool", "delete", "compat-cli-pool"],
    }
    failing = {
        "deployment run bad",
        "deployment run wrong",
        "work-pool missing",
        "flow-run cancel finished",
        "flow-run delete gone",
    }
    check(deployment, "the deployment is made")
    eventually(lambda: flow_run_of(state), "the run is stored")
    chosen = sys.argv[1:] or list(commands)
    printed = {}
    for name in chosen:
        printed[name] = normalise(prefect(*commands[name], expect=1 if name in failing else 0))
    path = os.environ.get("COMPAT_CLI_OUTPUT")
    if path:
        with open(path, "w") as file:
            json.dump(printed, file, indent=1)
    check(
        any("compat-run-1" in line for line in printed.get("flow-run ls", ["compat-run-1"])),
        f"`flow-run ls`: {printed.get('flow-run ls')}",
    )
    check(any("compat-shown" in line for line in printed.get("deployment ls", ["compat-shown"])), "`deployment ls`")
    check(any("compat-cli-pool" in line for line in printed.get("work-pool ls", ["compat-cli-pool"])), "`work-pool ls`")


if __name__ == "__main__":
    run(main)
