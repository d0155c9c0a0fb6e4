"""`evenfleet record` is killed, cut off, filled up and started twice: what is recorded stays, whole and once."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from optimiser.basics.errors import InvalidInput
from service.cli import app
from service.recording.archive import archive
from service.recording.history import open_history
from service.recording.poll import Poll, StationRow
from service.recording.stopping import Stopping
from service.recording.table import append_rows, mend, table_path
from tests.city_documents import write_city_folder
from tests.service.feed_server import Answer, FeedServer, feed_server, station, status
from tests.service.recorded_files import rows

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from service.cli import main; main()"]
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (%d, -1)); from service.cli import main; main()"
NOON = int(datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp())
FAR = int(datetime(2090, 1, 1, 12, 0, tzinfo=UTC).timestamp())
"""A day that is not over, whatever the clock of this machine says."""
DAY, NEXT_DAY = date(2026, 11, 23), date(2026, 11, 24)
ROWS = tuple(StationRow(id_, bikes, -1, 5, 0, 1) for id_, bikes in [("A", 8), ('B,"b"', 0), ("C", 3)])


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as serving:
        yield serving


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write_city_folder(tmp_path / "by")


def start(*words: object) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def poll(ts: int, rows: tuple[StationRow, ...] = ROWS) -> Poll:
    return Poll(ts=ts, ttl_s=60, rows=rows)


def add(folder: Path, *polls: Poll, today: date = DAY) -> list[int]:
    """Open the history, as a start does, and add polls; how many rows each brought."""
    with open_history(folder, today=today, tell=print) as history:
        return [history.add(one) for one in polls]


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def recorded(*polls: Poll) -> list[list[str]]:
    return [[str(one.ts), *map(str, row)] for one in polls for row in one.rows]


def test_killed_again_and_again_it_loses_no_complete_poll_and_doubles_none(server, tmp_path):
    stations = [f"station {number}" for number in range(1500)]
    served = iter(range(10**6))

    def answer() -> Answer:
        # Every moment is served twice, so that each restart also meets one that it has.
        tick = next(served) // 2
        return status(NOON + tick, [station(id_, tick % 40) for id_ in stations])

    server.script(answer)
    history, told = tmp_path / "history", set()
    for wanted_polls in (1, 7, 2, 12, 4):
        child = start(sys.executable, Path(__file__).parent / "recording_child.py", history, server.url)
        assert child.stdout is not None
        before = len(told)
        for line in child.stdout:
            told |= {line.split(": ")[0]} if "1500 rows" in line else set()
            if len(told) == before + wanted_polls:
                break
        child.send_signal(signal.SIGKILL)
        rest, _ = child.communicate(timeout=30)
        told |= {line.split(": ")[0] for line in rest.splitlines() if line.endswith("1500 rows")}
    add(history)

    written = cells(table_path(history, DAY))
    of_moment: dict[int, list[list[str]]] = {}
    for row in written:
        of_moment.setdefault(int(row[0]), []).append(row)
    assert len(told) >= 26
    assert told <= {f"as of {datetime.fromtimestamp(ts, UTC):%Y-%m-%d %H:%M:%S}Z" for ts in of_moment}
    assert set(Counter((row[0], row[1]) for row in written).values()) == {1}
    for ts, there in of_moment.items():
        assert there == [[str(ts), id_, str((ts - NOON) % 40), "-1", "-1", "-1", "1"] for id_ in stations]


def test_a_half_written_row_is_cut_off_and_the_poll_completed(tmp_path):
    history, path = tmp_path / "history", table_path(tmp_path / "history", DAY)
    assert add(history, poll(NOON), poll(NOON + 60)) == [3, 3]
    whole = path.read_bytes()
    second = whole.index(f"{NOON + 60}".encode())
    for length in range(second, len(whole)):
        path.write_bytes(whole[:length])
        missing = 3 - whole[second:length].count(b"\n")
        assert add(history, poll(NOON), poll(NOON + 60), poll(NOON + 60)) == [0, missing, 0]
        assert path.read_bytes() == whole


def test_a_half_written_first_poll_is_begun_again(tmp_path):
    history, path = tmp_path / "history", table_path(tmp_path / "history", DAY)
    add(history, poll(NOON))
    whole = path.read_bytes()
    for length in range(whole.index(b"\n") + 2):
        path.write_bytes(whole[:length])
        assert add(history, poll(NOON)) == [3]
        assert path.read_bytes() == whole


def test_whole_rows_of_a_poll_that_never_comes_again_stay(tmp_path):
    history, path = tmp_path / "history", table_path(tmp_path / "history", DAY)
    add(history, poll(NOON))
    path.write_bytes(path.read_bytes()[:-5])
    assert add(history, poll(NOON + 60)) == [3]
    assert cells(path) == recorded(poll(NOON, ROWS[:2]), poll(NOON + 60))


@pytest.mark.parametrize(
    "rubbish", [b"\0" * 4096, b"\0\n", b"\n", b"1,2\n", b'5,"a,1,1,1,1,1\n', b"5,\xff,1,1,1,1,1\n"]
)
def test_what_a_power_cut_leaves_among_rows_is_removed_and_no_row_with_it(tmp_path, rubbish):
    history, path = tmp_path / "history", table_path(tmp_path / "history", DAY)
    add(history, poll(NOON), poll(NOON + 60))
    whole = path.read_bytes()
    cut = whole.index(f"{NOON + 60}".encode())
    path.write_bytes(whole[:cut] + rubbish + (b"" if rubbish.endswith(b"\n") else b"\n") + whole[cut:])
    assert mend(path) > 0
    assert path.read_bytes() == whole
    assert mend(path) == 0


def test_a_table_with_other_columns_is_not_touched(tmp_path):
    history, path = tmp_path / "history", table_path(tmp_path / "history", DAY)
    history.mkdir()
    path.write_text("ts,station_id,bikes\n1,A,3\n")
    assert add(history, today=NEXT_DAY) == []
    with pytest.raises(InvalidInput, match="has other columns than a recorder writes"):
        add(history, poll(NOON))
    assert path.read_text() == "ts,station_id,bikes\n1,A,3\n"


@pytest.mark.parametrize("left", ["table", "part", "table and archive", "late rows"])
def test_archiving_a_day_is_finished_after_a_crash_at_any_point(tmp_path, left):
    history, path = tmp_path / "history", table_path(tmp_path / "history", DAY)
    wanted = [(ts, *row) for ts in (NOON, NOON + 60) for row in sorted(ROWS)]
    add(history, poll(NOON), poll(NOON + 60))
    kept = tmp_path / "kept.csv"
    shutil.copy(path, kept)
    if left == "part":
        (history / f".{path.stem}.parquet.part").write_bytes(b"PAR1 half of it")
    if left == "table and archive":
        archive(path)
        shutil.copy(kept, path)
    if left == "late rows":
        archive(path)
        append_rows(path, NOON + 60, ROWS[:1])
        append_rows(path, NOON + 90, ROWS)
        wanted += [(NOON + 90, *row) for row in sorted(ROWS)]
    add(history, today=NEXT_DAY)
    assert rows(path.with_suffix(".parquet")) == wanted
    assert {one.name for one in history.iterdir()} == {".recorder.lock", path.with_suffix(".parquet").name}
    assert add(history, poll(NOON), poll(NOON + 60), today=NEXT_DAY) == [0, 0]


def test_a_day_that_cannot_be_read_stays_a_table_and_is_told(tmp_path, capsys):
    history, path = tmp_path / "history", table_path(tmp_path / "history", DAY)
    add(history, poll(NOON, (StationRow("A", 99_999, 0, 0, 0, 1),)))
    before = path.read_bytes()
    add(history, poll(NOON + 86_400), today=NEXT_DAY)
    assert path.read_bytes() == before
    assert f"history/{path.name}: cannot be read" in capsys.readouterr().out
    assert cells(table_path(history, NEXT_DAY)) == recorded(poll(NOON + 86_400))


def test_a_day_without_a_row_leaves_no_archive(tmp_path):
    history, path = tmp_path / "history", table_path(tmp_path / "history", DAY)
    add(history, poll(NOON))
    path.write_bytes(path.read_bytes()[:20])
    add(history, today=NEXT_DAY)
    assert {one.name for one in history.iterdir()} == {".recorder.lock"}


def test_a_second_recorder_is_refused_until_the_first_is_gone(server, city):
    server.script(status(NOON, [station("A")], ttl=3600))
    first = start(*COMMAND, "record", city, "--gbfs", server.url, "--json")
    assert first.stderr is not None
    assert "as of 2026-11-23 12:00:00Z: 1 stations, 1 rows" in first.stderr.readline()
    second = CliRunner().invoke(app, ["record", str(city), "--gbfs", server.url, "--polls", "1"])
    assert second.exit_code == 1
    assert f"another recorder (process {first.pid}) writes into it (stop that one first" in " ".join(
        second.stderr.split()
    )
    first.kill()
    first.communicate(timeout=30)
    third = CliRunner().invoke(app, ["record", str(city), "--gbfs", server.url, "--polls", "1"])
    assert third.exit_code == 0
    assert "1 polls: 0 recorded, 1 unchanged, 0 failed; 0 rows" in third.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("while_", ["waiting", "fetching"])
def test_a_signal_ends_it_at_once_with_its_summary(server, city, number, while_):
    entered, leave = threading.Event(), threading.Event()

    def hang() -> Answer:
        entered.set()
        leave.wait(60)
        return Answer(status=500)

    server.script(status(NOON, [station("A")], ttl=3600) if while_ == "waiting" else hang)
    running = start(*COMMAND, "record", city, "--gbfs", server.url, "--json")
    assert running.stderr is not None
    assert running.stderr.readline() if while_ == "waiting" else entered.wait(60)
    running.send_signal(number)
    out, errors = running.communicate(timeout=5)
    leave.set()
    assert (running.returncode, errors) == (0, "")
    told: dict[str, Any] = json.loads(out)
    polls = 1 if while_ == "waiting" else 0
    assert (told["polls"], told["rows"], told["failures"], len(told["files"])) == (polls, polls, 0, polls)


def test_a_signal_within_a_write_waits_for_its_end():
    stopping, written = Stopping(), []

    def write() -> None:
        with stopping.on_signals(), stopping.put_off():
            os.kill(os.getpid(), signal.SIGTERM)
            written.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert written == ["all of it"]
    assert stopping.asked


def test_a_full_disk_is_told_and_leaves_no_half_poll(server, city):
    many = [station(f"station {number}") for number in range(400)]
    server.script(status(FAR, many))
    command = ["record", city, "--gbfs", server.url, "--polls", "1"]
    assert start(*COMMAND, *command).wait(60) == 0
    path = table_path(city / "history", datetime.fromtimestamp(FAR, UTC).date())
    before = path.read_bytes()
    server.script(status(FAR + 60, many))
    # A limit of the process stands for the end of the disk: a write gets so far and no further.
    limited = start(sys.executable, "-c", LIMITED % (len(before) + 5000), *command)
    _, errors = limited.communicate(timeout=60)
    assert limited.returncode == 1
    assert errors.strip() == f"{path}: File too large"
    assert path.read_bytes() == before
    assert start(*COMMAND, *command).wait(60) == 0
    assert len(cells(path)) == 800


def test_a_folder_that_cannot_be_written_is_told(server, city):
    (city / "history").write_text("not a folder")
    answer = CliRunner().invoke(app, ["record", str(city), "--gbfs", server.url, "--polls", "1"])
    assert answer.exit_code == 1
    assert "history:Fileexists" in "".join(answer.stderr.split())
