"""Ten thousand submissions of one tenant, and what another has of that."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx

from tests.bench.serving.house import PLANS, Figure, House, house
from tests.bench.serving.load import Load, put_on, request
from tests.service.cities import tiny_request
from tests.service.running import wait_for

SUBMISSIONS, CONNECTIONS, ASKED = 10_000, 8, 3
LATER_S = 5.0
LOADED_S = 40.0
"""Age at which workers have loaded ahead what nights need."""


def measure(backend: str, share: float) -> Iterator[Figure]:
    """With the quotas that there are by default; jobs of the crowd take seconds, as small nights do."""
    count = max(400, round(share * SUBMISSIONS))
    with house(backend) as served:
        time.sleep(LOADED_S)
        crowd, other = served.key("crowd"), served.key("other")
        alone_s = [waited_s(served, other) for _ in range(1 + ASKED)][1:]
        asked = [request("POST", PLANS, headers=crowd, body=tiny_request(seed=number)) for number in range(count)]
        came: list[Load] = []

        def flood() -> None:
            came.append(put_on(served.address, asked, connections=CONNECTIONS, seconds=900, is_once=True))

        flooding = threading.Thread(target=flood)
        flooding.start()
        time.sleep(2)
        beside_s = [waited_s(served, other) for _ in range(ASKED)]
        flooding.join()
        accepted = served.one("SELECT count(*) AS count FROM job WHERE tenant_id = 'crowd'").count
        is_told = count < SUBMISSIONS or is_refused(served, crowd)
        beside_s += [waited_s(served, other) for _ in range(ASKED)]
    (answered,) = came
    later_s = max(beside_s) - max(alone_s)
    told = ", ".join(f"{number:,} x {status}" for status, number in sorted(answered.statuses.items()))
    is_sound = answered.statuses.keys() <= {"202", "429"} and accepted == answered.statuses.get("202", 0)
    yield Figure(
        what=f"{count:,} submissions of one tenant, {CONNECTIONS} connections",
        target="202 or 429 with Retry-After; a job for each 202",
        figure=f"{told}; {accepted:,} jobs",
        is_met=is_sound and is_told,
    )
    yield Figure(
        what="another tenant's job beside them begins later than alone",
        target=f"<= {LATER_S:.0f} s",
        figure=f"{later_s:.1f} s (alone after {max(alone_s):.1f} s at most, beside after {max(beside_s):.1f} s)",
        is_met=later_s <= LATER_S,
    )


def is_refused(served: House, headers: dict[str, str]) -> bool:
    """Whether the queue of the crowd is full, or soon is, and it is told when to come again."""
    with httpx.Client(base_url=served.address, headers=headers, timeout=60) as client:
        for number in range(100):
            answer = client.post(PLANS, json=tiny_request(seed=number))
            if answer.status_code == 429:
                return int(answer.headers["Retry-After"]) > 0
    return False


def waited_s(served: House, headers: dict[str, str]) -> float:
    """How long a job of this tenant waited for its first attempt, by the database's clock; it has ended then."""
    with httpx.Client(base_url=served.address, headers=headers, timeout=60) as client:
        while True:
            submitted = client.post(PLANS, json=tiny_request(seed=2))
            if submitted.status_code == 202:
                break
            time.sleep(float(submitted.headers["Retry-After"]))
        path = submitted.headers["Location"]

        def ended() -> dict[str, Any] | None:
            plan: dict[str, Any] = client.get(path).raise_for_status().json()
            return plan if plan["status"] == "succeeded" else None

        wait_for(ended, within_s=600, what="the job of the other tenant")
    row = served.one("SELECT started_ms - created_ms AS ms FROM job WHERE id = :id", id=path.split("/")[-1])
    return float(row.ms) / 1000
