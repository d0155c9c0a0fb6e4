"""`:import-gbfs`: feeds fetched over real HTTP from this machine into a city of one's own, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from service.app import create_app, prepare_storage
from service.settings import Settings
from tests.city_documents import CITY_TOML, write_city_folder
from tests.feed_folders import DOCKS, Dock, write_gbfs_2, write_gbfs_3
from tests.service.cities import packed
from tests.service.clients import local_client
from tests.service.feed_server import Answer, FeedServer, feed_server

TINY = "/v1/cities/tiny"
IMPORT = f"{TINY}:import-gbfs"
FILES = ("station_information", "station_status", "vehicle_types", "system_information")


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with feed_server() as one:
        yield one


@pytest.fixture
def client(tmp_path: Path, db_url: str, feed: FeedServer) -> Iterator[TestClient]:
    """Of a service that may ask this machine, with the city `tiny`, which names the feed as its own."""
    settings = Settings(data_dir=tmp_path / "data", db_url=db_url, allow_hosts=f"127.0.0.1:{feed.port}")
    prepare_storage(settings)
    city = write_gbfs_2(write_city_folder(tmp_path / "tiny"))
    (city / "city.toml").write_text(f'gbfs = "{feed.url}"\n{CITY_TOML}', encoding="utf-8")
    (city / "targets.csv").write_text("station_id,low,high\nA,1,2\n", encoding="utf-8")
    with local_client(create_app(settings)) as one:
        brought = one.put(TINY, content=packed(city), headers={"content-type": "application/zip"})
        assert brought.status_code == 201, brought.text
        yield one


def serve(feed: FeedServer, folder: Path, version: int, docks: tuple[Dock, ...]) -> None:
    """The feed says from now on that these stations are there."""
    (write_gbfs_3 if version == 3 else write_gbfs_2)(folder, docks)
    feed.list_files(version, *FILES)
    for name in FILES:
        feed.answers[f"/{name}.json"] = [Answer(body=(folder / f"{name}.json").read_bytes())]


def found(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 422, answer.text
    return {finding["code"]: finding for finding in answer.json()["errors"]}


@pytest.mark.parametrize("version", [2, 3])
def test_a_feed_becomes_the_newest_version_of_its_city(
    client: TestClient, feed: FeedServer, tmp_path: Path, version: int
):
    before = client.get(TINY).json()
    more = (*(replace(dock, bikes=0, ebikes=0) for dock in DOCKS), replace(DOCKS[0], id="D", name="Delta", lat=59.911))
    serve(feed, tmp_path / "feed", version, more)
    headers = {"If-Match": f'"{before["version"]}"', "Idempotency-Key": "k"}
    answer = client.post(IMPORT, headers=headers)
    assert answer.status_code == 200, answer.text
    city = answer.json()
    assert answer.headers["ETag"] == f'"{city["version"]}"' != headers["If-Match"]
    assert (city["counts"]["stations"], city["counts"]["bikes"], city["counts"]["vans"]) == (4, 8, 1)
    assert [row["bikes"] for row in client.get(f"{TINY}/snapshot").json()] == [0, 0, 0, 8]
    assert client.get("/v1/audit-events", params={"target": "tiny"}).json()["items"][0]["action"] == "city.import"

    # Repeated, it asks nobody and changes nothing; asked of what it was before, it is refused.
    asked = len(feed.asked)
    repeated = client.post(IMPORT, headers=headers)
    assert (repeated.status_code, repeated.json()["version"]) == (200, city["version"])
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert len(feed.asked) == asked
    assert client.post(IMPORT, headers={"If-Match": headers["If-Match"]}).status_code == 412


def test_all_errors_of_a_feed_are_told_with_their_place_and_nothing_changes(
    client: TestClient, feed: FeedServer, tmp_path: Path
):
    before = client.get(TINY).json()
    serve(feed, tmp_path / "feed", 2, (replace(DOCKS[0], capacity=-1), replace(DOCKS[1], lat=95.0)))
    errors = client.post(IMPORT, json={"url": feed.url}).json()["errors"]
    assert {error["source"] for error in errors} >= {"station_information.json"}
    assert any("station_id A" in error["pointer"] for error in errors)
    assert any("station_id B" in error["pointer"] for error in errors)

    feed.answers.pop("/station_status.json")
    feed.answers["/vehicle_types.json"] = [Answer(status=503)]
    answer = client.post(IMPORT, headers={"Idempotency-Key": "k"})
    assert {error["source"].rpartition("/")[2] for error in answer.json()["errors"]} == {
        "station_status.json",
        "vehicle_types.json",
    }
    feed.list_files(2, "free_bike_status")
    assert set(found(client.post(IMPORT))) == {"feed_incomplete", "fetch_failed"}
    feed.answers["/gbfs.json"] = [Answer(body=b"[" * 900_000)]
    assert set(found(client.post(IMPORT))) == {"not_gbfs"}
    feed.answers["/gbfs.json"] = [Answer(body=b" " * 1_100_000)]
    assert len(found(client.post(IMPORT))) == 1
    assert client.get(TINY).json() == before
    # What failed kept nothing under its key.
    serve(feed, tmp_path / "feed", 2, DOCKS)
    assert client.post(IMPORT, headers={"Idempotency-Key": "k"}).status_code == 200


def test_a_feed_leads_nowhere_inside(client: TestClient, feed: FeedServer, tmp_path: Path):
    for url, code in (
        ("http://127.0.0.1:1/gbfs.json", "address_scheme"),
        ("https://127.0.0.1:1/gbfs.json", "address_inside"),
        ("https://[::1]/gbfs.json", "address_inside"),
        ("file:///etc/passwd", "address_scheme"),
    ):
        assert code in found(client.post(IMPORT, json={"url": url})), url
    serve(feed, tmp_path / "feed", 2, DOCKS)
    feeds = '{"data": {"nb": {"feeds": [{"name": "station_information", "url": "https://169.254.169.254/"}]}}}'
    feed.answers["/gbfs.json"] = [Answer(body=feeds.encode())]
    assert "address_inside" in found(client.post(IMPORT))
    feed.answers["/gbfs.json"] = [Answer(status=302, headers={"Location": "http://127.0.0.1:1/"})]
    assert set(found(client.post(IMPORT))) & {"address_scheme", "address_inside"}


def test_only_a_city_of_ones_own_has_a_feed(client: TestClient, tmp_path: Path):
    assert client.post("/v1/cities/goteborg:import-gbfs").json()["code"] == "bundled_city"
    assert client.post("/v1/cities/nowhere:import-gbfs").json()["code"] == "not_found"
    assert "extra_forbidden" in found(client.post(IMPORT, json={"address": "x"}))
    city = write_gbfs_2(write_city_folder(tmp_path / "mute"))
    client.put("/v1/cities/mute", content=packed(city), headers={"content-type": "application/zip"})
    assert set(found(client.post("/v1/cities/mute:import-gbfs"))) == {"feed_unknown"}
