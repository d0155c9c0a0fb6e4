"""A disk that is full, in a mount of its own: told as 507, nothing is damaged, work goes on afterwards."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.service.cities import tiny_request
from tests.service.running import RunningService, wait_for

ROOM_MB = 24
ENTER = ["unshare", "--user", "--mount", "--map-root-user"]


def may_mount() -> bool:
    return bool(shutil.which("unshare")) and subprocess.run([*ENTER, "true"], check=False).returncode == 0


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    running = RunningService(tmp_path, least_free_mb="1")
    (tmp_path / "data").mkdir()
    mount = f'mount -t tmpfs -o size={ROOM_MB}m tmpfs {tmp_path / "data"} && exec "$@"'
    running.command = [*ENTER, "sh", "-c", mount, "sh", *running.command]
    with running:
        yield running


def fill(folder: Path) -> Path:
    """Take all the room there is."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return path


def submit(service: RunningService, seed: int) -> Any:
    return service.http.post("/v1/rebalancing-plans", json=tiny_request(seed=seed))


@pytest.mark.skipif(not may_mount(), reason="nobody may mount here")
def test_a_full_disk_refuses_plans_keeps_those_it_has_and_recovers(service: RunningService):
    disk = Path(f"/proc/{service.process.pid}/root{service.folder}/data")
    first = submit(service, 1).json()["id"]
    service.wait_until(first, "succeeded")
    before = submit(service, 2).json()["id"]
    filler = fill(disk)

    refused = submit(service, 3)
    assert refused.status_code == 507, refused.text
    assert refused.json()["code"] == "storage_full"
    assert refused.headers["retry-after"]
    assert service.plan(first)["status"] == "succeeded", "reading goes on"
    ready = service.http.get("/readyz")
    assert (ready.status_code, [error["code"] for error in ready.json()["errors"]]) == (503, ["disk_full"])

    filler.unlink()
    # The one that was accepted before the disk was full, and one after.
    service.wait_until(before, "succeeded")
    after = wait_for(lambda: accepted(service), within_s=10, what="a plan to be accepted")
    service.wait_until(after, "succeeded")
    assert len(service.http.get("/v1/rebalancing-plans").json()["items"]) == 3

    database = sa.create_engine(f"sqlite:///{disk / 'evenfleet.sqlite'}", poolclass=sa.NullPool)
    with database.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert not list((disk / "documents").rglob("*.partial"))
    assert os.access(disk, os.W_OK)


@pytest.mark.skipif(not may_mount(), reason="nobody may mount here")
def test_a_city_that_there_is_no_room_to_unpack_is_no_bad_zip(service: RunningService):
    disk = Path(f"/proc/{service.process.pid}/root{service.folder}/data")
    filler = fill(disk)
    with filler.open("r+b") as file:
        file.truncate(filler.stat().st_size - 4_000_000)

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("city.toml", "id = 'mycity'\n")
        # 12 MB of which each kilobyte comes 60 times, so that it is zipped to a fiftieth.
        archive.writestr("history/trips.csv", b"".join(60 * random.randbytes(1_000) for _ in range(200)))

    def bring() -> httpx.Response:
        kind = {"Content-Type": "application/zip"}
        return service.http.put("/v1/cities/mycity", content=packed.getvalue(), headers=kind)

    refused = bring()
    assert (refused.status_code, refused.json()["code"]) == (507, "storage_full"), refused.text
    assert refused.headers["retry-after"]

    filler.unlink()
    answer = bring()
    assert answer.status_code == 422, "its city.toml says hardly anything"
    assert {error["code"] for error in answer.json()["errors"]}.isdisjoint({"not_zip", "city_too_heavy"})


def accepted(service: RunningService) -> str | None:
    answer = submit(service, 4)
    return answer.json()["id"] if answer.status_code == 202 else None
