"""Bundled cities load, say what is made up, are small, stand on their streets, and can be made again."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scenarios.inspection import inspect_city, place_of
from scenarios.loader import BUNDLED, list_cities, load_city, open_travel
from scenarios.past import read_past
from tests.feed_folders import SHARED

SOURCES = {
    "coquimbo": "coquimbo/coquimbo.zip",
    "goteborg": "goteborg/goteborg_highways.osm.pbf",
    "london-docks": "london_docks/cycle_hire.geojson",
    "paris-8e": "paris_8e/paris_8e.osm.pbf",
}
BY_HAND = {"city.toml", "SOURCE.md", "derive.py", "cars.toml", "derive_cars.py"}


def test_these_cities_are_bundled():
    assert list_cities() == tuple(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_a_bundled_city_has_nothing_to_complain_about(name: str):
    assert inspect_city(name) == ()


@pytest.mark.parametrize("name", SOURCES)
def test_every_station_and_depot_reaches_every_other(name: str):
    loaded = load_city(name)
    times = open_travel(loaded).times([place_of(thing) for thing in (*loaded.city.depots, *loaded.city.stations)])
    assert times.unreachable == ()


@pytest.mark.parametrize("name", SOURCES)
def test_it_is_said_what_is_made_up_and_whom_to_thank(name: str):
    loaded = load_city(name)
    assert any("assumed" in sentence for sentence in loaded.city.synthetic)
    assert loaded.city.attribution
    source = (BUNDLED / name / "SOURCE.md").read_text(encoding="utf-8")
    for word in ("Licence", "Attribution", "Real", "Steps"):
        assert word in source
    if name == "coquimbo":
        assert "AequilibraE" in source
        assert any("AequilibraE" in text for text in loaded.city.attribution)


@pytest.mark.parametrize("name", SOURCES)
def test_it_is_small(name: str):
    assert sum(path.stat().st_size for path in (BUNDLED / name).rglob("*") if path.is_file()) < 800_000


def test_goteborg_is_an_interesting_night():
    loaded = load_city("goteborg")
    assert loaded.targets
    status = {item.station_id: item for item in loaded.snapshot.stations}
    assert 60 <= len(loaded.city.stations) <= 80
    empty = sum(item.bikes == 0 for item in loaded.snapshot.stations)
    full = sum(item.docks == 0 for item in loaded.snapshot.stations)
    short = sum(max(0, target.low - status[target.station_id].bikes) for target in loaded.targets)
    over = sum(max(0, status[target.station_id].bikes - target.high) for target in loaded.targets)
    assert min(empty, full) >= 2
    assert min(short, over) >= 100


def test_london_has_every_dock_and_bike_of_its_source():
    loaded = load_city("london-docks")
    assert len(loaded.city.stations) == 742
    assert sum(item.bikes for item in loaded.snapshot.stations) == 9_055
    assert sum(item.docks or 0 for item in loaded.snapshot.stations) == 9_911


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder ../shared with the sources is absent")
@pytest.mark.parametrize(("name", "source"), SOURCES.items())
def test_the_script_makes_the_same_files_byte_for_byte(tmp_path: Path, name: str, source: str):
    spec = importlib.util.spec_from_file_location("derive", BUNDLED / name / "derive.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    # Dataclasses of the script look their module up.
    import sys

    sys.modules["derive"] = script
    try:
        spec.loader.exec_module(script)
        script.derive(SHARED / source, tmp_path)
    finally:
        del sys.modules["derive"]
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    kept = {path.name: path.read_bytes() for path in (BUNDLED / name).iterdir() if path.is_file()}
    assert made == {file: content for file, content in kept.items() if file not in BY_HAND}
    for past in (BUNDLED / name).glob("history/*.parquet"):
        # Another version of the library writes other bytes; the rows are the same.
        assert pq.read_table(past).equals(pq.read_table(tmp_path / "history" / past.name))


def test_paris_learns_its_targets_from_its_made_up_past():
    past = read_past(load_city("paris-8e"))
    assert past is not None
    assert past.warnings == ()
    assert past.report.as_document()["rows"] > 80_000
