"""Global concurrency and rate limits, used from inside flows."""

import threading
import time

from checks import check, client, equal, prefect, run

from prefect import flow
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.sync import concurrency, rate_limit

spans = []


@flow
def guarded():
    with concurrency("compat-bridge", occupy=1, timeout_seconds=30):
        started = time.time()
        time.sleep(0.5)
        spans.append((started, time.time()))


@flow
def rated():
    started = time.time()
    for _ in range(3):
        rate_limit("compat-tap")
    return time.time() - started


def main():
    with client() as api:
        api.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name="compat-bridge", limit=1))
        api.create_global_concurrency_limit(
            GlobalConcurrencyLimitCreate(name="compat-tap", limit=1, slot_decay_per_second=2.0)
        )
    threads = [threading.Thread(target=guarded) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    equal(len(spans), 2, "both flows went through")
    first, second = sorted(spans)
    check(second[0] >= first[1] - 0.05, f"one at a time: {spans}")
    seconds = rated()
    check(seconds >= 0.5, f"the rate limit holds back: {seconds:.2f} s")
    check("compat-bridge" in prefect("gcl", "ls"), "`gcl ls`")
    check("compat-bridge" in prefect("gcl", "inspect", "compat-bridge"), "`gcl inspect`")
    with client() as api:
        equal(api.read_global_concurrency_limit_by_name("compat-bridge").active_slots, 0, "slots are given back")
        api.delete_global_concurrency_limit_by_name("compat-bridge")
        api.delete_global_concurrency_limit_by_name("compat-tap")


if __name__ == "__main__":
    run(main)
