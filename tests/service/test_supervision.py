"""The supervisor: restarts what dies, keeps the door open meanwhile, leaves nobody behind."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.service.cities import inline_city, long_request
from tests.service.running import API, CHILD, WORKER, RunningService, gone, wait_for


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with RunningService(tmp_path_factory.mktemp("service")) as running:
        yield running


def test_the_api_killed_comes_back_at_the_same_address_while_the_search_goes_on(service: RunningService):
    plan_id = service.submit({"city": inline_city(stations=30, vans=2), "limits": {"seconds": 3}})["id"]
    service.wait_until(plan_id, "solving")
    [api] = service.processes(API)

    api.kill()

    # The supervisor holds the socket: callers wait for the new process instead of being refused.
    plan = wait_for(lambda: _plan_or_none(service, plan_id), within_s=20, what="an answer")
    assert plan["id"] == plan_id
    assert service.wait_until(plan_id, "succeeded")["attempt"] == 1
    [new_api] = service.processes(API)
    assert new_api.pid != api.pid


@pytest.mark.parametrize(
    ("settings", "code", "told"),
    [
        ({"EVENFLEET_PORT": "{port}"}, 1, "choose another --port"),
        ({"EVENFLEET_PORT": "http", "EVENFLEET_GRACE_S": "0"}, 2, "EVENFLEET_GRACE_S is '0'"),
    ],
)
def test_what_keeps_the_service_from_starting_is_told_in_a_sentence(
    service: RunningService, tmp_path: Path, settings: dict[str, str], code: int, told: str
):
    taken = str(service.http.base_url.port)
    environment = {**service.environment, "EVENFLEET_DATA_DIR": str(tmp_path)}
    environment |= {name: value.replace("{port}", taken) for name, value in settings.items()}
    ended = subprocess.run(service.command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == code
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_supervisor_that_is_told_to_stop_leaves_no_process_behind(service: RunningService):
    """The plan goes on with the next start, as after a kill."""
    plan_id = service.submit(long_request())["id"]
    service.wait_until(plan_id, "solving")
    tree = psutil.Process(service.process.pid).children(recursive=True)
    assert {name for process in tree for name in (API, WORKER, CHILD) if name in process.cmdline()} == {
        API,
        WORKER,
        CHILD,
    }

    service.process.send_signal(signal.SIGTERM)

    assert service.process.wait(20) == 0
    wait_for(lambda: all(gone(process) for process in tree), within_s=2, what="every process to be gone")
    service.start()
    # Until a worker has taken it again, the plan is still what it was when everything stopped: solving.
    again = partial(_is_solving_again, service, plan_id)
    wait_for(again, within_s=60, what="the second attempt to search")
    service.http.post(f"/v1/rebalancing-plans/{plan_id}:cancel")
    assert service.wait_until(plan_id, "cancelled")["plan"]["routes"]


def _is_solving_again(service: RunningService, plan_id: str) -> bool:
    plan = service.plan(plan_id)
    return plan["attempt"] == 2 and plan["status"] == "solving"


def test_a_supervisor_that_is_killed_takes_everything_with_it(service: RunningService):
    tree = psutil.Process(service.process.pid).children(recursive=True)
    service.process.kill()
    wait_for(lambda: all(gone(process) for process in tree), within_s=3, what="every process to be gone")
    service.process.wait()


def _plan_or_none(service: RunningService, plan_id: str) -> dict[str, Any] | None:
    try:
        return service.plan(plan_id)
    except httpx.TransportError:  # the connection to the killed process breaks off
        return None
