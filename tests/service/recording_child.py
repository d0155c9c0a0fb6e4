"""A recorder that never waits and says each poll on stdout once it is recorded: `recording_child.py FOLDER URL`."""

import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from service.feeds import users_connector
from service.recording.history import open_history
from service.recording.poll import FeedReader
from service.recording.recorder import Clock, Pace, Totals, record


def main() -> None:
    clock = Clock(now=lambda: datetime.now(UTC), steady_s=time.monotonic, sleep=lambda _: None)
    with open_history(Path(sys.argv[1]), today=datetime(2026, 1, 1, tzinfo=UTC).date(), tell=print) as history:
        record(
            FeedReader(users_connector(sys.argv[2]), sys.argv[2]),
            history,
            pace=Pace(),
            clock=clock,
            rng=random.Random(1),
            totals=Totals(),
            on_poll=lambda told: print(told.text, flush=True),
        )


if __name__ == "__main__":
    main()
