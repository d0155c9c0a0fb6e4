"""Room that a recorded day takes, and the time it costs: `python -m tests.bench.recording`."""

from __future__ import annotations

import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from service.recording.archive import archive
from service.recording.poll import StationRow
from service.recording.table import append_rows, mend, table_path

STATIONS, EVERY_S = 260, 60
CHANGES_PER_MINUTE = 0.05
"""Of a station: some 70 rentals and returns a day, as in a city of ten thousand trips."""
DOCKS = 25
DAY = datetime(2026, 6, 1, tzinfo=UTC)


def measure() -> str:
    """Record and archive one made-up day; the figures in a few lines."""
    rng = random.Random(1)
    bikes = [rng.randint(0, DOCKS) for _ in range(STATIONS)]
    polls = 86_400 // EVERY_S
    with tempfile.TemporaryDirectory() as folder:
        table = table_path(Path(folder), DAY.date())
        begun_s = time.perf_counter()
        for number in range(polls):
            for index in range(STATIONS):
                if rng.random() < CHANGES_PER_MINUTE * EVERY_S / 60:
                    bikes[index] = min(DOCKS, max(0, bikes[index] + rng.choice((-1, 1))))
            rows = [StationRow(str(400 + at), here, here // 2, DOCKS - here, 0, 1) for at, here in enumerate(bikes)]
            append_rows(table, int(DAY.timestamp()) + number * EVERY_S, rows)
        recorded_s = time.perf_counter() - begun_s
        table_bytes = table.stat().st_size
        begun_s = time.perf_counter()
        mend(table)
        mended_s = time.perf_counter() - begun_s
        begun_s = time.perf_counter()
        archived = archive(table)
        assert archived is not None
        return (
            f"{STATIONS} stations, {polls} polls a day: {table_bytes / 1e6:.1f} MB as the day's table, "
            f"{archived.stat().st_size / 1e6:.2f} MB once archived\n"
            f"one poll written and synced in {1000 * recorded_s / polls:.1f} ms, a full table looked over in "
            f"{mended_s:.1f} s, archived in {time.perf_counter() - begun_s:.1f} s"
        )


if __name__ == "__main__":
    print(measure())
