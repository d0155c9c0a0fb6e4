"""What is cached comes back as it was; what is damaged, foreign or refused by the disk is computed anew."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.network import cache
from optimiser.network.profiles import BIKE, DRIVE
from optimiser.network.streets import open_streets
from tests.unit.network.osm_files import at, way, write_osm

SQUARE = {1: (0, 0), 2: (4, 0), 3: (4, 4), 4: (0, 4)}
PLACES = [at("a", 1, 0), at("b", 3, 0), at("c", 0, 3)]


@pytest.fixture
def file(tmp_path):
    return write_osm(tmp_path / "square.osm", SQUARE, way(1, 2, 3, 4, 1, oneway="yes"), way(1, 3))


def test_a_second_opening_takes_the_same_graph_from_the_cache(tmp_path, file):
    told: list[str] = []
    first = open_streets(file, cache_dir=tmp_path / "cache", on_message=told.append)
    second = open_streets(file, cache_dir=tmp_path / "cache", on_message=told.append)
    assert "(cached)" not in told[0]
    assert "(cached)" in told[1]
    assert first.content_hash == second.content_hash
    assert first.report == second.report
    assert first.lines() == second.lines()
    assert np.array_equal(first.times(PLACES).travel_s, second.times(PLACES).travel_s)


def test_nothing_is_written_without_a_cache(tmp_path, file):
    open_streets(file).times(PLACES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["square.osm"]


def test_matrices_come_from_the_cache(tmp_path, file):
    streets = open_streets(file, cache_dir=tmp_path / "cache")
    expected = streets.times(PLACES)
    (kept,) = (tmp_path / "cache").glob("times-*.npz")
    # Sealed again with a telling value: an answer computed anew would not hold it.
    cache.save(kept.parent, kept.stem, {"travel_s": expected.travel_s + 7, "length_m": expected.length_m})
    assert streets.times(PLACES).travel_s[0, 1] == expected.travel_s[0, 1] + 7
    renamed = [at(name, 1, 0) for name in "x"] + [at("y", 3, 0), at("z", 0, 3)]
    assert streets.times(renamed).place_ids == ("x", "y", "z")


def test_each_file_profile_and_hour_has_its_own_entry(tmp_path, file):
    folder = tmp_path / "cache"
    other = write_osm(tmp_path / "other.osm", SQUARE, way(1, 2))
    hashes = {
        open_streets(path, profile=profile, night=night, cache_dir=folder).content_hash
        for path in (file, other)
        for profile in (DRIVE, BIKE)
        for night in (True, False)
    }
    assert len(hashes) == len(list(folder.glob("graph-*.npz"))) == 8


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"not an archive",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-200] + bytes(200),
        lambda content: content[:400] + bytes([content[400] ^ 1]) + content[401:],
    ],
    ids=["empty", "foreign", "torn", "zeroed end", "one bit"],
)
def test_damaged_entries_are_made_anew(tmp_path, file, damage):
    folder = tmp_path / "cache"
    good = open_streets(file, cache_dir=folder)
    expected = good.times(PLACES)
    for entry in folder.glob("*.npz"):
        entry.write_bytes(damage(entry.read_bytes()))
    told: list[str] = []
    again = open_streets(file, cache_dir=folder, on_message=told.append)
    assert "(cached)" not in told[0]
    assert again.content_hash == good.content_hash
    assert np.array_equal(again.times(PLACES).travel_s, expected.travel_s)
    open_streets(file, cache_dir=folder, on_message=told.append)
    assert "(cached)" in told[1], "the damaged entry was not replaced"


def test_an_altered_array_breaks_the_seal(tmp_path):
    assert cache.save(tmp_path, "entry", {"a": np.arange(4)})
    with np.load(tmp_path / "entry.npz") as entry:
        seal = entry["seal"]
    np.savez(tmp_path / "entry.npz", a=np.arange(1, 5), seal=seal)
    assert cache.load(tmp_path, "entry") is None


def test_pickled_entries_are_never_opened(tmp_path):
    np.savez(tmp_path / "entry.npz", a=np.array([{"any": "object"}], dtype=object), seal=np.array("x"))
    assert cache.load(tmp_path, "entry") is None


def test_a_disk_that_refuses_is_no_reason_to_fail(tmp_path, file):
    (tmp_path / "blocked").write_text("a file where the folder should be")
    streets = open_streets(file, cache_dir=tmp_path / "blocked")
    assert streets.times(PLACES).unreachable == ()
    assert not cache.save(tmp_path / "blocked", "entry", {"a": np.arange(3)})


def test_writing_leaves_no_half_files_behind(tmp_path, file):
    open_streets(file, cache_dir=tmp_path / "cache").times(PLACES)
    assert {path.suffix for path in (tmp_path / "cache").iterdir()} == {".npz"}
