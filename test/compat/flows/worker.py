"""A process worker runs a flow that was deployed from a local folder, and cancels another."""

import sys
import time

from checks import HERE, background, check, client, equal, eventually, final_state, in_state, prefect, run

from prefect import flow, get_run_logger
from prefect.deployments import run_deployment

POOL = "compat-pool"


@flow
def worked(number: int = 1):
    get_run_logger().info("worked on %s", number)
    return number


@flow
def endless():
    time.sleep(600)


def deploy(name, **more):
    source = flow.from_source(source=str(HERE), entrypoint=f"worker.py:{name}")
    return source.deploy(
        name=f"compat-{name}", work_pool_name=POOL, build=False, push=False, print_next_steps=False, **more
    )


def main():
    prefect("work-pool", "create", POOL, "--type", "process")
    deploy(
        "worked", parameters={"number": 4}, tags=["compat"], work_queue_name="fast", description="made from a folder"
    )
    deploy("endless")
    with client() as api:
        deployment = api.read_deployment_by_name("worked/compat-worked")
    equal(
        (deployment.work_pool_name, deployment.work_queue_name, deployment.parameters),
        (POOL, "fast", {"number": 4}),
        "the deployment",
    )
    check(deployment.pull_steps, "the deployment has pull steps")
    arguments = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--name", "compat-worker"]
    with background(arguments, "worker") as worker:
        eventually(pool_is_ready, "the pool is ready")
        first = run_deployment("worked/compat-worked", timeout=0)
        second = run_deployment("worked/compat-worked", timeout=0, parameters={"number": 9})
        victim = run_deployment("endless/compat-endless", timeout=0)
        for started in (first, second):
            done = final_state(started.id)
            equal(done.state_name, "Completed", f"state of a run of the worker ({done.state.message})")
        check(done.infrastructure_pid, "the run knows its process")
        equal(done.work_pool_name, POOL, "the run knows its pool")
        equal(done.labels.get("prefect.worker.name"), "compat-worker", "the run knows its worker")
        in_state(victim.id, "Running")
        prefect("flow-run", "cancel", str(victim.id))
        equal(final_state(victim.id).state_name, "Cancelled", "a run that a worker cancels")
        with client() as api:
            (seen,) = api.read_workers_for_work_pool(POOL) if hasattr(api, "read_workers_for_work_pool") else workers()
        equal(seen.name, "compat-worker", "name of the worker")
        check("Traceback" not in worker.output(), "no traceback in the log of the worker")
    prefect("work-pool", "pause", POOL)
    check("paused" in prefect("work-pool", "inspect", POOL).lower(), "`work-pool inspect`")
    prefect("--no-prompt", "work-pool", "delete", POOL)


def workers():
    import asyncio

    from prefect import get_client

    async def read():
        async with get_client() as api:
            return await api.read_workers_for_work_pool(POOL)

    return asyncio.run(read())


def pool_is_ready():
    with client() as api:
        return api.read_work_pool(POOL).status.value == "READY"


if __name__ == "__main__":
    run(main)
