"""A solver child that is there at once: searches for some milliseconds, then leaves what a planner must leave."""

from __future__ import annotations

import json
import random
import signal
import sys
import time
from pathlib import Path
from threading import Event

from service.processes import die_with_parent


def main(folder: Path) -> None:
    stop = Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    die_with_parent(json.loads((folder / "task.json").read_text())["parent_pid"])
    request = json.loads((folder / "request.json").read_text())
    rng = random.Random(request["limits"]["seed"])
    end_s = time.monotonic() + rng.choice((0.02, 0.05, 0.1, request["limits"]["seconds"]))
    objective = 100.0
    while time.monotonic() < end_s and not stop.is_set():
        objective *= rng.uniform(0.9, 1.0)
        print(json.dumps({"elapsed_s": 0.1, "objective": objective, "best_bound": 1.0, "gap": 0.5}), flush=True)
        stop.wait(0.02)
    plan = {"stop_reason": "cancelled" if stop.is_set() else "optimal", "objective": objective, "of": request["name"]}
    (folder / "partial").mkdir()
    for name in ("routes.geojson", "route_sheet.csv", "unserved.json", "report.html"):
        (folder / "partial" / name).write_text("{}")
    (folder / "partial" / "plan.json").write_text(json.dumps(plan))
    (folder / "partial").rename(folder / "result")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
