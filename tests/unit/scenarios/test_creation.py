"""`city new` makes a folder that can be planned at once, or says everything that is wrong and writes nothing."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.basics.limits import SolveLimits
from optimiser.network.straight_line import StraightLine
from optimiser.nightly import plan_night
from scenarios.creation import CreatedCity, Wishes, central_station, create_city, slug
from scenarios.loader import load_city, open_travel
from tests.city_documents import STREETS_XML, city_document
from tests.feed_folders import DOCKS, SHARED, Dock, oslo_docks, write_csv, write_gbfs_2, write_gbfs_3

TODAY = date(2026, 11, 22)
EVENING = datetime(2023, 6, 15, 20, 0, tzinfo=UTC)
FAR = Dock(id="far", name="Island", lon=10.9, lat=59.8, capacity=5, bikes=1)


@pytest.fixture
def streets(tmp_path: Path) -> Path:
    path = tmp_path / "by.osm"
    path.write_text(STREETS_XML, encoding="utf-8")
    return path


def create(tmp_path: Path, streets: Path, feed: Path, **options) -> CreatedCity:
    return create_city(tmp_path / "new" / "by", feed, streets=streets, today=TODAY, **options)


@pytest.mark.parametrize("write", [write_gbfs_2, write_gbfs_3, write_csv])
def test_the_new_folder_can_be_planned_at_once(tmp_path: Path, streets: Path, write):
    created = create(tmp_path, streets, write(tmp_path / "feed"))
    loaded = load_city(created.folder)
    assert [station.id for station in loaded.city.stations] == ["A", "B", "C"]
    assert loaded.city.time_zone == "Europe/Oslo"
    assert not created.warnings
    night = plan_night(
        loaded.city,
        loaded.snapshot,
        open_travel(loaded),
        limits=SolveLimits(seconds=None, rounds=1),
        targets=loaded.targets,
    )
    assert not night.left_out


def test_every_assumed_value_is_marked_with_its_reason(tmp_path: Path, streets: Path):
    created = create(tmp_path, streets, write_csv(tmp_path / "feed"))
    text = (created.folder / "city.toml").read_text(encoding="utf-8")
    lines = text.splitlines()
    for start in ("time_zone", "currency", "max_snap_m", "on_far", "as_of"):
        (line,) = (line for line in lines if line.startswith(start))
        assert "# assumed" in line
    for table in ("[[depots]]", "[[vans]]", "[handling]", "[prices]"):
        assert lines[lines.index(table) - 1].startswith("# assumed")
    assert any("assumed" in sentence for sentence in created.loaded.city.synthetic)
    assert len(created.assumed) == 4
    assert "assumed" in (created.folder / "SOURCE.md").read_text(encoding="utf-8")


def test_what_is_said_is_not_assumed(tmp_path: Path, streets: Path):
    said = Wishes(name='"By" \\ på', time_zone="Europe/Berlin", currency="NOK", as_of=datetime(2026, 1, 1, tzinfo=UTC))
    created = create(tmp_path, streets, write_csv(tmp_path / "feed"), wishes=said)
    city = created.loaded.city
    assert (city.name, city.time_zone, city.currency, city.id) == ('"By" \\ på', "Europe/Berlin", "NOK", "by-pa")
    assert created.loaded.snapshot.as_of == said.as_of
    assert created.assumed == ("depot, vans, shifts, handling times and prices",)


def test_the_feed_names_the_system_and_its_time_zone(tmp_path: Path, streets: Path):
    created = create(tmp_path, streets, write_gbfs_3(tmp_path / "feed"))
    assert (created.loaded.city.name, created.loaded.city.id) == ("By", "by")


def test_the_feed_is_kept_as_given(tmp_path: Path, streets: Path):
    feed = write_gbfs_2(tmp_path / "feed")
    created = create(tmp_path, streets, feed)
    for path in feed.iterdir():
        assert (created.folder / path.name).read_bytes() == path.read_bytes()
    assert (created.folder / "streets.osm").read_bytes() == streets.read_bytes()


def test_stations_off_the_streets_are_named_with_their_distance(tmp_path: Path, streets: Path):
    created = create(tmp_path, streets, write_gbfs_2(tmp_path / "feed", [*DOCKS, FAR]))
    (warning,) = created.warnings
    assert warning.code == "far_from_street"
    assert warning.message.startswith("1 of 4 stations are further than 250 m from the streets and left out: far (")


def test_streets_of_another_city_are_an_error(tmp_path: Path, streets: Path):
    feed = write_gbfs_2(tmp_path / "feed", [FAR])
    with pytest.raises(InvalidInput, match="of this city"):
        create(tmp_path, streets, feed)
    assert not (tmp_path / "new").exists()


def test_the_depot_stands_where_all_others_are_near(tmp_path: Path, streets: Path):
    created = create(tmp_path, streets, write_gbfs_2(tmp_path / "feed"))
    (depot,) = created.loaded.city.depots
    # The stations lie along one street, so the one in the middle it is.
    assert (depot.name, depot.lon, depot.lat) == ("Depot near Bravo", 10.76, 59.92)


def test_docks_pull_the_centre():
    line = StraightLine(1.3, 25)
    stations = load_city("paris-8e").city.stations[:3]
    heavy = [replace(stations[0], capacity=1000), *stations[1:]]
    # With a thousand docks, any other place is further from most docks.
    assert central_station(heavy, line).id == stations[0].id


def test_a_station_named_depot_does_not_clash(tmp_path: Path, streets: Path):
    docks = [replace(DOCKS[0], id="depot"), replace(DOCKS[1], id="depot-1"), DOCKS[2]]
    created = create(tmp_path, streets, write_gbfs_2(tmp_path / "feed", docks))
    assert [depot.id for depot in created.loaded.city.depots] == ["depot-2"]
    assert {van.start_depot_id for van in created.loaded.city.vans} == {"depot-2"}


@pytest.mark.parametrize(("stations", "vans"), [(1, 1), (50, 1), (51, 2), (120, 3)])
def test_vans_grow_with_the_fleet(tmp_path: Path, streets: Path, stations: int, vans: int):
    docks = [replace(DOCKS[0], id=str(number)) for number in range(stations)]
    created = create(tmp_path, streets, write_gbfs_2(tmp_path / "feed", docks))
    assert len(created.loaded.city.vans) == vans


def test_everything_wrong_is_told_at_once_and_nothing_is_written(tmp_path: Path):
    feed = write_csv(tmp_path / "feed")
    (feed / "station_information.csv").write_text("station_id,name,lat,lon,capacity\nA,Alpha,95,10.75,ten\n")
    folder = tmp_path / "full"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInput) as caught:
        create_city(
            folder,
            feed,
            streets=tmp_path / "none.osm.pbf",
            today=TODAY,
            wishes=Wishes(time_zone="Oslo/Europe", currency="kr"),
        )
    assert {(finding.source, finding.where, finding.code) for finding in caught.value.findings} == {
        ("DIR", "", "folder_not_empty"),
        ("--streets", "", "streets_missing"),
        ("--time-zone", "", "time_zone"),
        ("--currency", "", "string_pattern_mismatch"),
        ("station_information.csv", "row 2, lat", "less_than_equal"),
        ("station_information.csv", "row 2, capacity", "int_parsing"),
    }
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_street_file_of_unknown_kind_is_refused(tmp_path: Path):
    path = tmp_path / "streets.shp"
    path.write_text("x")
    with pytest.raises(InvalidInput, match="graphml"):
        create(tmp_path, path, write_gbfs_2(tmp_path / "feed"))


def test_a_damaged_street_file_is_refused(tmp_path: Path):
    path = tmp_path / "streets.osm.pbf"
    path.write_bytes(b"not an extract")
    with pytest.raises(InvalidInput):
        create(tmp_path, path, write_gbfs_2(tmp_path / "feed"))
    assert not (tmp_path / "new").exists()


def test_a_feed_folder_without_status_is_refused(tmp_path: Path, streets: Path):
    feed = write_csv(tmp_path / "feed")
    (feed / "station_status.csv").unlink()
    with pytest.raises(InvalidInput) as caught:
        create(tmp_path, streets, feed)
    assert [finding.source for finding in caught.value.findings] == ["station_status.json"]


def test_force_replaces_an_earlier_feed_and_keeps_the_rest(tmp_path: Path, streets: Path):
    first = create(tmp_path, streets, write_csv(tmp_path / "csv"))
    (first.folder / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="not empty"):
        create(tmp_path, streets, write_gbfs_2(tmp_path / "gbfs"))
    second = create(tmp_path, streets, write_gbfs_2(tmp_path / "gbfs"), force=True)
    assert not (second.folder / "station_status.csv").exists()
    assert (second.folder / "notes.txt").read_text() == "mine"
    assert load_city(second.folder).city.name == "By"


@pytest.mark.parametrize(
    ("name", "id_"), [("Göteborg", "goteborg"), ("São Paulo!", "sao-paulo"), ("東京", "city"), ("-" * 80, "city")]
)
def test_ids_are_made_from_names(name: str, id_: str):
    assert slug(name) == id_


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder ../shared with Oslo's data is absent")
@pytest.mark.parametrize("write", [write_gbfs_2, write_gbfs_3, write_csv])
def test_oslo_on_a_real_evening(tmp_path: Path, write):
    docks = oslo_docks(EVENING)
    feed = write(tmp_path / "feed", docks, **({} if write is write_csv else {"as_of": EVENING}))
    created = create(tmp_path, SHARED / "oslo" / "oslo-east-filtered.osm.pbf", feed)
    loaded = created.loaded
    assert len(loaded.city.stations) == 260
    assert loaded.city.time_zone == "Europe/Oslo"
    assert sum(status.bikes for status in loaded.snapshot.stations) == sum(dock.bikes for dock in docks)
    (warning,) = created.warnings
    assert warning.code == "far_from_street"
    far = int(warning.message.split()[0])
    assert 40 <= far <= 60
    assert warning.message.count(" m)") == far
    (depot,) = loaded.city.depots
    assert 10.70 < depot.lon < 10.80
    assert 59.90 < depot.lat < 59.94
    assert len(loaded.city.vans) == 5


def test_the_inline_form_and_a_folder_agree(tmp_path: Path, streets: Path):
    created = create(tmp_path, streets, write_gbfs_2(tmp_path / "feed"))
    written = tomllib.loads((created.folder / "city.toml").read_text(encoding="utf-8"))
    assert set(written) | {"stations", "snapshot"} >= set(city_document())
