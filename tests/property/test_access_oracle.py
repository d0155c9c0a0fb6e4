"""Cut-off searches find exactly the pairs of the full matrix that are within the limits, on random street maps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.network.access import access_pairs
from optimiser.network.limits import limits_of
from optimiser.network.straight_line import StraightLine
from optimiser.network.travel import Place
from tests.property.test_network_oracle import maps, whole

CUTOFFS = st.one_of(st.none(), st.integers(0, 400), st.floats(0, 400))


def pairs_of(access) -> list[tuple[str, str, int, int]]:
    return [
        (access.demand_ids[point], access.site_ids[site], travel_s, length_m)
        for point, site, travel_s, length_m in zip(
            access.demand.tolist(),
            access.site.tolist(),
            access.travel_s.tolist(),
            access.length_m.tolist(),
            strict=True,
        )
    ]


def pairs_of_matrix(times, demand: int, *, cutoff_s, cutoff_m) -> list[tuple[str, str, int, int]]:
    """Row by row, the pairs from the first so many places to all others."""
    ids, found = times.place_ids, []
    for i in range(demand):
        for j in range(demand, len(ids)):
            travel_s, length_m = int(times.travel_s[i, j]), int(times.length_m[i, j])
            fits = (cutoff_s is None or travel_s <= cutoff_s) and (cutoff_m is None or length_m <= cutoff_m)
            if travel_s >= 0 and fits:
                found.append((ids[i], ids[j], travel_s, length_m))
    return found


@settings(deadline=None, max_examples=300)
@given(maps(), CUTOFFS, CUTOFFS, st.data())
def test_access_is_the_full_matrix_cut_off(city, cutoff_s, cutoff_m, data):
    streets = whole(city)
    places = (*city.places, *(Place(id=f"again {place.id}", lon=place.lon, lat=place.lat) for place in city.places[:2]))
    order = data.draw(st.permutations(places))
    demand = data.draw(st.integers(0, len(order)))
    expected = pairs_of_matrix(streets.times(order), demand, cutoff_s=cutoff_s, cutoff_m=cutoff_m)
    for threads in (1, 3):
        access = access_pairs(
            streets.graph,
            streets._search_graph,
            streets.snap(order[:demand]),
            streets.snap(order[demand:]),
            limits=limits_of(cutoff_s, cutoff_m),
            max_snap_m=1e6,
            label="",
            threads=threads,
        )
        assert pairs_of(access) == expected


@pytest.mark.parametrize(("cutoff_s", "cutoff_m"), [(None, None), (300, None), (None, 2500.5), (200, 1500)])
def test_so_it_is_in_a_straight_line(cutoff_s, cutoff_m):
    random = np.random.default_rng(7)
    places = [Place(id=str(i), lon=x, lat=y) for i, (x, y) in enumerate(random.uniform(10, 10.05, (60, 2)).tolist())]
    places += [Place(id="pole", lon=10, lat=89.9), Place(id="beyond", lon=-170, lat=89.9)]
    travel = StraightLine(1.3, 36)
    access = travel.access(places[:50], places[50:], cutoff_s=cutoff_s, cutoff_m=cutoff_m, max_snap_m=1)
    expected = pairs_of_matrix(travel.times(places), 50, cutoff_s=cutoff_s, cutoff_m=cutoff_m)
    assert pairs_of(access) == expected
    assert expected
