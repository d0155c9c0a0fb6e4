"""Runs of a siting study on a real Dask cluster with TLS, whose workers and scheduler are killed meanwhile."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from optimiser.siting.sensitivity import parts_of
from service import db
from service.jobs import attempt, documents, engine, part_store, parts, store
from service.jobs.states import Job, State
from service.settings import Settings
from service.siter import StudyRequest, study_run
from service.storage import retention
from tests.service.dask_cluster import DaskCluster, write_certificates
from tests.service.running import wait_for
from tests.siting_folders import inline_document

REQUEST = {
    "city": inline_document(),
    "wishes": {"budget": 105},
    "limits": {"seconds": None, "rounds": 50, "seed": 3},
    "sensitivity": True,
}
RUNS = 20


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[DaskCluster]:
    (tmp_path / "cluster").mkdir()
    made = DaskCluster(tmp_path / "cluster")
    try:
        yield made
    finally:
        made.stop()


def make_runner(folder: Path, **settings: Any) -> attempt.Runner:
    made = Settings(data_dir=folder, db_url="", poll_s=0.05, **settings)
    database = db.open_engine(made.database_url)
    db.migrate(database)
    return attempt.Runner(engine=database, settings=made, executor_id="me")


def add_study(runner: attempt.Runner, request: dict[str, Any]) -> str:
    sha256 = documents.keep(runner.settings.documents_dir, json.dumps(request).encode())
    with db.writing(runner.engine) as connection:
        more = {"tenant_id": "default", "kind": "siting", "name": "", "idempotency_key": None}
        store.create(connection, job_id="std_1", request_sha256=sha256, **more)
    return "std_1"


def look(runner: attempt.Runner) -> tuple[Job, dict[str, Any]]:
    with db.reading(runner.engine) as connection:
        found = store.find_with_files(connection, "std_1", tenant_id="default", kind="siting")
    assert found is not None
    job, files = found
    if files is None:
        return job, {}
    return job, json.loads(documents.place(runner.settings.documents_dir, files["study.json"]).read_bytes())


def kept(runner: attempt.Runner) -> dict[str, str]:
    with db.reading(runner.engine) as connection:
        return part_store.kept(connection, "std_1")


def undisturbed(folder: Path) -> dict[str, Any]:
    runner = make_runner(folder)
    attempt.run(runner, add_study(runner, REQUEST))
    job, study = look(runner)
    assert job.state is State.SUCCEEDED, job.error
    assert kept(runner) == {}
    return study


def begin(runner: attempt.Runner) -> threading.Thread:
    working = threading.Thread(target=attempt.run, args=(runner, "std_1"), daemon=True)
    working.start()
    return working


def at_least(count: int, among: Callable[[], Any]) -> None:
    wait_for(lambda: len(among()) >= count, within_s=120, what=f"{count} parts")


def keep_some(runner: attempt.Runner) -> None:
    """What an attempt has left whose worker died: of each thing that is varied, three runs of five."""
    asked = StudyRequest.model_validate(REQUEST)
    sha256 = look(runner)[0].request_sha256
    with db.writing(runner.engine) as connection:
        claimed = store.claim(connection, "std_1", executor_id="dead")
        assert claimed is not None
        for part in parts_of(3):
            run = study_run(asked, part, cache_dir=runner.settings.cache_dir, should_stop=None)
            told = {"varied": part.varied, "number": part.number}
            key = parts.hash_of(told, request_sha256=sha256, city_version=None)
            assert part_store.keep(connection, "std_1", key, attempt=1, result=parts.dump_run(run))
            assert not part_store.keep(connection, "std_1", key, attempt=1, result="another"), "the first one stays"


def test_our_worker_one_of_the_cluster_and_its_scheduler_die_and_the_study_is_the_same(
    tmp_path: Path, cluster: DaskCluster
):
    runner = make_runner(tmp_path / "there", **cluster.settings)
    add_study(runner, REQUEST)
    keep_some(runner)
    cluster.start_worker()
    cluster.start_worker()
    working = begin(runner)

    at_least(13, lambda: kept(runner))
    cluster.workers[0].kill()
    at_least(15, lambda: kept(runner))
    cluster.scheduler.kill()
    cluster.scheduler.wait(30)
    cluster.workers[1].kill()
    finished, begun = kept(runner), cluster.said("part_started")
    cluster.start_scheduler()
    cluster.start_worker()
    cluster.start_worker()
    working.join(480)
    assert not working.is_alive()

    job, study = look(runner)
    assert (job.state, job.attempt) == (State.SUCCEEDED, 2), job.error
    expected = undisturbed(tmp_path / "here")
    assert {**study, "elapsed_s": 0.0} == {**expected, "elapsed_s": 0.0}
    assert len(kept(runner)) == RUNS
    with db.reading(runner.engine) as connection:
        rows = connection.execute(sa.select(db.job_part.c.sha256, db.job_part.c.attempt)).all()
    by_attempt = {row.sha256: row.attempt for row in rows}
    assert sorted(by_attempt.values()) == [1] * 12 + [2] * 8
    assert not {sha256 for sha256, attempt in by_attempt.items() if attempt == 1} & set(begun)
    again = cluster.said("part_started")[len(begun) :]
    assert again
    assert not finished.keys() & set(again), "what had been finished is not made again"

    engine.prepare(runner.settings.database_url)
    with db.writing(runner.engine) as connection:
        connection.execute(db.job.update().values(finished_ms=0))
    retention.sweep(runner.engine, runner.settings.model_copy(update={"retain_days": 1.0}))
    assert kept(runner) == {}, "parts go with their job"


def test_cancelling_reaches_parts_that_run(tmp_path: Path, cluster: DaskCluster):
    runner = make_runner(tmp_path / "there", **cluster.settings)
    cluster.start_worker()
    add_study(runner, {"city": "paris-8e", "limits": {"seconds": 600}, "sensitivity": True})
    working = begin(runner)
    at_least(1, lambda: cluster.said("part_started"))
    worker = psutil.Process(cluster.workers[0].pid)
    wait_for(worker.children, within_s=20, what="a solver child")
    with db.writing(runner.engine) as connection:
        store.cancel(connection, "std_1")
    wait_for(lambda: not worker.children(), within_s=8, what="the end of the solver child")
    working.join(20)
    assert not working.is_alive()
    assert look(runner)[0].state is State.CANCELLED
    assert cluster.said("part_made") == []
    assert not list(cluster.folder.glob("evenfleet-part-*"))


def test_without_the_right_certificate_nothing_goes_out_and_all_is_made_here(tmp_path: Path, cluster: DaskCluster):
    cluster.start_worker()
    foreign = {**cluster.settings, **write_certificates(tmp_path / "foreign")}
    runner = make_runner(tmp_path / "there", **foreign, dask_patience_s=0.0)
    attempt.run(runner, add_study(runner, REQUEST))
    job, study = look(runner)
    assert job.state is State.SUCCEEDED, job.error
    assert study["sensitivity"] == undisturbed(tmp_path / "here")["sensitivity"]
    assert (kept(runner), cluster.said("part_started")) == ({}, [])


@pytest.mark.parametrize(
    "address",
    ["tcp://10.0.0.5:8786", "tcp://cluster:8786", "tls://cluster:8786", "http://127.0.0.1:8786", "tcp://127.0.0.1"],
)
def test_a_cluster_that_anybody_could_talk_to_is_refused(address: str):
    with pytest.raises(ValidationError, match="EVENFLEET_DASK"):
        Settings(dask=address)


def test_a_cluster_on_this_machine_needs_no_certificates():
    assert Settings(dask="tcp://127.0.0.1:8786").dask
