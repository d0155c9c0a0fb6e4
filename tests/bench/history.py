"""A gigabyte of station status: reading it into a history beside pandas.read_csv of the same file."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from optimiser.basics.findings import Findings
from scenarios.history import read_history
from tests.bench.network import memory_mb

STATIONS, POLLS, SEED = 500, 76_000, 1
"""A poll every ten minutes for seventeen months: 38 million rows, more than a gigabyte."""
POLLS_AT_ONCE = 500
FIRST_TS = 1_672_531_200


class Measured(NamedTuple):
    """One way of reading the file."""

    name: str
    rows: int
    seconds: float
    memory_mb: float
    """Highest resident memory of a fresh process, the interpreter and its libraries included."""


def station_ids() -> list[str]:
    """Ids of the made-up stations."""
    return [str(1000 + number) for number in range(STATIONS)]


def write_status(path: Path, *, polls: int = POLLS, seed: int = SEED) -> int:
    """Write polls of all stations, in the order of time; the count of rows."""
    random = np.random.default_rng(seed)
    with path.open("wb") as file:
        file.write(b"ts,station_id,bikes,ebikes,docks,bikes_disabled,is_renting\n")
        for first in range(0, polls, POLLS_AT_ONCE):
            count = min(POLLS_AT_ONCE, polls - first)
            rows = count * STATIONS
            begin = np.repeat(FIRST_TS + 600 * (first + np.arange(count)), STATIONS)
            bikes = random.integers(0, 21, rows)
            table = pa.table(
                {
                    "ts": begin + random.integers(0, 60, rows),
                    "station_id": np.tile(1000 + np.arange(STATIONS), count),
                    "bikes": bikes,
                    "ebikes": bikes // 3,
                    "docks": 20 - bikes,
                    "bikes_disabled": random.integers(0, 3, rows),
                    "is_renting": (random.random(rows) > 0.001).astype(np.int64),
                }
            )
            pa_csv.write_csv(table, file, pa_csv.WriteOptions(include_header=False))
    return polls * STATIONS


def with_ours(city: Path, cache: Path | None) -> int:
    """Checked, sorted by station and time, without duplicates."""
    findings = Findings()
    ids = station_ids()
    loaded = read_history(
        city,
        station_ids=ids,
        capacities=[20] * STATIONS,
        station_names=ids,
        time_zone="Europe/Oslo",
        naive_zone=None,
        findings=findings,
        cache_dir=cache,
    )
    findings.raise_errors("history")
    return loaded.report.status_rows if loaded else 0


def with_pandas(city: Path, cache: Path | None) -> int:
    """Types guessed, in the order of the file."""
    return len(pd.read_csv(city / "history" / "status.csv"))


def measure_one(read: Callable[[Path, Path | None], int], name: str, city: Path, cache: Path | None) -> Measured:
    """Measure one way; called in a process of its own, so that memory is its own as well."""
    start = time.perf_counter()
    rows = read(city, cache)
    return Measured(name, rows, time.perf_counter() - start, memory_mb("VmHWM"))


def measure() -> str:
    """Measure all ways one after the other; a table in Markdown."""
    with tempfile.TemporaryDirectory(prefix="evenfleet-bench-") as folder:
        city, cache = Path(folder) / "city", Path(folder) / "cache"
        (city / "history").mkdir(parents=True)
        file = city / "history" / "status.csv"
        rows = write_status(file)
        size_mb = file.stat().st_size / 1e6
        measured = []
        for name, read, kept_in in (
            ("evenfleet, first read", with_ours, cache),
            ("evenfleet, again", with_ours, cache),
            ("evenfleet, without cache", with_ours, None),
            ("pandas.read_csv", with_pandas, None),
        ):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                measured.append(pool.apply(measure_one, (read, name, city, kept_in)))
    lines = [
        f"{STATIONS} stations polled {POLLS:,} times: {rows:,} rows, {size_mb:,.0f} MB of CSV (seed {SEED}).",
        "",
        "| method | rows | seconds | rows a second | memory, MB |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {row.name} | {row.rows:,} | {row.seconds:.1f} | {row.rows / row.seconds:,.0f} | {row.memory_mb:,.0f} |"
            for row in measured
        ),
        "",
        (
            "evenfleet checks every cell, sorts by station and time and drops duplicates, within a memory that does not"
            f" grow with the file; `again` finds what it kept. pandas {pd.__version__} only reads. Memory is the"
            " highest resident size of a fresh process, libraries included; mapped columns count where touched."
        ),
    ]
    return "\n".join(lines)
