"""Logs of flows and tasks, read through the client and by the command line."""

import logging

from checks import check, client, equal, eventually, flow_run_of, prefect, run, task_runs_of

from prefect import flow, get_run_logger, task
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId, LogFilterLevel


@task
def talk():
    get_run_logger().warning("a task warns")


@flow(log_prints=True)
def talkative():
    logger = get_run_logger()
    logger.debug("a quiet word")
    logger.info('line one\nline two: öäü 漢字 "quoted"')
    logger.error("something is wrong")
    print("printed text")
    talk()
    for number in range(230):
        logger.info("line number %03d", number)


def main():
    state = talkative(return_state=True)
    stored = flow_run_of(state)
    only = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[stored.id]))

    def everything():
        with client() as api:
            first = api.read_logs(only, limit=200)
            rest = api.read_logs(only, limit=200, offset=200)
        logs = first + rest
        return logs if any("Finished in state" in log.message for log in logs) else None

    logs = eventually(everything, "all logs are stored")
    messages = [log.message for log in logs]
    for text in ['line one\nline two: öäü 漢字 "quoted"', "something is wrong", "printed text", "a task warns"]:
        check(text in messages, f"{text!r} is in the logs")
    numbered = [text for text in messages if text.startswith("line number")]
    equal(numbered, [f"line number {number:03d}" for number in range(230)], "order of the logs")
    stamps = [log.timestamp for log in logs]
    equal(stamps, sorted(stamps), "time order")
    (task_run,) = task_runs_of(stored.id, 1)
    (warning,) = [log for log in logs if log.message == "a task warns"]
    equal((warning.level, warning.task_run_id), (logging.WARNING, task_run.id), "level and task run")
    with client() as api:
        loud = api.read_logs(LogFilter(flow_run_id=only.flow_run_id, level=LogFilterLevel(ge_=logging.ERROR)))
    equal([log.message for log in loud], ["something is wrong"], "filter by level")

    printed = prefect("flow-run", "logs", str(stored.id))
    for text in ["something is wrong", "printed text", "a task warns", "line number 000", "line number 229"]:
        check(text in printed, f"`flow-run logs` prints {text!r}")
    head = prefect("flow-run", "logs", str(stored.id), "--head", "--num-logs", "3")
    equal(len([line for line in head.splitlines() if "| " in line]), 3, "three lines of --head")
    tail = prefect("flow-run", "logs", str(stored.id), "--tail", "--num-logs", "2")
    check("Finished in state" in tail, "the last line of --tail")


if __name__ == "__main__":
    run(main)
