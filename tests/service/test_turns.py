"""Whose job is next: a tenant with a thousand jobs waiting waits for itself, nobody else for it; on both databases."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from service.app import prepare_storage
from service.settings import Settings

PROGRAM = """
import json, os, threading, time
from service import db
from service.jobs import engine, store
from service.jobs.turns import queued_before
from service.settings import Settings

settings = Settings()
database = db.open_engine(settings.database_url)
client = engine.open_client(settings.database_url)

def submit(connection, tenant, number):
    job_id = f"{tenant}{number}"
    turn = store.create(connection, tenant_id=tenant, job_id=job_id, kind="rebalancing", name="",
                        request_sha256="0", idempotency_key=None)
    engine.enqueue(client, connection, job_id, turn=turn)

def claim(job_id):
    with db.writing(database) as connection:
        store.claim(connection, job_id, executor_id="me")
    ran.append(job_id)
    if len(ran) == 3:
        # While the third of the crowd runs, three newcomers come with one job each, and one with four.
        for tenant, number in (("b", 0), ("c", 0), ("d", 0), ("e", 0), ("e", 1), ("e", 2), ("e", 3)):
            with db.writing(database) as connection:
                submit(connection, tenant, number)
            time.sleep(0.01)
        with db.reading(database) as connection:
            found = store.find(connection, "b0", tenant_id="b", kind="rebalancing")
            positions.append(queued_before(connection, found))
    with db.writing(database) as connection:
        store.abandon(connection, job_id, outcome=engine_gave_up)
    if len(ran) == 24:
        done.set()
        time.sleep(60)

from service.jobs.states import FailureCode, failure
engine_gave_up = failure(FailureCode.ATTEMPTS_EXHAUSTED, "over")
ran, positions, done = [], [], threading.Event()
with db.writing(database) as connection:
    for number in range(1000):
        submit(connection, "a", number)
engine.start_worker(settings.database_url, claim, executor_id="me", poll_s=0.02)
done.wait(60)
print(json.dumps({"ran": ran, "positions": positions}), flush=True)
os._exit(0)
"""


@pytest.fixture
def outcome(tmp_path: Path, db_url: str) -> dict[str, list[str]]:
    prepare_storage(Settings(data_dir=tmp_path, db_url=db_url))
    environment = {
        "EVENFLEET_DATA_DIR": str(tmp_path),
        "EVENFLEET_DB_URL": db_url,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_the_first_jobs_of_others_are_next_and_then_all_take_turns(outcome: dict[str, list[str]]):
    ran = outcome["ran"]
    assert ran[:3] == ["a0", "a1", "a2"]
    assert ran[3:7] == ["b0", "c0", "d0", "e0"], "one after another, before the 997 that wait"
    # One of the crowd and one of the tenant with four take turns, until that one has no more.
    assert ran[7:14] == ["a3", "e1", "a4", "e2", "a5", "e3", "a6"]
    assert ran[14:] == [f"a{number}" for number in range(7, 17)]
    assert outcome["positions"] == [0]
