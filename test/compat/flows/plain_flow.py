"""A plain flow with parameters: its run, its states, its flow and its labels are stored."""

from checks import client, equal, check, flow_run_of, run

from prefect import flow


@flow(name="compat plain", version="v1", flow_run_name="plain for {who}", retries=0)
def plain(who: str, times: int = 2):
    return f"hello {who}" * times


def main():
    state = plain("ada", return_state=True)
    equal(state.result(), "hello adahello ada", "the result in the process")
    stored = flow_run_of(state)
    equal(stored.state_name, "Completed", "state")
    equal(stored.name, "plain for ada", "generated name")
    equal(stored.parameters, {"who": "ada", "times": 2}, "parameters")
    equal(stored.run_count, 1, "run count")
    equal(stored.flow_version, "v1", "flow version")
    check(stored.start_time and stored.end_time and stored.end_time >= stored.start_time, "start and end are stored")
    check(stored.total_run_time.total_seconds() > 0, "total run time is stored")
    with client() as api:
        owner = api.read_flow(stored.flow_id)
        equal(owner.name, "compat plain", "flow name")
        equal(stored.labels.get("prefect.flow.id"), str(owner.id), "label of the flow")
        states = [item.name for item in api.read_flow_run_states(stored.id)]
        equal(states, ["Pending", "Running", "Completed"], "states of the run")
        equal(api.read_flow_by_name("compat plain").id, owner.id, "flow by name")
    again = plain("bob", return_state=True)
    equal(flow_run_of(again).flow_id, stored.flow_id, "the same flow is used again")


if __name__ == "__main__":
    run(main)
