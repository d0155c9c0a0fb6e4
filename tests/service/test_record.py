"""`evenfleet record`: a feed polled over real HTTP into files that are whole whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from service.cli import app
from service.cli import record as record_command
from service.recording.archive import SCHEMA
from service.recording.recorder import Clock
from tests.city_documents import CITY_TOML, write_city_folder
from tests.feed_folders import write_gbfs_2
from tests.service.feed_server import Answer, FeedServer, feed_server, rfc3339, station, status
from tests.service.recorded_files import rows

NOON = int(datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp())
MIDNIGHT = NOON + 12 * 3600
DAY_1, DAY_2 = "status-2026-11-23", "status-2026-11-24"
NO_WAITING = """
from dataclasses import replace
from service.cli import main, record
record.CLOCK = replace(record.CLOCK, sleep=lambda _: None)
main()
"""
THREE = [station("A", 8), station("B", 0), station("C", 3)]


@dataclass
class HandClock:
    """Sleeping moves it on; before the sleep of some number, something may happen."""

    begun: datetime
    elapsed_s: float = 0.0
    slept_s: list[float] = field(default_factory=list)
    before: dict[int, Callable[[], None]] = field(default_factory=dict)

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.before.get(len(self.slept_s), lambda: None)()
        self.elapsed_s += seconds

    def clock(self) -> Clock:
        return Clock(
            now=lambda: self.begun + timedelta(seconds=self.elapsed_s),
            steady_s=lambda: self.elapsed_s,
            sleep=self.sleep,
        )


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as serving:
        yield serving


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write_city_folder(tmp_path / "by")


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    hand = HandClock(datetime.fromtimestamp(NOON, UTC))
    monkeypatch.setattr(record_command, "CLOCK", hand.clock())
    return hand


@pytest.fixture
def run(server: FeedServer, city: Path, hand: HandClock) -> Callable[..., Any]:
    """Record from the server into the city."""

    def recorded(polls: int, *words: str, code: int = 0) -> Any:
        command = ["record", str(city), "--gbfs", server.url, "--polls", str(polls), "--json", *words]
        answer = CliRunner().invoke(app, command)
        assert answer.exit_code == code, answer.output
        return json.loads(answer.stdout) | {"told": answer.stderr} if answer.stdout else {"told": answer.stderr}

    return recorded


def moments(path: Path) -> list[int]:
    return [row[0] for row in rows(path)]


@pytest.mark.parametrize("version", [2, 3])
def test_recorded_rows_are_what_the_feed_said(server, city, run, version):
    names = {2: "bikes", 3: "vehicles"}[version]
    said = [
        {
            "station_id": "A",
            f"num_{names}_available": 8,
            f"num_{names}_disabled": 1,
            "num_docks_available": 3,
            "is_installed": True,
            "is_renting": True,
            "vehicle_types_available": [
                {"vehicle_type_id": "pedal", "count": 3},
                {"vehicle_type_id": "boost", "count": 5},
            ],
        },
        {"station_id": "B", f"num_{names}_available": 0, "is_installed": True, "is_renting": False},
        {"station_id": "C", f"num_{names}_available": 2, "is_installed": False, "is_renting": True},
    ]
    server.list_files(version)
    moment = {2: NOON, 3: rfc3339(NOON)}[version]
    later = {2: NOON + 60, 3: rfc3339(NOON + 60)}[version]
    server.script(status(moment, said), status(later, said[:1]))
    told = run(2)
    assert rows(city / "history" / f"{DAY_1}.csv") == [
        (NOON, "A", 8, 5, 3, 1, 1),
        (NOON, "B", 0, -1, -1, -1, 0),
        (NOON, "C", 2, -1, -1, -1, 0),
        (NOON + 60, "A", 8, 5, 3, 1, 1),
    ]
    assert (told["polls"], told["recorded"], told["rows"], told["unchanged"], told["failures"]) == (2, 2, 4, 0, 0)
    assert told["files"] == [str(city / "history" / f"{DAY_1}.csv")]
    assert "as of 2026-11-23 12:00:00Z: 3 stations, 3 rows" in told["told"]


def test_a_feed_is_discovered_once(server, run):
    server.script(*(status(NOON + n, THREE) for n in range(5)))
    run(5)
    assert server.asked.count("/gbfs.json") == server.asked.count("/vehicle_types.json") == 1


def test_what_was_recorded_already_is_not_recorded_again(server, city, run):
    server.script(status(NOON, THREE), status(NOON, THREE), status(NOON + 9, THREE), status(NOON, THREE))
    told = run(4)
    assert (told["recorded"], told["unchanged"]) == (2, 2)
    server.script(status(NOON, THREE), status(NOON + 9, THREE), status(NOON + 18, THREE))
    told = run(3)
    assert (told["recorded"], told["unchanged"]) == (1, 2)
    assert moments(city / "history" / f"{DAY_1}.csv") == [NOON] * 3 + [NOON + 9] * 3 + [NOON + 18] * 3


def test_odd_ids_come_back_as_they_were(server, city, run):
    odd = ['a,"b"', '"', "''", "é;\u2028ø", "0042", "NA", "-1", "x" * 100]
    server.script(status(NOON, [station(id_) for id_ in [*odd, 7]]), status(MIDNIGHT, THREE))
    run(2)
    assert {row[1] for row in rows(city / "history" / f"{DAY_1}.parquet")} == {*odd, "7"}


def test_ids_that_no_city_can_have_are_left_out_and_told(server, city, run):
    unusable = ["", " ", "line\nbreak", "nul\0", "\ud800", None, True, {"a": 1}, "x" * 101]
    server.script(status(NOON, [station("A", 1), *(station(id_) for id_ in unusable), station("A", 2)]))
    told = run(1)
    assert rows(city / "history" / f"{DAY_1}.csv") == [(NOON, "A", 1, -1, -1, -1, 1)]
    assert "9 without a usable id left out; 1 repeated and left out" in told["told"]


ODD_COUNTS = [None, -3, "many", 2.5, float("nan"), 10**9, True, [1]]


def test_counts_that_are_none_are_unknown(server, city, run):
    said = [station(f"s{index}", "4", num_docks_available=count) for index, count in enumerate(ODD_COUNTS)]
    server.script(status(NOON, said))
    run(1)
    assert {row[2:] for row in rows(city / "history" / f"{DAY_1}.csv")} == {(4, -1, -1, -1, 1)}


def test_stations_without_a_count_of_bikes_are_left_out_and_told(server, city, run):
    said = [station(f"s{index}", count) for index, count in enumerate(ODD_COUNTS)]
    server.script(status(NOON, [*said, station("good", 4), {"station_id": "mute"}]))
    told = run(1)
    assert rows(city / "history" / f"{DAY_1}.csv") == [(NOON, "good", 4, -1, -1, -1, 1)]
    assert "9 without a count of bikes left out" in told["told"]


def test_the_next_poll_comes_after_ttl_or_every_or_five_seconds(server, run, hand):
    server.script(*(status(NOON + n, THREE, ttl=ttl) for n, ttl in enumerate([30, 0, 10**9, None, "x", -5, 1])))
    run(7)
    assert hand.slept_s == [30, 5, 3600, 60, 60, 60]
    hand.slept_s.clear()
    server.script(status(NOON + 9, THREE, ttl=30), status(NOON + 10, THREE, ttl=300), status(NOON + 11, THREE))
    run(3, "--every", "120")
    assert hand.slept_s == [120, 300]


def test_hours_end_a_recording(server, run, hand):
    count = iter(range(100))
    server.script(lambda: status(NOON + 60 * next(count), THREE, ttl=600))
    # Polls at 0, 10, 20 and 30 minutes; the next would be after 36 minutes.
    assert run(100, "--hours", "0.6")["polls"] == 4
    assert hand.elapsed_s == 1800


def test_retry_after_is_honoured(server, city, run, hand):
    at = hand.begun + timedelta(seconds=17 + 40)
    date_form = at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.script(
        Answer(status=503, headers={"Retry-After": "17"}),
        Answer(status=429, headers={"Retry-After": date_form}),
        Answer(status=503, headers={"Retry-After": "999999999999999999"}),
        status(NOON, THREE),
    )
    told = run(4)
    assert hand.slept_s == [17, 40, 3600]
    assert (told["failures"], told["recorded"]) == (3, 1)
    assert "answers 503" in told["told"]
    assert server.asked.count("/gbfs.json") == 4, "discovered again after each failure"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b"[" * 100_000,
        b"9" * 5000,
        b"\xff\xfe",
        b'{"last_updated": 1795435200}',
        b'{"last_updated": 1795435200, "data": {"stations": []}}',
        b'{"last_updated": 1795435200, "data": {"stations": [3]}}',
        b'{"last_updated": 12, "data": {"stations": [{"station_id": "A"}]}}',
        b'{"last_updated": "noon", "data": {"stations": [{"station_id": "A"}]}}',
        b'{"data": {"stations": [{"station_id": "A"}]}}',
    ],
)
def test_a_broken_answer_is_a_failed_poll_and_the_next_is_recorded(server, city, run, broken):
    server.script(Answer(body=broken), status(NOON, THREE))
    told = run(2)
    assert (told["failures"], told["recorded"]) == (1, 1)
    assert "next try in" in told["told"]
    assert moments(city / "history" / f"{DAY_1}.csv") == [NOON] * 3


def test_a_server_that_vanishes_and_comes_back_is_recorded_again(server, city, run, hand):
    server.script(status(NOON, THREE), status(NOON + 60, THREE))
    hand.before = {1: server.stop, 4: server.start}
    told = run(5)
    assert (told["failures"], told["recorded"]) == (3, 2)
    assert moments(city / "history" / f"{DAY_1}.csv") == [NOON] * 3 + [NOON + 60] * 3


def test_a_feed_that_moves_is_found_again(server, city, run):
    server.script(status(NOON, THREE), Answer(status=404))
    moved = json.dumps({"data": {"feeds": [{"name": "station_status", "url": "new.json"}]}}).encode()
    server.answers["/gbfs.json"].append(Answer(body=moved))
    server.answers["/new.json"] = [status(NOON + 60, THREE)]
    assert run(3)["recorded"] == 2


def test_vehicle_types_out_of_order_do_not_keep_from_recording(server, city, run):
    types = server.answers["/vehicle_types.json"]
    types[:] = [Answer(status=500), *types]
    typed = [station("A", 3, vehicle_types_available=[{"vehicle_type_id": "boost", "count": 2}])]
    server.script(status(NOON, typed), status(NOON + 60, typed))
    told = run(2)
    assert rows(city / "history" / f"{DAY_1}.csv") == [(NOON, "A", 3, -1, -1, -1, 1), (NOON + 60, "A", 3, 2, -1, -1, 1)]
    assert "e-bikes may stay unknown" in told["told"]


def test_a_dead_feed_fails_the_command_once_it_ends(server, run):
    server.script(Answer(status=500))
    assert run(3, code=1)["failures"] == 3


def test_a_listing_without_stations_is_told(server, run):
    server.list_files(3, "vehicle_status")
    assert "lists no station_status" in run(1, code=1)["told"]


def test_a_day_that_is_over_becomes_parquet(server, city, run):
    server.script(status(MIDNIGHT - 30, THREE), status(MIDNIGHT + 30, THREE))
    told = run(2)
    history = city / "history"
    assert told["files"] == [str(history / f"{DAY_1}.parquet"), str(history / f"{DAY_2}.csv")]
    assert {path.name for path in history.iterdir()} == {f"{DAY_1}.parquet", f"{DAY_2}.csv", ".recorder.lock"}
    assert pq.read_schema(history / f"{DAY_1}.parquet").equals(SCHEMA)
    assert [str(kind) for kind in SCHEMA.types] == ["int64", "string", *["int16"] * 4, "int8"]
    assert rows(history / f"{DAY_1}.parquet") == [
        (MIDNIGHT - 30, "A", 8, -1, -1, -1, 1),
        (MIDNIGHT - 30, "B", 0, -1, -1, -1, 1),
        (MIDNIGHT - 30, "C", 3, -1, -1, -1, 1),
    ]
    assert pq.ParquetFile(history / f"{DAY_1}.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_poll_that_comes_after_its_day_joins_it(server, city, run, hand):
    late = [station("A", 1)]
    server.script(status(MIDNIGHT - 30, THREE), status(MIDNIGHT, THREE), status(MIDNIGHT - 10, late))
    run(3)
    hand.begun += timedelta(days=1)
    server.script(status(MIDNIGHT - 30, THREE), status(MIDNIGHT - 10, late), status(MIDNIGHT + 60, THREE))
    told = run(3)
    assert (told["recorded"], told["unchanged"]) == (1, 2)
    assert moments(city / "history" / f"{DAY_1}.parquet") == [MIDNIGHT - 30] * 3 + [MIDNIGHT - 10]
    assert not (city / "history" / f"{DAY_1}.csv").exists()


def test_a_bundled_city_is_refused(hand):
    answer = CliRunner().invoke(app, ["record", "goteborg", "--gbfs", "http://127.0.0.1:9/gbfs.json"])
    assert answer.exit_code == 1
    assert "a recording needs a folder of your own (make one with `evenfleet city new`)" in " ".join(
        answer.stderr.split()
    )


def test_the_address_stands_in_city_toml(server, tmp_path, hand):
    server.script(status(NOON, THREE))
    city = write_city_folder(tmp_path / "by", toml=f'gbfs = "{server.url}"\n{CITY_TOML}')
    answer = CliRunner().invoke(app, ["record", str(city), "--polls", "1"])
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.splitlines()[0] == "1 polls: 1 recorded, 0 unchanged, 0 failed; 3 rows"


@pytest.mark.parametrize(
    ("toml", "words", "told"),
    [
        ("", (), 'city.toml: gbfs: does not say where the feed is (add gbfs = "https://…/gbfs.json", or give --gbfs)'),
        ("gbfs = 3\n", (), "city.toml: gbfs:"),
        ('gbfs = "ftp://x/gbfs.json"\n', (), "city.toml: gbfs: is not an http or https address (https://…/gbfs.json)"),
        ("gbfs = \n", (), "city.toml: is not TOML"),
        ("", ("--gbfs", "folder"), "--gbfs: is not an http or https address"),
        ("", ("--gbfs", "http://["), "--gbfs:"),
    ],
)
def test_an_address_that_is_missing_or_wrong_is_told_with_its_place(tmp_path, hand, toml, words, told):
    city = write_city_folder(tmp_path / "by", toml=toml + CITY_TOML)
    answer = CliRunner().invoke(app, ["record", str(city), *words])
    assert answer.exit_code == 1
    assert told in " ".join(answer.stderr.split())
    assert not (city / "history").exists()


def test_city_check_looks_at_the_address_too(tmp_path):
    city = write_gbfs_2(write_city_folder(tmp_path / "by", toml=f'gbfs = "gbfs.json"\n{CITY_TOML}'))
    told = json.loads(CliRunner().invoke(app, ["city", "check", str(city), "--json"]).stdout)
    assert [(error["code"], error["source"], error["where"]) for error in told["errors"]] == [
        ("address_scheme", "city.toml", "gbfs")
    ]


def test_on_a_terminal_polls_take_turns_in_one_line_and_failures_stay(server, city):
    server.script(Answer(status=503, headers={"Retry-After": "0"}), status(NOON, THREE))
    ours, theirs = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "200", "TERM": "xterm"}
    command = [sys.executable, "-c", NO_WAITING, "record", str(city), "--gbfs", server.url, "--polls", "2"]
    with subprocess.Popen(command, env=environment, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        # Reading from a terminal whose other end is gone is an error on Linux, an empty answer elsewhere.
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 4096):
                shown += piece
    os.close(ours)
    assert process.returncode == 0, shown
    assert b"waiting for the first poll" in shown
    assert b"answers 503" in shown
    assert b"3 stations, 3 rows" in shown
    assert b"\x1b[2K" in shown, "the live line was wiped"
