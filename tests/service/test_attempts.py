"""One attempt at a job, whatever its child does; on both databases."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from service import db
from service.jobs import attempt, documents, journal, store
from service.jobs.states import Job, Outcome, State
from service.settings import Settings
from tests.service.children import solver_child
from tests.service.cities import inline_city, tiny_request
from tests.service.running import wait_for

STANDIN = (sys.executable, str(Path(__file__).with_name("standin_child.py")))


@pytest.fixture
def runner(tmp_path: Path, db_url: str) -> Iterator[attempt.Runner]:
    settings = Settings(data_dir=tmp_path, db_url=db_url, poll_s=0.05, grace_s=0.5)
    engine = db.open_engine(settings.database_url)
    db.migrate(engine)
    yield attempt.Runner(engine=engine, settings=settings, executor_id="me", command=STANDIN)
    engine.dispose()


def add_job(runner: attempt.Runner, request: dict[str, Any], *, kind: str = "rebalancing") -> str:
    sha256 = documents.keep(runner.settings.documents_dir, json.dumps(request).encode())
    with db.writing(runner.engine) as connection:
        store.create(
            connection,
            tenant_id="default",
            job_id="pln_1",
            kind=kind,
            name="",
            request_sha256=sha256,
            idempotency_key=None,
        )
    return "pln_1"


def look(runner: attempt.Runner, job_id: str, *, kind: str = "rebalancing") -> tuple[Job, dict[str, str] | None]:
    with db.reading(runner.engine) as connection:
        found = store.find_with_files(connection, job_id, tenant_id="default", kind=kind)
    assert found is not None
    return found


def claim(runner: attempt.Runner, job_id: str, executor_id: str) -> int:
    with db.writing(runner.engine) as connection:
        job = store.claim(connection, job_id, executor_id=executor_id)
    assert job is not None
    return job.attempt


def finish(runner: attempt.Runner, job_id: str, number: int, state: State = State.SUCCEEDED) -> bool:
    with db.writing(runner.engine) as connection:
        outcome = Outcome(state=state, files={"plan.json": f"of {number}"}, stop_reason="optimal")
        return store.finish(connection, job_id, attempt=number, outcome=outcome)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("segfault", "solver_crashed"),
        ("closes its pipe and stays", "solver_crashed"),
        ("no result", "bad_result"),
        ("half a result", "bad_result"),
        ("truncated plan", "bad_result"),
        ("infinite objective", "bad_result"),
        ("out of memory", "out_of_memory"),
        ("cpu limit", "cpu_limit"),
    ],
)
def test_a_child_that_fails_fails_its_job_with_a_code_of_its_own(runner: attempt.Runner, fault: str, code: str):
    job_id = add_job(runner, {"fault": fault})
    attempt.run(runner, job_id)
    job, files = look(runner, job_id)
    assert job.state is State.FAILED
    assert job.error is not None
    assert job.error["code"] == code
    assert files is None
    assert not list(runner.settings.attempts_dir.glob("*"))


def test_noise_on_the_pipe_neither_hurts_nor_hides_progress(runner: attempt.Runner):
    job_id = add_job(runner, {"fault": "garbage on the pipe"})
    attempt.run(runner, job_id)
    job, files = look(runner, job_id)
    assert job.state is State.SUCCEEDED
    assert job.progress == {"elapsed_s": 0.1, "objective": 2.0, "best_bound": 1.0, "gap": 0.5}
    assert files is not None


def test_a_result_is_kept_though_its_child_is_slow_to_end(runner: attempt.Runner):
    job_id = add_job(runner, {"fault": "leaves its result and stays"})
    attempt.run(runner, job_id)
    job, files = look(runner, job_id)
    assert (job.state, files is not None) == (State.SUCCEEDED, True)
    assert not [child for child in psutil.Process().children() if "standin_child.py" in " ".join(child.cmdline())]


def test_a_child_that_never_ends_is_ended(runner: attempt.Runner):
    impatient = replace(runner, settings=runner.settings.model_copy(update={"solver_wall_s": 0.5}))
    job_id = add_job(runner, {"fault": "deaf"})
    attempt.run(impatient, job_id)
    assert (look(runner, job_id)[0].error or {})["code"] == "solver_timeout"


def cancelled_while_solving(
    runner: attempt.Runner, fault: str, *, kind: str = "rebalancing"
) -> tuple[Job, dict[str, str] | None]:
    job_id = add_job(runner, {"fault": fault}, kind=kind)
    working = threading.Thread(target=attempt.run, args=(runner, job_id))
    working.start()
    wait_for(lambda: look(runner, job_id, kind=kind)[0].state is State.SOLVING, within_s=20, what="the child to speak")
    with db.writing(runner.engine) as connection:
        store.cancel(connection, job_id)
    working.join(20)
    assert not working.is_alive()
    return look(runner, job_id, kind=kind)


def test_a_child_that_ignores_the_wish_to_stop_is_killed_after_the_grace(runner: attempt.Runner):
    job, files = cancelled_while_solving(runner, "deaf")
    assert (job.state, job.stop_reason, files) == (State.CANCELLED, "cancelled", None)
    assert not [child for child in psutil.Process().children() if "standin_child.py" in " ".join(child.cmdline())]


def test_a_study_has_a_grace_of_its_own(runner: attempt.Runner):
    # Of any other job no child would live to leave anything.
    hasty = replace(runner, settings=runner.settings.model_copy(update={"grace_s": 1e-9, "study_grace_s": 600.0}))
    job, files = cancelled_while_solving(hasty, "ends when asked", kind="siting")
    assert (job.state, job.stop_reason, files is not None) == (State.CANCELLED, "cancelled", True)


def test_a_result_that_is_there_when_the_grace_is_over_is_kept(runner: attempt.Runner):
    job, files = cancelled_while_solving(runner, "leaves its result and hears nothing")
    assert (job.state, job.stop_reason, files is not None) == (State.CANCELLED, "cancelled", True)


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the kernel tells no waiting times")
def test_time_without_a_processor_is_no_grace(tmp_path: Path):
    """A child that shares one processor with busy processes has a quarter of it, and so more than the grace."""
    core = {min(os.sched_getaffinity(0))}
    others = [psutil.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    child = solver_child(tmp_path, {"fault": "busy"}, command=STANDIN)
    try:
        wait_for(lambda: child.progress(wait_s=0.1)[0], within_s=60, what="the child to speak")
        for pid in (child.process.pid, *(busy.pid for busy in others)):
            os.sched_setaffinity(pid, core)
        assert not child.is_overdue(grace_s=0.0)
        child.interrupt()
        told_s = time.monotonic()
        wait_for(lambda: child.is_overdue(grace_s=0.25), within_s=60, what="the grace to end")
        assert time.monotonic() - told_s > 1.2 * 0.25
    finally:
        child.kill()
        for busy in others:
            busy.kill()
            busy.wait()


def test_a_job_that_has_found_nothing_yet_is_cancelled_without_waiting_for_it(runner: attempt.Runner):
    patient = replace(runner, settings=runner.settings.model_copy(update={"grace_s": 600.0}))
    job_id = add_job(runner, {"fault": "silent"})
    working = threading.Thread(target=attempt.run, args=(patient, job_id))
    working.start()
    wait_for(lambda: list(runner.settings.attempts_dir.glob("*/request.json")), within_s=20, what="the child to start")
    with db.writing(runner.engine) as connection:
        store.cancel(connection, job_id)
    working.join(60)
    assert not working.is_alive()
    job, files = look(runner, job_id)
    assert (job.state, job.stop_reason, files) == (State.CANCELLED, "cancelled", None)


def test_the_result_of_a_worker_given_up_for_dead_is_refused(runner: attempt.Runner):
    job_id = add_job(runner, {"fault": "none"})
    zombie = claim(runner, job_id, "zombie")
    heir = claim(runner, job_id, "heir")
    assert (zombie, heir) == (1, 2)

    assert not finish(runner, job_id, zombie)
    with db.writing(runner.engine) as connection:
        assert not store.record_progress(connection, job_id, attempt=zombie, progress={})
        assert not store.record_solving(connection, job_id, attempt=zombie)
    assert finish(runner, job_id, heir)
    assert not finish(runner, job_id, heir), "nothing is recorded twice"
    assert not finish(runner, job_id, zombie, State.CANCELLED)

    job, files = look(runner, job_id)
    assert (job.state, job.attempt, files) == (State.SUCCEEDED, 2, {"plan.json": "of 2"})
    with db.reading(runner.engine) as connection:
        kinds = [event.kind for event in journal.events_after(connection, job_id, seq=0)]
        recorded = connection.execute(sa.select(sa.func.count()).select_from(db.job_result)).scalar()
    assert kinds == ["status", "status", "status", "end"]
    assert recorded == 1


def test_a_worker_that_is_disowned_in_the_middle_stops_its_child_and_records_nothing(runner: attempt.Runner):
    job_id = add_job(runner, {"fault": "deaf"})
    working = threading.Thread(target=attempt.run, args=(runner, job_id))
    working.start()
    wait_for(lambda: look(runner, job_id)[0].state is State.SOLVING, within_s=20, what="the child to speak")
    heir = claim(runner, job_id, "heir")
    working.join(20)
    assert not working.is_alive()
    assert look(runner, job_id)[0].state is State.PREPARING
    assert finish(runner, job_id, heir)


def test_a_job_whose_worker_died_every_time_is_given_up(runner: attempt.Runner):
    job_id = add_job(runner, {"fault": "none"})
    for number in range(1, runner.settings.max_attempts + 1):
        assert claim(runner, job_id, f"dead {number}") == number
    attempt.run(runner, job_id)
    job, _ = look(runner, job_id)
    assert job.state is State.FAILED
    assert (job.error or {})["code"] == "attempts_exhausted"


def test_a_wish_to_stop_outlives_the_worker_that_should_have_heard_it(runner: attempt.Runner):
    job_id = add_job(runner, {"fault": "none"})
    claim(runner, job_id, "dead")
    with db.writing(runner.engine) as connection:
        store.cancel(connection, job_id)
    attempt.run(runner, job_id)
    assert look(runner, job_id)[0].state is State.CANCELLED


def test_a_final_job_is_not_begun_again(runner: attempt.Runner):
    job_id = add_job(runner, {"fault": "none"})
    with db.writing(runner.engine) as connection:
        store.cancel(connection, job_id)
    attempt.run(runner, job_id)
    job, _ = look(runner, job_id)
    assert (job.state, job.attempt) == (State.CANCELLED, 0)


def test_the_real_child_stays_within_its_memory(tmp_path: Path):
    # The real child with a search that wants 1 GiB at once where half of that is allowed.
    greedy = (
        "import pathlib, sys; from service.jobs import child; child.RUN['rebalancing'] = lambda *_: bytearray(2**30)"
    )
    command = (sys.executable, "-c", greedy + "; sys.exit(child.main(pathlib.Path(sys.argv[1])))")
    runner = replace(real_runner(tmp_path, solver_memory_mb=512), command=command)
    job_id = add_job(runner, tiny_request())
    attempt.run(runner, job_id)
    job, files = look(runner, job_id)
    assert (job.state, files) == (State.FAILED, None)
    assert (job.error or {})["code"] == "out_of_memory"


def test_the_real_child_reports_input_it_cannot_plan_with_findings(tmp_path: Path):
    runner = real_runner(tmp_path)
    job_id = add_job(runner, {"city": {**inline_city(), "streets": "nowhere"}})
    attempt.run(runner, job_id)
    job, _ = look(runner, job_id)
    assert job.state is State.INVALID
    assert job.error is not None
    assert job.error["code"] == "invalid_input"
    assert [finding["code"] for finding in job.error["findings"]] == ["unknown_streets"]


def test_the_real_child_sees_no_secret_of_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EVENFLEET_DB_URL", "postgresql://somebody:secret@nowhere/x")
    runner = real_runner(tmp_path)
    dump = (
        sys.executable,
        "-c",
        "import os, pathlib, sys; (pathlib.Path(sys.argv[1]).parents[1] / 'seen').write_text(repr(dict(os.environ)))",
    )
    attempt.run(replace(runner, command=dump), add_job(runner, {}))
    assert "secret" not in (tmp_path / "seen").read_text()


def real_runner(folder: Path, **settings: Any) -> attempt.Runner:
    made = Settings(data_dir=folder, db_url="", poll_s=0.05, **settings)
    engine = db.open_engine(made.database_url)
    db.migrate(engine)
    return attempt.Runner(engine=engine, settings=made, executor_id="me")
