"""`evenfleet serve` with the API and workers of this folder in place of its own; the supervisor is the real one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.cli import main
from service.cli import serve as serving

OURS = {"service.jobs.worker": "tests.chaos.worker", "service.api": "tests.chaos.api"}
API, WORKER, CHILD = "tests.chaos.api", "tests.chaos.worker", "tests.chaos.child"
COMMAND = ("-m", "tests.chaos.serve", "serve")

_supervise = serving.supervise


def supervise(kept: list[serving.Kept], *arguments: Any, **options: Any) -> None:
    ours = [replace(one, command=tuple(OURS.get(word, word) for word in one.command)) for one in kept]
    _supervise(ours, *arguments, **options)


if __name__ == "__main__":
    serving.supervise = supervise
    # Kills come faster than anybody's machine dies: do not wait half a minute between two of them.
    serving.LONGEST_PAUSE_S = 1.0
    main()
