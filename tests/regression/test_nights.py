"""Whole nights on real streets: checked by a stranger, on the street graph, and no worse than they were."""

import json
from datetime import UTC, datetime
from pathlib import Path

import osmium
import pytest
import shapely
from typer.testing import CliRunner

from scenarios.loader import list_cities, load_city
from service.cli import app
from tests.feed_folders import SHARED, oslo_docks, write_csv, write_gbfs_2, write_gbfs_3
from tests.unit.reporting.replayer import replay_plan

SAVED = json.loads((Path(__file__).parent / "nights.json").read_text())
"""By city: rounds searched, the objective they gave, and the bound."""
WORSE = 1.05
"""Other versions search otherwise; five per cent worse than saved is a regression."""
EVENING = datetime(2022, 11, 15, 20, 0, tzinfo=UTC)


def plan(city: object, folder: Path, *, rounds: int, monkeypatch: pytest.MonkeyPatch) -> dict:
    """Plan through the command and give plan.json to a stranger."""
    monkeypatch.setenv("EVENFLEET_DATA_DIR", str(folder / "data"))
    words = ["plan", str(city), "--rounds", str(rounds), "--output", str(folder / "night"), "--json"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert 0 == done.exit_code, done.stderr
    text = (folder / "night/plan.json").read_bytes()
    replay_plan(text)
    return json.loads(text)


def test_every_bundled_city_has_a_saved_night():
    assert set(list_cities()) == set(SAVED)


@pytest.mark.parametrize("city", sorted(SAVED))
def test_a_bundled_night_is_as_good_as_it_was_and_bounds_do_not_contradict(city, tmp_path, monkeypatch):
    saved = SAVED[city]
    found = plan(city, tmp_path, rounds=saved["rounds"], monkeypatch=monkeypatch)
    assert found["objective"] <= WORSE * saved["objective"]
    # A plan below an old bound, or a bound above an old plan: one of them would be lying.
    assert found["objective"] >= saved["best_bound"] - 1e-6
    assert found["best_bound"] <= saved["objective"] + 1e-6


@pytest.mark.parametrize("city", [city for city in sorted(SAVED) if city != "london-docks"])
def test_routes_lie_on_the_citys_streets(city, tmp_path, monkeypatch):
    plan(city, tmp_path, rounds=50, monkeypatch=monkeypatch)
    assert_on_streets(tmp_path / "night/routes.geojson", load_city(city).streets)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the real data of ../shared/data")
@pytest.mark.parametrize("write", [write_gbfs_2, write_gbfs_3], ids=["gbfs-2.3", "gbfs-3.0"])
def test_oslo_from_its_feed_to_a_plan_on_its_streets(write, tmp_path, monkeypatch):
    feed = write(tmp_path / "feed", oslo_docks(EVENING), as_of=EVENING)
    streets = SHARED / "oslo/oslo-east-filtered.osm.pbf"
    city = tmp_path / "oslo"
    words = ["city", "new", str(city), "--streets", str(streets), "--gbfs", str(feed)]
    monkeypatch.setenv("EVENFLEET_DATA_DIR", str(tmp_path / "data"))
    made = CliRunner().invoke(app, words, catch_exceptions=False)
    assert 0 == made.exit_code, made.stderr
    found = plan(city, tmp_path, rounds=200, monkeypatch=monkeypatch)
    assert found["objective"] < found["kpis"]["before"]["lost_trip_cost"]
    assert found["routes"]
    # 260 stations, some of them off the extract: every one is planned or named.
    assert 260 == len(found["stations"]) + len(found["left_out"])
    assert all(item["distance_m"] > 250 for item in found["left_out"])
    assert_on_streets(tmp_path / "night/routes.geojson", streets)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the real data of ../shared/data")
def test_oslo_from_tables_is_the_same_problem_as_from_its_feed(tmp_path, monkeypatch):
    monkeypatch.setenv("EVENFLEET_DATA_DIR", str(tmp_path / "data"))
    feed = write_gbfs_2(tmp_path / "feed", oslo_docks(EVENING), as_of=EVENING)
    streets = SHARED / "oslo/oslo-east-filtered.osm.pbf"
    city = tmp_path / "oslo"
    words = ["city", "new", str(city), "--streets", str(streets), "--gbfs", str(feed)]
    assert 0 == CliRunner().invoke(app, words, catch_exceptions=False).exit_code
    first = plan(city, tmp_path, rounds=10, monkeypatch=monkeypatch)
    for name in ("station_information.json", "station_status.json"):
        (city / name).unlink()
    write_csv(city, oslo_docks(EVENING))
    with (city / "city.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[snapshot]\nas_of = {EVENING.isoformat()}\n")
    second = plan(city, tmp_path, rounds=10, monkeypatch=monkeypatch)
    assert first["input_hash"] == second["input_hash"]
    assert first["routes"] == second["routes"]


def assert_on_streets(geojson: Path, streets: Path) -> None:
    """Every point of every leg, but its two places, lies on a street of the file as osmium reads it."""
    lines = []
    for way in osmium.FileProcessor(str(streets)).with_locations().with_filter(osmium.filter.KeyFilter("highway")):
        if way.is_way():
            points = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
            if len(points) > 1:
                lines.append(shapely.LineString(points))
    tree = shapely.STRtree(lines)
    legs = [
        feature["geometry"]["coordinates"]
        for feature in json.loads(geojson.read_text())["features"]
        if feature["geometry"]["type"] == "LineString"
    ]
    assert legs
    points = shapely.points([point for leg in legs for point in leg[1:-1]])
    _, distance = tree.query_nearest(points, all_matches=False, return_distance=True)
    # Six decimals of a degree are about 0.1 m; a curve's chord is not a corner cut.
    assert len(points) == len(distance)
    assert distance.max() < 3e-6
