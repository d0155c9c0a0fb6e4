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
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from service import errors
from service.processes import die_with_parent

if TYPE_CHECKING:
    from optimiser.basics.result import OnProgress

Say = Callable[[dict[str, Any]], None]
DONE, CRASHED, INVALID, OUT_OF_MEMORY, NO_ROOM = 0, 1, 3, 4, 5


def main(folder: Path) -> int:
    """Run the attempt in `folder`; the exit code says how it went."""
    stop = Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    task = json.loads((folder / "task.json").read_text())
    die_with_parent(task["parent_pid"])
    _limit(task)
    say = _take_stdout()

    from optimiser.basics.errors import InvalidInput

    try:
        files = RUN[task["kind"]](folder, Path(task["cache_dir"]), say, stop)
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


def _plan(folder: Path, cache_dir: Path, say: Say, stop: Event) -> dict[str, bytes]:
    from service.planner import PlanRequest, plan_files

    request = PlanRequest.model_validate_json((folder / "request.json").read_bytes())
    return plan_files(request, cache_dir=cache_dir, on_progress=_progress(say), should_stop=stop.is_set)


def _relocate(folder: Path, cache_dir: Path, say: Say, stop: Event) -> dict[str, bytes]:
    from service.relocator import RelocationRequest, relocation_files

    request = RelocationRequest.model_validate_json((folder / "request.json").read_bytes())
    return relocation_files(request, cache_dir=cache_dir, on_progress=_progress(say), should_stop=stop.is_set)


def _study(folder: Path, cache_dir: Path, say: Say, stop: Event) -> dict[str, bytes]:
    from service.siter import StudyRequest, study_files

    request = StudyRequest.model_validate_json((folder / "request.json").read_bytes())
    return study_files(request, cache_dir=cache_dir, on_progress=_progress(say), should_stop=stop.is_set)


RUN = {"rebalancing": _plan, "relocation": _relocate, "siting": _study}
"""What makes the documents of each kind of job; imports what it needs, no more."""


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


def _limit(task: dict[str, Any]) -> None:
    for name, amount in (
        (resource.RLIMIT_AS, task["memory_mb"] * 2**20),
        (resource.RLIMIT_CPU, task["cpu_s"]),
        (resource.RLIMIT_FSIZE, task["file_mb"] * 2**20),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(name)
        allowed = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(name, (allowed, hard))


def _take_stdout() -> Say:
    """Keep stdout for progress; what libraries print goes to stderr."""
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def say(line: dict[str, Any]) -> None:
        lines.write(json.dumps(line) + "\n")

    return say


def _findings(error: Any) -> dict[str, Any]:
    return {"what": error.what, "findings": [asdict(finding) for finding in error.findings]}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
