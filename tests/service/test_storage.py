"""Tables, transactions and documents, on both databases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from service import db
from service.app import prepare_storage
from service.jobs import documents, engine, liveness, store
from service.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, db_url: str) -> Settings:
    return Settings(data_dir=tmp_path, db_url=db_url)


@pytest.fixture
def database(settings: Settings) -> Iterator[sa.Engine]:
    prepare_storage(settings)
    opened = db.open_engine(settings.database_url)
    yield opened
    opened.dispose()


def add(connection: sa.Connection, job_id: str, *, tenant_id: str = "default", key: str | None = None) -> None:
    store.create(
        connection,
        tenant_id=tenant_id,
        job_id=job_id,
        kind="rebalancing",
        name="",
        request_sha256="0" * 64,
        idempotency_key=key,
    )


def test_several_processes_may_prepare_a_fresh_database_at_once(settings: Settings, db_url: str):
    program = (
        "from service.app import prepare_storage; from service.settings import Settings; prepare_storage(Settings())"
    )
    environment = {
        "EVENFLEET_DATA_DIR": str(settings.data_dir),
        "EVENFLEET_DB_URL": db_url,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }

    def prepare(_: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(prepare, range(2)):
            assert done.returncode == 0, done.stderr


def test_migrations_make_exactly_the_tables_that_the_code_knows(database: sa.Engine):
    options = {"include_name": lambda name, kind, _: kind != "table" or name in db.metadata.tables}
    with database.connect() as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)


def test_sqlite_runs_in_wal_mode_with_full_sync_and_sound_pages(tmp_path: Path):
    settings = Settings(data_dir=tmp_path)
    prepare_storage(settings)
    database = db.open_engine(settings.database_url)
    with database.connect() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        }
        assert asked == {"journal_mode": "wal", "synchronous": 2}
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    database.dispose()


def test_a_job_that_could_not_be_queued_is_not_accepted_either(database: sa.Engine, settings: Settings):
    client = engine.open_client(settings.database_url)

    def accept_and_fail() -> None:
        with db.writing(database) as connection:
            add(connection, "pln_lost")
            engine.enqueue(client, connection, "pln_lost")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        accept_and_fail()
    assert client.list_workflows() == []
    with db.reading(database) as connection:
        assert store.open_job_ids(connection) == []

    with db.writing(database) as connection:
        add(connection, "pln_kept")
        engine.enqueue(client, connection, "pln_kept")
    assert [(found.workflow_id, found.status) for found in client.list_workflows()] == [("pln_kept", "ENQUEUED")]
    client.destroy()


def test_the_engine_holds_no_request_only_the_id_of_the_job(database: sa.Engine, settings: Settings):
    client = engine.open_client(settings.database_url)
    with db.writing(database) as connection:
        add(connection, "pln_1")
        engine.enqueue(client, connection, "pln_1")
    [workflow] = client.list_workflows()
    assert workflow.input == {"args": ("pln_1",), "kwargs": {}}
    client.destroy()


def test_what_belongs_to_one_tenant_is_nothing_to_another(database: sa.Engine):
    with db.writing(database) as connection:
        add(connection, "pln_a", tenant_id="a", key="k")
        add(connection, "pln_b", tenant_id="b", key="k")
    with db.reading(database) as connection:
        assert store.find(connection, "pln_a", tenant_id="b", kind="rebalancing") is None
        found = store.find_by_key(connection, "k", tenant_id="b", kind="rebalancing")
        assert found is not None
        assert found.id == "pln_b"
        assert [job.id for job in store.page(connection, tenant_id="a", kind="rebalancing", limit=9)] == ["pln_a"]


def test_a_worker_is_alive_until_its_lease_is_over_or_its_process_is_gone(database: sa.Engine):
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        ended.wait()
    liveness.beat(database, "me")
    with db.writing(database) as connection:
        for name, host, pid, age_ms in (
            ("ended here", None, ended.pid, 0),
            ("elsewhere", "other-machine", ended.pid, 0),
            ("silent elsewhere", "other-machine", 1, 31_000),
        ):
            mine = sa.select(db.executor.c.host).where(db.executor.c.id == "me").scalar_subquery()
            connection.execute(
                sa.insert(db.executor).values(
                    id=name, host=host or mine, pid=pid, started_ms=db.now_ms(), beat_ms=db.now_ms() - age_ms
                )
            )
    with db.reading(database) as connection:
        assert liveness.alive(connection, lease_s=30) == {"me", "elsewhere"}
    liveness.leave(database, "me")
    with db.reading(database) as connection:
        assert liveness.alive(connection, lease_s=30) == {"elsewhere"}


def test_a_worker_with_the_number_of_a_dead_one_does_not_keep_that_alive(database: sa.Engine):
    for name in ("before a restart", "after it", "after it"):
        liveness.beat(database, name)
    with db.reading(database) as connection:
        assert liveness.alive(connection, lease_s=30) == {"after it"}


def test_equal_documents_are_kept_once_under_their_content(tmp_path: Path):
    first, second = documents.keep(tmp_path, b"plan"), documents.keep(tmp_path, b"plan")
    assert first == second
    assert documents.place(tmp_path, first).read_bytes() == b"plan"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [documents.place(tmp_path, first)]


def test_sqlite_knows_milliseconds_however_old_it_is(tmp_path: Path):
    """DBOS dates its rows with them on Python 3.12 and newer, whichever SQLite that Python was built against."""
    opened = db.open_engine(f"sqlite:///{tmp_path / 'file.sqlite'}")
    with opened.connect() as connection:
        theirs, ours = connection.execute(sa.select(sa.func.unixepoch("subsec") * 1000, db.now_ms())).one()
    opened.dispose()
    assert abs(theirs - ours) < 2000
