"""What the scripts of the compatibility suite share.

A script is a stock Prefect program. It speaks to whatever server `PREFECT_API_URL` names, asserts what that server has
stored, and ends with exit code 0, or with a message and exit code 1.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

from prefect.client.orchestration import get_client

HERE = Path(__file__).resolve().parent


class CheckFailed(Exception):
    pass


def check(condition, message):
    if not condition:
        raise CheckFailed(message)


def equal(actual, expected, what):
    check(actual == expected, f"{what}: expected {expected!r}, got {actual!r}")


def eventually(read, what, seconds=60.0, every=0.2):
    """Calls `read` until it gives something true, and returns that. Exceptions count as "not yet"."""
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            value = read()
            if value:
                return value
            last = value
        except Exception as error:
            last = error
        if time.monotonic() > deadline:
            raise CheckFailed(f"not within {seconds} s: {what} (last seen: {last!r})")
        time.sleep(every)


def client():
    return get_client(sync_client=True)


def flow_run_of(state):
    """The stored flow run that a state with details belongs to."""
    with client() as api:
        return api.read_flow_run(state.state_details.flow_run_id)


def task_runs_of(flow_run_id, count, state_type="COMPLETED", seconds=60.0):
    """The task runs of a flow run, as soon as `count` of them are there in a state of the given type."""
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    only = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))

    def read():
        with client() as api:
            runs, page = [], 0
            while True:
                part = api.read_task_runs(flow_run_filter=only, limit=200, offset=page * 200)
                runs += part
                page += 1
                if len(part) < 200:
                    break
        ready = [run for run in runs if state_type is None or (run.state and run.state.type.value == state_type)]
        read.last = [(run.name, run.state_name) for run in runs]
        return runs if len(ready) == count and len(runs) >= count else None

    try:
        return eventually(read, f"{count} task runs in {state_type}", seconds)
    except CheckFailed as error:
        raise CheckFailed(f"{error}; there are {len(read.last)}: {read.last[:20]}") from None


def final_state(flow_run_id, seconds=180.0):
    """Waits by polling until the flow run is in a final state, and returns the run."""

    def read():
        with client() as api:
            run = api.read_flow_run(flow_run_id)
        return run if run.state and run.state.is_final() else None

    return eventually(read, f"a final state of flow run {flow_run_id}", seconds, every=0.5)


def in_state(flow_run_id, name, seconds=180.0):
    def read():
        with client() as api:
            run = api.read_flow_run(flow_run_id)
        read.seen = run.state_name
        return run if run.state_name == name else None

    read.seen = None
    try:
        return eventually(read, f"state {name} of flow run {flow_run_id}", seconds, every=0.3)
    except CheckFailed as error:
        raise CheckFailed(f"{error}; it is {read.seen}") from None


commands = None


def prefect(*arguments, expect=0, seconds=180):
    """Runs the stock command line and returns what it printed. A command that takes longer is ended by SIGALRM: exit code -14."""
    global commands
    if commands is None:
        commands = subprocess.Popen(
            [sys.executable, str(HERE / "commands.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PREFECT_CLI_COLORS": "false", "COLUMNS": "200", "NO_COLOR": "1"},
        )
    commands.stdin.write(json.dumps({"arguments": arguments, "seconds": seconds}) + "\n")
    commands.stdin.flush()
    answer = commands.stdout.readline()
    check(answer, f"the process of the commands ended at `prefect {' '.join(arguments)}`")
    done = json.loads(answer)
    check(
        done["code"] == expect,
        f"`prefect {' '.join(arguments)}` ended with {done['code']}, not {expect}:\n{done['output']}",
    )
    return done["output"]


class Background:
    """A child process (a server of deployments, a worker) whose output is kept."""

    def __init__(self, arguments, label):
        self.label = label
        self.log = Path(os.environ["PREFECT_HOME"]) / f"{label}-{os.getpid()}.log"
        self.file = open(self.log, "w")
        self.process = subprocess.Popen(
            arguments, stdout=self.file, stderr=subprocess.STDOUT, start_new_session=True, env=dict(os.environ)
        )

    def output(self):
        self.file.flush()
        return self.log.read_text()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.file.close()


@contextmanager
def background(arguments, label):
    child = Background(arguments, label)
    try:
        yield child
    except BaseException:
        print(f"--- output of {label} ---\n{child.output()}\n--- end of {label} ---", file=sys.stderr)
        raise
    finally:
        child.stop()


@contextmanager
def serving(script, *deployment_names):
    """Runs `<script> serve` beside this process until the named deployments are polled for."""
    with background([sys.executable, str(HERE / script), "serve"], f"serve-{Path(script).stem}") as child:
        for name in deployment_names:
            with client() as api:
                eventually(
                    lambda: api.read_deployment_by_name(name).status.value == "READY",
                    f"deployment {name} is served",
                    180,
                )
        yield child


def run(main):
    """Runs a script's checks, prints how long they took, and exits."""
    started = time.monotonic()
    try:
        main()
    except CheckFailed as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        sys.exit(1)
    except Exception:
        traceback.print_exc()
        print("FAILED: unexpected error", file=sys.stderr)
        sys.exit(1)
    print(f"ok after {time.monotonic() - started:.1f} s")
