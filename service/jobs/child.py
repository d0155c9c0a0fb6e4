"""
The solver child: one fresh process for one attempt.

    python -m service.jobs.child FOLDER

`FOLDER` holds `task.json` (what the child may use) and `request.json`. Progress goes to stdout as JSON lines. The
documents of the result appear at once, by renaming, as `FOLDER/result`. SIGINT ends the search and keeps its best
plan. The child sees no database, no settings and no sockets.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pydantic import BaseModel

from service import errors
from service.processes import die_with_parent, limit_process

if TYPE_CHECKING:
    from optimiser.basics.result import OnProgress, Progress
    from optimiser.siting.sensitivity import Elsewhere, Part

Model = TypeVar("Model", bound=BaseModel)

Say = Callable[[dict[str, Any]], None]
DONE, CRASHED, INVALID, OUT_OF_MEMORY, NO_ROOM = 0, 1, 3, 4, 5
Task = dict[str, Any]


def main(folder: Path) -> int:
    """Run the attempt in `folder`; the exit code says how it went."""
    stop = Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    task = json.loads((folder / "task.json").read_text())
    die_with_parent(task["parent_pid"])
    limit_process(task)
    say = _take_stdout()

    from optimiser.basics.errors import InvalidInput

    try:
        files = RUN[task["kind"]](folder, task, say, stop)
        _leave(files, folder)
    except InvalidInput as error:
        (folder / "invalid.json").write_text(json.dumps(_findings(error), default=str))
        return INVALID
    except MemoryError:
        return OUT_OF_MEMORY
    except Exception as error:
        if isinstance(error, OSError) and error.errno in errors.NO_ROOM and error.errno != errno.EFBIG:
            return NO_ROOM
        traceback.print_exc()
        return OUT_OF_MEMORY if _tells_of_memory(error) else CRASHED
    return DONE


def _plan(folder: Path, task: Task, say: Say, stop: Event) -> dict[str, bytes]:
    from service.planner import PlanRequest, plan_files

    request = _request(PlanRequest, folder, task)
    return plan_files(request, cache_dir=Path(task["cache_dir"]), on_progress=_progress(say), should_stop=stop.is_set)


def _relocate(folder: Path, task: Task, say: Say, stop: Event) -> dict[str, bytes]:
    from service.relocator import RelocationRequest, relocation_files

    request = _request(RelocationRequest, folder, task)
    return relocation_files(
        request, cache_dir=Path(task["cache_dir"]), on_progress=_progress(say), should_stop=stop.is_set
    )


def _study(folder: Path, task: Task, say: Say, stop: Event) -> dict[str, bytes]:
    from service.jobs.parts import await_run, wish_for
    from service.siter import StudyTask, study_files

    latest: dict[str, Any] = {}

    def tell(progress: Progress) -> None:
        latest.update(asdict(progress))
        say(latest)

    def elsewhere(parts: Sequence[Part]) -> Elsewhere:
        wish_for(parts, folder)
        return lambda part: await_run(parts.index(part), folder, stop.is_set)

    return study_files(
        _request(StudyTask, folder, task),
        cache_dir=Path(task["cache_dir"]),
        on_progress=tell,
        should_stop=stop.is_set,
        on_beside=lambda beside: say({**latest, "beside": beside.model_dump()}),
        elsewhere=elsewhere if task["elsewhere"] else None,
    )


def _study_run(folder: Path, task: Task, say: Say, stop: Event) -> dict[str, bytes]:
    from service.jobs.parts import PART, RUN_FILE, dump_run, load_part
    from service.siter import StudyTask, study_run

    part = load_part(task[PART])
    request = _request(StudyTask, folder, task)
    run = study_run(request, part, cache_dir=Path(task["cache_dir"]), should_stop=stop.is_set)
    return {RUN_FILE: dump_run(run).encode()}


def _revise(folder: Path, task: Task, say: Say, stop: Event) -> dict[str, bytes]:
    from service.revisor import RevisionTask, in_city, revision_files

    asked = in_city(RevisionTask.model_validate_json((folder / "request.json").read_bytes()), task["city"])
    return revision_files(asked, cache_dir=Path(task["cache_dir"]), on_progress=_progress(say), should_stop=stop.is_set)


RUN = {"rebalancing": _plan, "revision": _revise, "relocation": _relocate, "siting": _study, "siting-run": _study_run}
"""What makes the documents of each kind of job, or of a part of one; imports what it needs, no more."""


def _request(kind: type[Model], folder: Path, task: Task) -> Model:
    """What is asked for; a city that a user brought is named by its folder from here on."""
    request = kind.model_validate_json((folder / "request.json").read_bytes())
    return request.model_copy(update={"city": task["city"]}) if task["city"] else request


def _progress(say: Say) -> OnProgress:
    return lambda progress: say(asdict(progress))


def _leave(files: dict[str, bytes], folder: Path) -> None:
    unfinished = folder / "result.partial"
    unfinished.mkdir()
    for name, content in files.items():
        (unfinished / name).write_bytes(content)
    unfinished.rename(folder / "result")


def _tells_of_memory(error: Exception) -> bool:
    """Whether a library reports exhausted memory in words of its own: C++, the system, the loader of libraries."""
    return any(words in str(error) for words in ("bad_alloc", "Cannot allocate memory", "failed to map segment"))


def _take_stdout() -> Say:
    """Keep stdout for progress; what libraries print goes to stderr."""
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def say(line: dict[str, Any]) -> None:
        lines.write(json.dumps(line) + "\n")

    return say


def _findings(error: Any) -> dict[str, Any]:
    return {
        "what": error.what,
        "findings": [asdict(finding) for finding in error.findings],
        "warnings": [asdict(finding) for finding in error.warnings],
    }


def leave(code: int) -> NoReturn:
    """End this process; the result is on the disk, and nobody waits for an interpreter that takes itself apart."""
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    leave(main(Path(sys.argv[1])))
