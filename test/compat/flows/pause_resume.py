"""A flow that pauses in its process, for a while and for input, and is resumed through the API."""

import threading

from checks import check, client, equal, eventually, in_state, run

from prefect import flow, pause_flow_run
from prefect.flow_runs import resume_flow_run
from prefect.input import RunInput
from prefect.runtime import flow_run

seen = {}


class Answer(RunInput):
    depth: int
    note: str = "none"


@flow
def asks():
    seen["id"] = flow_run.id
    pause_flow_run(timeout=60, poll_interval=1, key="first")
    answer = pause_flow_run(
        wait_for_input=Answer.with_initial_data(description="How deep?", note="as usual"), timeout=60, poll_interval=1
    )
    seen["answer"] = answer
    return answer.depth


@flow
def waits_in_vain():
    pause_flow_run(timeout=2, poll_interval=1)


def main():
    result = {}

    def work():
        result["state"] = asks(return_state=True)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    identity = eventually(lambda: seen.get("id"), "the flow runs")
    paused = in_state(identity, "Paused")
    equal(paused.state.state_details.pause_key, "first", "key of the pause")
    resume_flow_run(identity)

    def asked():
        with client() as api:
            current = api.read_flow_run(identity)
        return current if current.state_name == "Paused" and current.state.state_details.run_input_keyset else None

    paused = eventually(asked, "the flow asks for input")
    try:
        resume_flow_run(identity, run_input={"depth": "very"})
        check(False, "input of the wrong type is refused")
    except Exception as error:
        check("depth" in str(error) or "Reason" in str(error), f"message for wrong input: {error}")
    equal(in_state(identity, "Paused", 5).id, paused.id, "still paused")
    resume_flow_run(identity, run_input={"depth": 7, "note": "given"})
    thread.join(60)
    check("state" in result, "the flow went on")
    equal(result["state"].result(), 7, "result")
    equal((seen["answer"].depth, seen["answer"].note), (7, "given"), "the answer")
    with client() as api:
        names = [item.name for item in api.read_flow_run_states(identity)]
    equal(names, ["Pending", "Running", "Paused", "Running", "Paused", "Running", "Completed"], "states")

    state = waits_in_vain(return_state=True)
    equal(state.name, "Failed", "a pause that nobody ends")
    # Who notices first, the flow or the server's own service, decides about the rest of the message.
    check("never resumed" in state.message, f"message of a pause that nobody ends: {state.message}")


if __name__ == "__main__":
    run(main)
