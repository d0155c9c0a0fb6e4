"""A database file that nobody can write any more: told, nothing is damaged, reading and afterwards all work goes on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.service.cities import tiny_request
from tests.service.running import RunningService, wait_for

PLANS = "/v1/rebalancing-plans"


def mark(option: str, *files: Path) -> bool:
    """Set (`+i`) or take (`-i`) what the kernel refuses to write even for root, and through open files as well."""
    if shutil.which("chattr") is None:
        return False
    return subprocess.run(["chattr", option, *map(str, files)], check=False, capture_output=True).returncode == 0


@contextmanager
def read_only(*files: Path) -> Iterator[None]:
    if not mark("+i", *files):
        pytest.skip("nobody may forbid writing here")
    try:
        yield
    finally:
        assert mark("-i", *files)


def test_a_database_that_cannot_be_written_refuses_plans_and_goes_on_when_it_can(tmp_path: Path):
    with RunningService(tmp_path) as service:
        first = service.submit(tiny_request(seed=1))["id"]
        service.wait_until(first, "succeeded")
        before = service.submit(tiny_request(seed=2))["id"]
        database = tmp_path / "data" / "evenfleet.sqlite"
        with read_only(database, database.with_name("evenfleet.sqlite-wal")):
            refused = service.http.post(PLANS, json=tiny_request(seed=3))
            assert refused.status_code in (503, 507), refused.text
            assert refused.json()["code"] in ("unavailable", "storage_full")
            assert int(refused.headers["retry-after"]) > 0
            assert service.http.post(f"{PLANS}/{before}:cancel").status_code in (503, 507)
            assert service.plan(first)["status"] == "succeeded", "reading goes on"

        def accepted() -> str | None:
            answer = service.http.post(PLANS, json=tiny_request(seed=4))
            return answer.json()["id"] if answer.status_code == 202 else None

        # What was accepted before, and what is accepted afterwards; of the refused one nothing is left.
        after = wait_for(accepted, within_s=30, what="a plan to be accepted")
        for plan_id in (before, after):
            service.wait_until(plan_id, "succeeded", within_s=120)
        listed = service.http.get(PLANS).json()["items"]
    assert {plan["id"] for plan in listed} == {first, before, after}
    engine = sa.create_engine(f"sqlite:///{database}", poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    engine.dispose()
