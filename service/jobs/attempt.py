"""One attempt at one job: claim it, run a solver child, follow it, record how it ended, once."""

from __future__ import annotations

import errno
import json
import math
import os
import secrets
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from service.db import persist, reading, writing
from service.errors import NO_ROOM
from service.jobs import child, documents, solver, store
from service.jobs.fan_out import FanOut
from service.jobs.forking import ForkServer
from service.jobs.kinds import KINDS, SITING, JobKind
from service.jobs.states import FailureCode, Job, Outcome, State, failure
from service.settings import Settings

log = structlog.get_logger()

PROGRESS_EVERY_S = 0.5
NO_ROOM_PATIENCE_S, NO_ROOM_PAUSE_S = 900.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """What every attempt of this worker needs."""

    engine: sa.Engine
    settings: Settings
    executor_id: str
    command: tuple[str, ...] = solver.COMMAND
    forks: ForkServer | None = None


class Disowned(Exception):
    """Another worker has taken the job over; whatever we have is not wanted any more."""


def run(runner: Runner, job_id: str) -> None:
    """Make one attempt at the job; returns when the outcome is recorded, or is not ours to record."""
    claimed = persist(lambda: _claim(runner, job_id))
    if claimed is None:
        return
    logger = log.bind(job_id=job_id, attempt=claimed.attempt)
    folder = runner.settings.attempts_dir / f"{job_id}.{claimed.attempt}.{secrets.token_hex(4)}"
    try:
        outcome = _attempt_with_room(runner, claimed, folder)
        recorded = persist(lambda: _finish(runner, claimed, outcome))
    except Disowned:
        recorded = False
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if recorded:
        # The code alone: findings hold values of the request.
        code = outcome.error["code"] if outcome.error else None
        logger.info("job_ended", state=outcome.state, stop_reason=outcome.stop_reason, error=code)
    else:
        logger.warning("attempt_disowned")


def _claim(runner: Runner, job_id: str) -> Job | None:
    with writing(runner.engine) as connection:
        return store.claim(connection, job_id, executor_id=runner.executor_id)


def _finish(runner: Runner, job: Job, outcome: Outcome) -> bool:
    with writing(runner.engine) as connection:
        return store.finish(connection, job.id, attempt=job.attempt, outcome=outcome)


def _attempt_with_room(runner: Runner, job: Job, folder: Path) -> Outcome:
    """An attempt, made anew while the disk is full: a job must not fail for that, nor wait for ever."""
    deadline = time.monotonic() + NO_ROOM_PATIENCE_S
    while True:
        try:
            return _attempt(runner, job, folder)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            log.error("storage_full", job_id=job.id, attempt=job.attempt)
        shutil.rmtree(folder, ignore_errors=True)
        if persist(lambda: _is_cancel_requested(runner, job)):
            return Outcome(state=State.CANCELLED, stop_reason="cancelled")
        if time.monotonic() > deadline:
            return failure(FailureCode.STORAGE_FULL, f"no room to work in for {NO_ROOM_PATIENCE_S:g} s")
        time.sleep(NO_ROOM_PAUSE_S)


def _attempt(runner: Runner, job: Job, folder: Path) -> Outcome:
    settings = runner.settings
    if job.cancel_requested_ms is not None:
        return Outcome(state=State.CANCELLED, stop_reason="cancelled")
    if job.attempt > settings.max_attempts:
        return failure(FailureCode.ATTEMPTS_EXHAUSTED, f"the worker died in each of {settings.max_attempts} attempts")
    for left_over in settings.attempts_dir.glob(f"{job.id}.*"):
        shutil.rmtree(left_over, ignore_errors=True)
    request = documents.place(settings.documents_dir, job.request_sha256).read_bytes()
    limits = solver.ChildLimits(
        memory_mb=settings.solver_memory_mb,
        cpu_s=settings.solver_cpu_s,
        file_mb=settings.solver_file_mb,
        nice=settings.solver_nice,
    )
    kind = KINDS[job.kind]
    process = solver.SolverChild(
        folder,
        request,
        kind="revision" if job.revises else kind.name,
        limits=limits,
        cache_dir=settings.cache_dir,
        city=settings.city_folder(job.city_version) if job.city_version else None,
        elsewhere=bool(settings.dask),
        command=runner.command,
        forks=runner.forks,
    )
    fan_out = _fan_out(runner, job, process, request=request, limits=limits) if settings.dask else None
    try:
        ended = _follow(runner, job, process, fan_out)
    finally:
        process.kill()
        if fan_out is not None:
            fan_out.stop()
    outcome = ended or _judge(process, kind, settings)
    if process.was_interrupted and outcome.state is State.FAILED:
        outcome = Outcome(state=State.CANCELLED, stop_reason="cancelled")
    if outcome.state is not State.SUCCEEDED:
        log.info("solver_child_ended", job_id=job.id, code=process.process.returncode, stderr=process.last_words())
    return outcome


def _fan_out(
    runner: Runner, job: Job, process: solver.SolverChild, *, request: bytes, limits: solver.ChildLimits
) -> FanOut:
    return FanOut(runner.engine, runner.settings, job, request=request, folder=process.folder, limits=limits)


def _follow(runner: Runner, job: Job, process: solver.SolverChild, fan_out: FanOut | None) -> Outcome | None:
    """Pass progress on and wishes to stop down, until the child has ended; an outcome if we had to kill it."""
    settings = runner.settings
    grace_s = settings.study_grace_s if job.kind == SITING.name else settings.grace_s
    started_s = reported_s = time.monotonic()
    latest: dict[str, Any] | None = None
    solving = False
    while True:
        has_ended = process.process.poll() is not None
        said, is_last = process.progress(wait_s=settings.poll_s)
        now_s = time.monotonic()
        latest = said[-1] if said else latest
        if latest and (not solving or now_s - reported_s >= PROGRESS_EVERY_S or is_last or has_ended):
            _tell(runner, job, latest, first=not solving)
            solving, latest, reported_s = True, None, now_s
        if is_last or has_ended:
            process.bury(within_s=settings.grace_s)
            return None
        if not process.was_interrupted and persist(lambda: _is_cancel_requested(runner, job)):
            if not solving:
                # Nothing has been found yet, so there is nothing to wait for.
                return Outcome(state=State.CANCELLED, stop_reason="cancelled")
            process.interrupt()
            if fan_out is not None:
                fan_out.stop()
        if process.is_overdue(grace_s=grace_s):
            process.put_down()
            return None
        if now_s - started_s > settings.solver_wall_s:
            return failure(FailureCode.SOLVER_TIMEOUT, f"still running after {settings.solver_wall_s:g} s")


def _tell(runner: Runner, job: Job, progress: dict[str, Any], *, first: bool) -> None:
    def record() -> bool:
        with writing(runner.engine) as connection:
            is_ours = not first or store.record_solving(connection, job.id, attempt=job.attempt)
            return is_ours and store.record_progress(connection, job.id, attempt=job.attempt, progress=progress)

    if not persist(record):
        raise Disowned


def _is_cancel_requested(runner: Runner, job: Job) -> bool:
    with reading(runner.engine) as connection:
        wanted = store.is_cancel_requested(connection, job.id, attempt=job.attempt)
    if wanted is None:
        raise Disowned
    return wanted


def _judge(process: solver.SolverChild, kind: JobKind, settings: Settings) -> Outcome:
    """What the child's end means."""
    code, result = process.process.returncode, process.folder / "result"
    # A result appears whole, and its child may be slow to end where the processor is wanted by others.
    if code == child.DONE or (process.was_put_down and result.exists()):
        return _take_result(result, kind, settings)
    if code == child.INVALID:
        told = json.loads((process.folder / "invalid.json").read_text())
        return failure(FailureCode.INVALID_INPUT, told["what"], findings=told["findings"], warnings=told["warnings"])
    if code == child.NO_ROOM:
        raise OSError(errno.ENOSPC, "the solver child had no room to write")
    if code == child.OUT_OF_MEMORY:
        return failure(FailureCode.OUT_OF_MEMORY, f"needs more than the {settings.solver_memory_mb} MB it may have")
    if code == -signal.SIGXCPU:
        return failure(FailureCode.CPU_LIMIT, f"needs more than the {settings.solver_cpu_s} s of CPU it may have")
    return failure(FailureCode.SOLVER_CRASHED, f"the solver ended with code {code}")


def _take_result(folder: Path, kind: JobKind, settings: Settings) -> Outcome:
    """Keep the documents if they are what a planner must leave."""
    try:
        contents = {name: (folder / name).read_bytes() for name in {*kind.files, *os.listdir(folder)}}
        main = json.loads(contents[kind.main], parse_constant=_refuse)
        stop_reason = str(main["stop_reason"])
        if not math.isfinite(main[kind.figure]):
            raise ValueError(f"the {kind.figure} is not finite")
    except (OSError, ValueError, KeyError, TypeError) as error:
        return failure(FailureCode.BAD_RESULT, f"the solver left no complete {kind.noun}: {type(error).__name__}")
    return Outcome(
        state=State.CANCELLED if stop_reason == "cancelled" else State.SUCCEEDED,
        files={name: documents.keep(settings.documents_dir, content) for name, content in contents.items()},
        stop_reason=stop_reason,
    )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} in JSON")
