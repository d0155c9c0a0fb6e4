"""`evenfleet city new | check | list`, and feeds fetched over real HTTP from this machine."""

from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from optimiser.basics.errors import InvalidInput
from scenarios.loader import list_cities, load_city
from service import feeds
from service.cli.city import app
from tests.city_documents import CITY_TOML, STREETS_XML, write_city_folder
from tests.feed_folders import write_csv, write_gbfs_2, write_gbfs_3


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address it is served at."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield folder, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("EVENFLEET_DATA_DIR", str(tmp_path / "data"))
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def streets(tmp_path: Path) -> Path:
    path = tmp_path / "by.osm"
    path.write_text(STREETS_XML, encoding="utf-8")
    return path


def fetch(url: str, folder: Path) -> None:
    feeds.fetch_gbfs(url, folder, feeds.users_connector(url))


def listing_2(address: str, folder: Path) -> dict[str, Any]:
    names = sorted(path.stem for path in folder.glob("*.json"))
    return {"data": {"nb": {"feeds": [{"name": name, "url": f"{address}/{name}.json"} for name in names]}}}


def listing_3(address: str, folder: Path) -> dict[str, Any]:
    return {"data": listing_2(address, folder)["data"]["nb"]}


@pytest.mark.parametrize("version", [2, 3])
def test_a_city_is_made_from_a_feed_address(site, run, streets: Path, tmp_path: Path, version: int):
    folder, address = site
    write, listing = {2: (write_gbfs_2, listing_2), 3: (write_gbfs_3, listing_3)}[version]
    write(folder)
    (folder / "gbfs.json").write_text(json.dumps(listing(address, folder)))
    answer = run("new", tmp_path / "by", "--streets", streets, "--gbfs", f"{address}/gbfs.json")
    assert answer.exit_code == 0, answer.output
    assert [station.name for station in load_city(tmp_path / "by").city.stations] == ["Alpha", "Bravo", "Charlie"]
    assert f"{address}/gbfs.json" in (tmp_path / "by" / "SOURCE.md").read_text()
    assert tomllib.loads((tmp_path / "by" / "city.toml").read_text())["gbfs"] == f"{address}/gbfs.json"
    assert "evenfleet plan" in answer.stderr
    assert "3 stations" in answer.stdout


def test_files_of_a_listing_may_have_relative_addresses(site, tmp_path: Path):
    folder, address = site
    write_gbfs_2(folder)
    (folder / "gbfs.json").write_text(json.dumps(listing_2(".", folder)))
    fetch(f"{address}/gbfs.json", tmp_path)
    assert (tmp_path / "station_status.json").read_bytes() == (folder / "station_status.json").read_bytes()


def test_every_file_that_cannot_be_fetched_is_told(site, tmp_path: Path):
    folder, address = site
    listing = {"data": {"feeds": [{"name": "station_information", "url": f"{address}/gone.json"}]}}
    listing["data"]["feeds"].append({"name": "station_status", "url": "file:///etc/hostname"})
    (folder / "gbfs.json").write_text(json.dumps(listing))
    with pytest.raises(InvalidInput) as caught:
        fetch(f"{address}/gbfs.json", tmp_path)
    assert [(finding.code, finding.source) for finding in caught.value.findings] == [
        ("fetch_failed", f"{address}/gone.json"),
        ("address_scheme", "file:///etc/hostname"),
    ]


@pytest.mark.parametrize("content", ["[]", "<html>", '{"data": 3}', '{"data": {"en": {}}}'])
def test_what_is_not_a_listing_is_refused(site, tmp_path: Path, content: str):
    folder, address = site
    (folder / "gbfs.json").write_text(content)
    with pytest.raises(InvalidInput, match=r"gbfs\.json"):
        fetch(f"{address}/gbfs.json", tmp_path)


def test_a_listing_without_stations_is_refused(site, tmp_path: Path):
    folder, address = site
    (folder / "gbfs.json").write_text(json.dumps({"data": {"feeds": []}}))
    with pytest.raises(InvalidInput) as caught:
        fetch(f"{address}/gbfs.json", tmp_path)
    assert [finding.code for finding in caught.value.findings] == ["feed_incomplete"] * 2


def test_a_file_larger_than_allowed_is_not_read_to_its_end(site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder, address = site
    (folder / "gbfs.json").write_text(" " * 2_000)
    monkeypatch.setattr(feeds, "MAX_FILE_BYTES", 1_000)
    with pytest.raises(InvalidInput, match="larger"):
        fetch(f"{address}/gbfs.json", tmp_path)


def test_nobody_listening_is_an_error_not_a_traceback(run, streets: Path, tmp_path: Path):
    answer = run("new", tmp_path / "by", "--streets", streets, "--gbfs", "http://127.0.0.1:9/gbfs.json")
    assert answer.exit_code == 1
    assert "cannot be fetched" in " ".join(answer.stderr.split())


def test_new_tells_what_was_assumed_as_json_on_stdout(run, streets: Path, tmp_path: Path):
    feed = write_csv(tmp_path / "feed")
    answer = run("new", tmp_path / "by", "--streets", streets, "--gbfs", feed, "--currency", "NOK", "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert (told["stations"], told["bikes"], told["vans"]) == (3, 11, 1)
    assert any("time zone" in text for text in told["assumed"])
    assert not any("currency" in text for text in told["assumed"])


def test_new_refuses_a_folder_that_is_not_empty(run, streets: Path, tmp_path: Path):
    feed = write_gbfs_2(tmp_path / "feed")
    arguments = ("new", feed, "--streets", streets, "--gbfs", feed)
    assert run(*arguments).exit_code == 1
    other = tmp_path / "by"
    other.mkdir()
    (other / "x").touch()
    assert run("new", other, *arguments[2:]).exit_code == 1
    assert run("new", other, *arguments[2:], "--force").exit_code == 0


def test_new_takes_the_time_of_a_table(run, streets: Path, tmp_path: Path):
    feed = write_csv(tmp_path / "feed")
    when = "2026-11-22T21:00:00+01:00"
    answer = run("new", tmp_path / "by", "--streets", streets, "--gbfs", feed, "--as-of", when)
    assert answer.exit_code == 0, answer.output
    assert load_city(tmp_path / "by").snapshot.as_of.isoformat() == when


def test_a_time_without_offset_is_refused_by_the_name_of_the_option(run, streets: Path, tmp_path: Path):
    feed = write_csv(tmp_path / "feed")
    answer = run("new", tmp_path / "by", "--streets", streets, "--gbfs", feed, "--as-of", "2026-11-22T21:00")
    assert answer.exit_code == 1
    assert "--as-of" in answer.stderr
    assert "offset" in answer.stderr


def test_a_time_that_is_none_is_a_usage_error(run, streets: Path, tmp_path: Path):
    feed = write_csv(tmp_path / "feed")
    assert run("new", tmp_path / "by", "--streets", streets, "--gbfs", feed, "--as-of", "nine").exit_code == 2


def test_check_lists_everything_and_fails_on_errors(run, tmp_path: Path):
    folder = write_gbfs_2(write_city_folder(tmp_path / "by", toml=CITY_TOML.replace("slots = 10", "slots = 0")))
    answer = run("check", folder, "--json")
    assert answer.exit_code == 1
    told = json.loads(answer.stdout)
    assert [(error["source"], error["where"], error["value"]) for error in told["errors"]] == [
        ("city.toml", "vans[0].slots", 0)
    ]


def test_check_passes_with_warnings(run, tmp_path: Path):
    folder = write_gbfs_2(write_city_folder(tmp_path / "by"))
    (folder / "targets.csv").write_text("station_id,low,high\nA,1,2\n")
    answer = run("check", folder)
    assert answer.exit_code == 0, answer.output
    assert "errors 0, warnings 1" in answer.stdout


def test_check_looks_at_the_streets(run, tmp_path: Path):
    toml = CITY_TOML.replace("lat = 59.911", "lat = 59.8").replace('"streets.osm"', '"streets.osm"\non_far = "reject"')
    folder = write_gbfs_2(write_city_folder(tmp_path / "by", toml=toml))
    answer = run("check", folder)
    assert answer.exit_code == 1
    assert "depot" in answer.stderr


def test_check_of_an_unknown_city_names_the_known(run):
    answer = run("check", "atlantis")
    assert answer.exit_code == 1
    assert "goteborg" in answer.stderr


def test_list_names_every_bundled_city_and_what_is_made_up(run):
    told = json.loads(run("list", "--json").stdout)
    assert [city["id"] for city in told] == list(list_cities())
    assert all(city["synthetic"] and city["attribution"] for city in told)
    plain = run("list").stdout
    assert all(name in plain for name in list_cities())


def test_a_city_needs_streets_from_a_file_or_by_the_name_of_a_place(tmp_path):
    for words in ([], ["--streets", "a.osm.pbf", "--place", "Tinytown"]):
        done = CliRunner().invoke(app, ["new", str(tmp_path / "city"), "--gbfs", str(tmp_path), *words])
        assert done.exit_code == 2
        assert "give a street file, or with --place" in " ".join(done.stderr.split())


def test_a_place_that_cannot_be_fetched_is_told_and_nothing_is_made(tmp_path, monkeypatch):
    def refuse(place, **_):
        raise ConnectionError("no route to host")

    import osmnx

    monkeypatch.setattr(osmnx, "graph_from_place", refuse)
    write_gbfs_2(tmp_path / "feed")
    words = ["new", str(tmp_path / "city"), "--gbfs", str(tmp_path / "feed"), "--place", "Tinytown"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert "Tinytown: cannot be fetched: no route to host" in done.stderr
    assert not (tmp_path / "city").exists()
