"""Cities of one's own through real HTTP and both databases: bring, list, plan by name, renew, forget, refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.car_folders import write_folder
from tests.city_documents import CITY_TOML, write_city_folder
from tests.feed_folders import write_gbfs_2
from tests.service.cities import packed
from tests.service.running import FINAL, RunningService, wait_for

CITIES = "/v1/cities"
ZIP = {"content-type": "application/zip"}


def tiny(tmp_path: Path) -> Path:
    """Three stations along one street."""
    return write_gbfs_2(write_city_folder(tmp_path / "tiny"))


def bring(service: RunningService, name: str, content: bytes, **headers: str) -> Any:
    return service.http.put(f"{CITIES}/{name}", content=content, headers={**ZIP, **headers}, timeout=150)


def plan_of(service: RunningService, path: str) -> dict[str, Any]:
    def final() -> dict[str, Any] | None:
        plan: dict[str, Any] = service.http.get(path).raise_for_status().json()
        return plan if plan["status"] in FINAL else None

    return wait_for(final, within_s=120, what=path)


def check_pages(service: RunningService, path: str, rows: list[dict[str, Any]]) -> None:
    """A list comes in pages of any size, and not again to who has it."""
    for limit in (1, 2, len(rows), len(rows) + 1):
        pages, following = [], f"{path}?limit={limit}"
        while following:
            answer = service.http.get(following)
            pages.append(answer.json())
            following = answer.links.get("next", {}).get("url", "")
        assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
        assert [row for page in pages for row in page] == rows
    tag = service.http.get(path).headers["ETag"]
    known = service.http.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", tag)
    assert service.http.get(path, headers={"If-None-Match": '"other"'}).json() == rows


def test_a_city_is_brought_shown_planned_by_name_renewed_and_forgotten(service: RunningService, tmp_path: Path):
    answer = bring(service, "tiny", packed(tiny(tmp_path)))
    assert answer.status_code == 201, answer.text
    city = answer.json()
    assert answer.headers["Location"] == f"{CITIES}/tiny" == city["links"]["self"]
    assert answer.headers["ETag"] == f'"{city["version"]}"'
    assert (city["plans"], city["is_bundled"]) == (["rebalancing", "siting"], False)
    stations = service.http.get(f"{CITIES}/tiny/stations").json()
    assert [row["id"] for row in stations] == ["A", "B", "C"]
    assert city["counts"]["stations"] == 3
    assert {"id", "name", "lon", "lat", "capacity"} <= set(stations[0])
    assert len(service.http.get(f"{CITIES}/tiny/vans").json()) == city["counts"]["vans"] >= 1
    assert service.http.get(f"{CITIES}/tiny").json()["version"] == city["version"]
    check_pages(service, f"{CITIES}/tiny/stations", stations)
    check_pages(service, f"{CITIES}/goteborg/vans", service.http.get(f"{CITIES}/goteborg/vans").json())

    request = {"city": "tiny", "limits": {"seconds": None, "rounds": 20}}
    answer = service.http.post("/v1/rebalancing-plans", json=request, headers={"Idempotency-Key": "tiny-1"})
    first = plan_of(service, answer.headers["Location"])
    assert (first["status"], first["error"]) == ("succeeded", None)
    assert [row["station_id"] for row in first["plan"]["stations"]] == ["A", "B", "C"]

    second_page = service.http.get(f"{CITIES}/tiny/stations?limit=2").links["next"]["url"]
    # All bikes are gone: the next plan sees it, and the one before is found under its key as it was.
    feed = json.loads((tmp_path / "tiny" / "station_status.json").read_text())
    for row in feed["data"]["stations"]:
        row["num_bikes_available"] = 0
    tag = f'"{city["version"]}"'
    once = {"If-Match": tag, "Idempotency-Key": "gone"}
    answer = service.http.post(f"{CITIES}/tiny/snapshots", json=feed, headers=once, timeout=150)
    assert answer.status_code == 200, answer.text
    assert answer.json()["counts"]["bikes"] == 0
    stale = service.http.get(second_page)
    assert (stale.status_code, stale.json()["errors"][0]["code"]) == (422, "cursor")
    assert answer.json()["version"] != city["version"]
    assert {row["bikes"] for row in service.http.get(f"{CITIES}/tiny/snapshot").json()} == {0}
    again = service.http.post("/v1/rebalancing-plans", json=request, headers={"Idempotency-Key": "tiny-1"})
    assert again.json()["id"] == first["id"]
    second = plan_of(service, service.http.post("/v1/rebalancing-plans", json=request).headers["Location"])
    assert first["plan"]["kpis"]["before"]["bikes_at_stations"] > 0
    assert second["plan"]["kpis"]["before"]["bikes_at_stations"] == 0
    assert second["plan"]["input_hash"] != first["plan"]["input_hash"]

    # Sent again since its answer was lost, it changes nothing, and is no conflict.
    repeated = service.http.post(f"{CITIES}/tiny/snapshots", json=feed, headers=once, timeout=150)
    assert (repeated.status_code, repeated.json()["version"]) == (200, answer.json()["version"])
    assert repeated.headers["Idempotency-Replayed"] == "true"
    stale = service.http.post(f"{CITIES}/tiny/snapshots", json=feed, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert bring(service, "tiny", packed(tiny(tmp_path)), **{"If-None-Match": "*"}).status_code == 412

    assert service.http.delete(f"{CITIES}/tiny").status_code == 204
    assert service.http.get(f"{CITIES}/tiny").status_code == 404
    gone = service.http.post("/v1/rebalancing-plans", json=request)
    assert gone.json()["errors"][0]["code"] == "unknown_city"


def test_a_plan_that_waits_is_made_of_the_version_that_was_when_it_was_submitted(
    service: RunningService, tmp_path: Path
):
    assert bring(service, "waiting", packed(tiny(tmp_path))).status_code == 201
    blocker = {"city": "paris-8e", "limits": {"seconds": 4}}
    service.http.post("/v1/rebalancing-plans", json=blocker)
    request = {"city": "waiting", "limits": {"seconds": None, "rounds": 10}}
    path = service.http.post("/v1/rebalancing-plans", json=request).headers["Location"]
    assert service.http.delete(f"{CITIES}/waiting").status_code == 204
    assert plan_of(service, path)["status"] == "succeeded"


def test_own_and_bundled_cities_are_listed_together(service: RunningService, tmp_path: Path):
    bring(service, "a-first-city", packed(tiny(tmp_path)))
    items = service.http.get(CITIES).json()["items"]
    names = [item["id"] for item in items]
    assert names == sorted(names)
    assert {"a-first-city", "goteborg", "paris-8e"} <= set(names)
    by_name = {item["id"]: item for item in items}
    assert by_name["goteborg"]["is_bundled"]
    assert by_name["goteborg"]["plans"] == ["rebalancing", "relocation", "siting"]
    assert len(service.http.get(f"{CITIES}/goteborg/cars").json()) == by_name["goteborg"]["counts"]["cars"] > 0


def test_cars_of_a_city_of_ones_own_are_planned(service: RunningService, tmp_path: Path):
    write_folder(tmp_path / "town")
    answer = bring(service, "car-town", packed(tmp_path / "town"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["plans"] == ["relocation", "siting"]
    assert answer.json()["counts"]["cars"] == 4
    request = {"city": "car-town", "limits": {"seconds": None, "rounds": 10}}
    plan = plan_of(service, service.http.post("/v1/relocation-plans", json=request).headers["Location"])
    assert plan["status"] == "succeeded"
    bikes = service.http.post("/v1/rebalancing-plans", json=request)
    assert bikes.json()["errors"][0]["code"] == "unknown_city"


def test_every_error_of_a_city_is_told_with_its_place_and_nothing_is_kept(service: RunningService, tmp_path: Path):
    folder = tiny(tmp_path)
    feed = json.loads((folder / "station_status.json").read_text())
    for row in feed["data"]["stations"][:2]:
        row["num_bikes_available"] = -3
    answer = bring(service, "wrong", packed(folder, station_status__json=json.dumps(feed)))
    assert answer.status_code == 422
    problem = answer.json()
    assert len({error["pointer"] for error in problem["errors"]}) >= 2
    assert {error["value"] for error in problem["errors"]} == {-3}
    assert {error["source"] for error in problem["errors"]} == {"station_status.json"}
    assert str(service.folder) not in answer.text
    assert service.http.get(f"{CITIES}/wrong").status_code == 404


@pytest.mark.parametrize(
    ("name", "kind", "status", "code"),
    [
        ("goteborg", "application/zip", 409, "bundled_city"),
        ("Not A Name", "application/zip", 422, "city_name"),
        ("x" * 65, "application/zip", 422, "city_name"),
        ("fine", "application/zip", 422, "not_zip"),
        ("fine", "application/json", 415, "not_zip"),
    ],
)
def test_what_is_no_city_is_refused(service: RunningService, name: str, kind: str, status: int, code: str):
    answer = service.http.put(f"{CITIES}/{name}", content=b"x", headers={"content-type": kind})
    problem = answer.json()
    assert answer.status_code == status
    assert code in (problem["code"], *(error["code"] for error in problem["errors"]))


@pytest.mark.parametrize(
    ("file", "streets"),
    [
        ("city__toml", '"../goteborg/streets.osm.pbf"'),
        ("city__toml", '"/etc/passwd"'),
        ("city__toml", '{ source = "../goteborg/streets.osm.pbf" }'),
        ("cars__toml", '"/etc/passwd"'),
        ("cars__toml", '{ source = "/etc/passwd" }'),
    ],
)
def test_streets_outside_of_the_folder_are_not_opened(service: RunningService, tmp_path: Path, file: str, streets: str):
    own = CITY_TOML if file == "city__toml" else 'streets = "streets.osm"\n'
    answer = bring(service, "outside", packed(tiny(tmp_path), **{file: own.replace('"streets.osm"', streets)}))
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == ["streets_outside"]


@pytest.mark.parametrize(
    "name",
    ["..%2F..%2Fx", "%2e%2e", "%2Fetc%2Fpasswd", "a%00b", "a%E2%80%AEb", "a%0Ab", "nul:x", "x" * 10_000],
)
def test_a_name_that_could_be_more_than_a_name_is_refused(service: RunningService, tmp_path: Path, name: str):
    content = packed(tiny(tmp_path))
    assert bring(service, name, content).status_code in (404, 405, 422)
    assert service.http.get(f"{CITIES}/{name}").status_code == 404


def test_no_file_has_the_name_of_a_city(service: RunningService, tmp_path: Path):
    # Devices on some systems.
    answer = bring(service, "con", packed(tiny(tmp_path)))
    assert answer.status_code == 201, answer.text
    names = {path.name.partition(".")[0].casefold() for path in service.folder.rglob("*")}
    assert "con" not in names
    assert service.http.delete(f"{CITIES}/con").status_code == 204


def test_a_snapshot_of_unknown_stations_or_of_no_city_is_refused(service: RunningService, tmp_path: Path):
    bring(service, "fed", packed(tiny(tmp_path)))
    nobody = {"last_updated": 1_700_000_000, "ttl": 0, "version": "2.3", "data": {"stations": []}}
    assert service.http.post(f"{CITIES}/nowhere/snapshots", json=nobody).status_code == 404
    assert service.http.post(f"{CITIES}/goteborg/snapshots", json=nobody).status_code == 409
    assert service.http.post(f"{CITIES}/fed/snapshots", content=b"{", headers={}).status_code == 400
    answer = service.http.post(f"{CITIES}/fed/snapshots", json={"data": 7})
    assert answer.status_code == 422
    assert {error["source"] for error in answer.json()["errors"]} == {"station_status.json"}
