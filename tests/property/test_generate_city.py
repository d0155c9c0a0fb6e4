"""Any seed gives a valid city that can be stated as a night, the same each time."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.errors import InvalidInput
from optimiser.network.straight_line import StraightLine
from optimiser.network.streets import Streets, open_streets
from optimiser.nightly import state_problem
from scenarios.generation import GeneratedCity, generate_city
from scenarios.inspection import place_of
from scenarios.loader import BUNDLED

LINE = StraightLine(1.3, 25)


@cache
def paris() -> Streets:
    return open_streets(BUNDLED / "paris-8e" / "streets.osm.pbf")


def assert_valid(made: GeneratedCity, travel: Streets | StraightLine, *, stations: int, vans: int) -> None:
    """Its own rules hold, and the rebalancing problem accepts it with all of its stations."""
    city, snapshot, targets = made
    assert (len(city.stations), len(city.vans)) == (stations, vans)
    assert len({station.id for station in city.stations} | {depot.id for depot in city.depots}) == stations + 1
    assert [status.station_id for status in snapshot.stations] == [station.id for station in city.stations]
    assert [target.station_id for target in targets] == [station.id for station in city.stations]
    for station, status in zip(city.stations, snapshot.stations, strict=True):
        assert status.docks is not None
        assert min(status.bikes, status.docks) >= 0
        assert status.bikes + status.docks == station.capacity
    places = [place_of(thing) for thing in (*city.depots, *city.stations)]
    # Coordinates are rounded to a hundredth of a metre.
    assert not travel.far_places(places, max_snap_m=0.1)
    problem = state_problem(city, snapshot, travel.times(places), targets=targets)
    assert len(problem.stations) == stations
    assert city.synthetic


@given(seed=st.integers(0, 2**31 - 1), stations=st.integers(1, 30), vans=st.integers(1, 4), slots=st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_any_seed_gives_a_valid_city_on_a_plane(seed: int, stations: int, vans: int, slots: int):
    made = generate_city(LINE, stations=stations, vans=vans, seed=seed, slots=slots, capacities=(1, 25))
    assert_valid(made, LINE, stations=stations, vans=vans)
    assert made == generate_city(LINE, stations=stations, vans=vans, seed=seed, slots=slots, capacities=(1, 25))


@given(seed=st.integers(0, 2**31 - 1), stations=st.integers(1, 60))
@settings(max_examples=15, deadline=None)
def test_any_seed_gives_a_valid_city_on_streets(seed: int, stations: int):
    made = generate_city(paris(), stations=stations, vans=2, seed=seed)
    assert_valid(made, paris(), stations=stations, vans=2)


def test_other_seeds_give_other_cities():
    first, second = (generate_city(LINE, stations=20, vans=1, seed=seed) for seed in (1, 2))
    assert first.snapshot != second.snapshot


def test_a_large_city_is_made_at_once():
    made = generate_city(paris(), stations=5_000, vans=50, seed=1)
    assert len({station.id for station in made.city.stations}) == 5_000


@pytest.mark.parametrize("wrong", [{"stations": 0}, {"vans": 0}, {"capacities": (5, 4)}, {"capacities": (0, 4)}])
def test_nonsense_is_refused(wrong: dict[str, object]):
    arguments: dict[str, object] = {"stations": 3, "vans": 1, "seed": 1} | wrong
    with pytest.raises(InvalidInput):
        generate_city(LINE, **arguments)  # type: ignore[arg-type]
