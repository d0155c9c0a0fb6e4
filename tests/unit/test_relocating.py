"""The recipe of a night of e-cars: who takes part, over whose streets, and what is left out."""

from dataclasses import replace

import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.network.straight_line import StraightLine
from optimiser.network.travel import FarPlace
from optimiser.relocating import reachable, relocate_night
from optimiser.relocation.check import check
from optimiser.relocation.cost import cost
from scenarios.relocation.loader import load_fleet
from tests.car_folders import CARS, write_folder

CAR, BIKE = StraightLine(1.0, 36.0), StraightLine(1.0, 18.0)
MATRIX = CARS.replace('mode = "folding-bike"', 'mode = "taxi"') + '[[modes]]\nname = "taxi"\nkind = "matrix"\n'


class Streets(StraightLine):
    """A straight line from which some places are far."""

    __slots__ = ()
    far = ("C",)

    def far_places(self, places, *, max_snap_m):
        return tuple(FarPlace(place=place, distance_m=400.0) for place in places if place.id in self.far)


class FarHome(Streets):
    __slots__ = ()
    far = ("home",)


def fleet(tmp_path, files=None):
    return load_fleet(write_folder(tmp_path, files)).fleet


def reach(made, drive=CAR, ways=None, on_far="warn"):
    findings = Findings()
    ways = {"folding-bike": BIKE} if ways is None else ways
    return (*reachable(made, drive, ways, max_snap_m=250.0, on_far=on_far, findings=findings), findings)


def test_a_night_is_planned_checked_and_priced(tmp_path):
    made = fleet(tmp_path)
    night = relocate_night(made, made.as_of, CAR, {"folding-bike": BIKE}, limits=SolveLimits(seconds=None, rounds=2))
    assert not check(night.problem, night.result.plan)
    assert night.result.objective == pytest.approx(cost(night.problem, night.result.plan).total)
    assert night.cost_after.total == pytest.approx(night.result.objective)
    assert night.cost_after.total <= min(night.cost_before.total, night.cost_plain.total) + 1e-9
    assert night.warnings == ()
    assert [mode.name for mode in night.problem.modes] == ["folding-bike"]
    # 715 m are 72 s by car; by bike 143 s and the folding.
    assert night.problem.drive_s("A", "B") == 72
    assert night.problem.ride_s(night.problem.drivers[0], "A", "B") == 143 + 60


def test_a_place_off_the_streets_of_cars_or_bikes_is_left_out(tmp_path):
    made = fleet(tmp_path)
    for drive, bike in ((Streets(1.0, 36.0), BIKE), (CAR, Streets(1.0, 18.0))):
        left_out, times, modes, findings = reach(made, drive, {"folding-bike": bike})
        assert [(item.station_id, item.code, item.distance_m) for item in left_out] == [("C", "FAR_FROM_STREET", 400.0)]
        assert "C" not in times.place_ids
        assert modes["folding-bike"].place_ids == times.place_ids
        assert [finding.code for finding in findings.warnings] == ["far_from_street"]


def test_it_is_refused_where_the_city_says_so_and_a_home_always_is(tmp_path):
    made = fleet(tmp_path)
    with pytest.raises(InvalidInput, match="400 m"):
        reach(made, Streets(1.0, 36.0), on_far="reject")
    with pytest.raises(InvalidInput, match="home"):
        reach(made, FarHome(1.0, 36.0), on_far="drop")


def test_times_of_ones_own_are_taken_and_what_is_not_given_cannot_be_gone(tmp_path):
    places = ("home", "A", "B")
    pairs = [
        f"taxi,{a},{b},{300 + 10 * i},{2000 + i}"
        for i, (a, b) in enumerate((a, b) for a in places for b in places if a != b)
    ]
    text = "mode,from,to,seconds,metres\n" + "\n".join(pairs) + "\n"
    made = fleet(tmp_path, {"cars.toml": MATRIX, "cars/matrix.csv": text})
    left_out, _, modes, _ = reach(made, ways={})
    assert [(item.station_id, item.code) for item in left_out] == [("C", "UNREACHABLE")]
    taxi = modes["taxi"]
    index = {id_: row for row, id_ in enumerate(taxi.place_ids)}
    assert taxi.travel_s[index["home"], index["B"]] == 310
    assert taxi.length_m[index["B"], index["A"]] == 2005
    assert taxi.travel_s[index["A"], index["A"]] == 0


def test_a_night_without_a_station_in_reach_is_refused(tmp_path):
    made = fleet(tmp_path, {"cars.toml": MATRIX, "cars/matrix.csv": "mode,from,to,seconds\ntaxi,A,B,60\n"})
    with pytest.raises(InvalidInput, match=r"none of 3 stations .* matrix\.csv") as caught:
        reach(made, ways={})
    assert "all_left_out" in {finding.code for finding in caught.value.findings}


def test_a_night_without_a_car_in_reach_is_planned_and_told(tmp_path):
    pairs = "mode,from,to,seconds\ntaxi,C,home,60\ntaxi,home,C,60\n"
    made = fleet(tmp_path, {"cars.toml": MATRIX, "cars/matrix.csv": pairs})
    night = relocate_night(made, made.as_of, CAR, {}, limits=SolveLimits(seconds=None, rounds=2))
    assert not night.problem.cars
    assert "cars_left_out" in {finding.code for finding in night.warnings}


def test_bases_that_no_driver_uses_are_no_places(tmp_path):
    made = fleet(tmp_path)
    spare = replace(made.bases[0], id="spare")
    _, times, _, _ = reach(replace(made, bases=(*made.bases, spare)))
    assert "spare" not in times.place_ids
