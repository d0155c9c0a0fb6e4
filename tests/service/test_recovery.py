"""The contract with the job engine on which recovery rests; to be run again whenever its version changes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from service.app import prepare_storage
from service.settings import Settings

PROGRAM = """
import json, os, time
import sqlalchemy as sa
from dbos import DBOS
from service import db
from service.jobs import engine, liveness, store
from service.settings import Settings

settings = Settings()
database = db.open_engine(settings.database_url)
client = engine.open_client(settings.database_url)
for job_id in ("dead", "cancelled", "alive", "older", "older, dead"):
    with db.writing(database) as connection:
        store.create(connection, tenant_id="default", job_id=job_id, kind="rebalancing", name="",
                     request_sha256="0", idempotency_key=None)
        engine.enqueue(client, connection, job_id)

# As if three workers had claimed a job each; the first two died, and the second's job was cancelled meanwhile.
schema = "dbos." if database.dialect.name == "postgresql" else ""
for job_id, status in (("dead", "PENDING"), ("cancelled", "CANCELLED"), ("alive", "PENDING")):
    with db.writing(database) as connection:
        connection.execute(sa.text(
            f"UPDATE {schema}workflow_status SET status = :status, executor_id = :owner WHERE workflow_uuid = :id"
        ), {"status": status, "owner": "worker of " + job_id, "id": job_id})
# And as if two had been accepted before an upgrade that changed the schema of workflows; one worker of then is dead.
for job_id, status in (("older", "ENQUEUED"), ("older, dead", "PENDING")):
    with db.writing(database) as connection:
        connection.execute(sa.text(
            f"UPDATE {schema}workflow_status SET status = :status, executor_id = :owner, application_version = '0'"
            " WHERE workflow_uuid = :id"
        ), {"status": status, "owner": "worker of older", "id": job_id})
liveness.beat(database, "worker of alive")
with db.writing(database) as connection:
    connection.execute(sa.update(db.executor).values(pid=os.getppid()))

ran = []
engine.start_worker(settings.database_url, ran.append, executor_id="heir", poll_s=0.05)
liveness.beat(database, "heir")
found = sorted(liveness.look_after(database, lease_s=30))
again = sorted(liveness.look_after(database, lease_s=30))
deadline = time.monotonic() + 20
statuses = {}
while len(ran) < 3 and time.monotonic() < deadline:
    time.sleep(0.05)
time.sleep(0.2)
statuses = {one.workflow_id: one.status for one in DBOS.list_workflows()}
with db.reading(database) as connection:
    given_up = store.find(connection, "cancelled", tenant_id="default", kind="rebalancing").error["code"]
print(json.dumps({"found": found, "ran": sorted(ran), "statuses": statuses, "given_up": given_up}), flush=True)
os._exit(0)
"""


STRAYS = """
import json, os, threading
import sqlalchemy as sa
from dbos import DBOS
from service import db
from service.jobs import engine, liveness, store
from service.settings import Settings

settings = Settings()
database = db.open_engine(settings.database_url)
client = engine.open_client(settings.database_url)
ran, has_run = [], threading.Event()

def run(job_id):
    ran.append(job_id)
    has_run.set()

engine.start_worker(settings.database_url, run, executor_id="mine", poll_s=0.05)
schema = "dbos." if database.dialect.name == "postgresql" else ""
# The engine claimed all but one for us or another worker, and the database went away before it had read what they are.
claimed = {"stray": ("PENDING", "mine"), "running": ("PENDING", "mine"), "cancelled": ("CANCELLED", "mine"),
           "theirs": ("PENDING", "theirs")}
for job_id, (status, owner) in claimed.items():
    with db.writing(database) as connection:
        store.create(connection, tenant_id="default", job_id=job_id, kind="rebalancing", name="",
                     request_sha256="0", idempotency_key=None)
        engine.enqueue(client, connection, job_id)
        connection.execute(sa.text(
            f"UPDATE {schema}workflow_status SET status = :status, executor_id = :owner WHERE workflow_uuid = :id"
        ), {"status": status, "owner": owner, "id": job_id})
first = liveness.put_back_strays(database, "mine", running={"running"}, seen=set())
ran_at_first = list(ran)
second = liveness.put_back_strays(database, "mine", running={"running"}, seen=first)
has_run.wait(20)
statuses = {one.workflow_id: one.status for one in DBOS.list_workflows() if one.workflow_id != "stray"}
print(json.dumps({"first": sorted(first), "ran_at_first": ran_at_first, "second": sorted(second), "ran": ran,
                  "statuses": statuses}), flush=True)
os._exit(0)
"""


WORKER = """
import json, os, threading
import sqlalchemy as sa
from dbos._sys_db import SystemDatabase
from service import db
from service.jobs import attempt, engine, store, worker
from service.settings import Settings

settings = Settings(beat_s=0.05, poll_s=0.05, drain_s=1)
database = db.open_engine(settings.database_url)
client = engine.open_client(settings.database_url)
with db.writing(database) as connection:
    store.create(connection, tenant_id="default", job_id="stray", kind="rebalancing", name="",
                 request_sha256="0", idempotency_key=None)
    engine.enqueue(client, connection, "stray")

# The engine claims the job; then the database is away for both of the engine's tries to read it, and is back.
read, refused = SystemDatabase.get_workflow_statuses, []

def read_later(self, job_ids):
    if not job_ids or len(refused) == 2:
        return read(self, job_ids)
    refused.append(job_ids)
    raise sa.exc.OperationalError("SELECT", {}, Exception("away"))

SystemDatabase.get_workflow_statuses = read_later
ran, stop = [], threading.Event()

def run(runner, job_id):
    ran.append(job_id)
    stop.set()

attempt.run = run
threading.Timer(20, stop.set).start()
worker.work(settings, database, stop, command=("none",))
print(json.dumps({"refused": refused, "ran": ran}), flush=True)
os._exit(0)
"""


@pytest.fixture
def outcome(tmp_path: Path, db_url: str) -> dict[str, object]:
    return told_by(PROGRAM, tmp_path, db_url)


def told_by(program: str, tmp_path: Path, db_url: str) -> dict[str, object]:
    """What a program prints at last, beside a database of its own."""
    settings = Settings(data_dir=tmp_path, db_url=db_url)
    prepare_storage(settings)
    # In a process of its own: the engine is one per process.
    environment = {
        "EVENFLEET_DATA_DIR": str(tmp_path),
        "EVENFLEET_DB_URL": db_url,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_recovery_takes_from_the_dead_alone_and_revives_nothing(outcome: dict[str, object]):
    assert outcome["found"] == ["worker of dead", "worker of older"]
    assert outcome["ran"] == ["dead", "older", "older, dead"]
    assert outcome["statuses"] == {
        "dead": "SUCCESS",
        "cancelled": "CANCELLED",
        "alive": "PENDING",
        "older": "SUCCESS",
        "older, dead": "SUCCESS",
    }
    # The engine will never run this one; a job that is still open then is ended rather than left waiting for ever.
    assert outcome["given_up"] == "attempts_exhausted"


def test_a_job_that_was_claimed_and_never_begun_is_queued_again(tmp_path: Path, db_url: str):
    told = told_by(STRAYS, tmp_path, db_url)
    assert (told["first"], told["ran_at_first"]) == (["stray"], [])  # It may be about to begin.
    assert (told["second"], told["ran"]) == ([], ["stray"])
    assert told["statuses"] == {"running": "PENDING", "cancelled": "CANCELLED", "theirs": "PENDING"}


def test_a_worker_queues_again_what_its_engine_claimed_and_could_not_read(tmp_path: Path, db_url: str):
    told = told_by(WORKER, tmp_path, db_url)
    assert told == {"refused": [["stray"], ["stray"]], "ran": ["stray"]}
