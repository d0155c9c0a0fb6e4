"""A night of cars without a study's plugs and with them: where plugs belong, what one saves, and what is proven."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.basics.car_fleet import Station, Wish, WishSource
from optimiser.basics.limits import SolveLimits
from optimiser.network.straight_line import StraightLine
from optimiser.relocating import relocate_night
from optimiser.relocation.plan import NOTHING
from optimiser.reporting.night import LeftOut
from optimiser.reporting.siting_car_night import car_night_work
from optimiser.siting.plan import Installation, SitingPlan
from optimiser.siting.problem import ChargerKind
from optimiser.weighing_cars import weigh_car_night, with_new_plugs
from tests.car_nights import car_fleet, planned
from tests.siting_studies import PEOPLE, point, site, study, wishes
from tests.unit.relocation.nights import PLAN, night

AC = ChargerKind(id="ac", name="AC", power_kw=11.0, plug_cost=10.0, session_minutes=60.0, max_plugs=9)
DC = ChargerKind(id="dc", name="DC", power_kw=50.0, plug_cost=40.0, session_minutes=15.0, max_plugs=9)
DOCK = ChargerKind(id="dock", name="Dock", power_kw=0.2, plug_cost=1.0, session_minutes=240.0, max_plugs=9)
M_DEG = 1 / 111_195
DRIVE, BIKE = StraightLine(1.0, 36.0), StraightLine(1.0, 18.0)


def built(*installations, **sites):
    """A study of sites so many metres north of `home`, and its plan."""
    placed = [
        site(id_, lon=12.0, lat=57.7 + given.pop("at") * M_DEG, kinds=frozenset({"ac", "dc", "dock"}), **given)
        for id_, given in ((id_, dict(given)) for id_, given in sites.items())
    ]
    people = replace(PEOPLE, kinds=frozenset({"ac"}))
    problem = study([point("p", 1.0)], placed, [{}], wishes=wishes(1000.0), segments=[people], kinds=[AC, DC, DOCK])
    plan = SitingPlan(
        installations=tuple(Installation(site_id=id_, kind_id=kind, phase=0, plugs=n) for id_, kind, n in installations)
    )
    return problem, plan


def fleet_with(made, fleet=None, *, free_share=1.0):
    fleet = car_fleet(night()) if fleet is None else fleet
    return with_new_plugs(fleet, *made, station_m=60.0, zone_m=800.0, free_share=free_share)


def station_of(fleet, id_):
    (found,) = [station for station in fleet.stations if station.id == id_]
    return found


def test_plugs_go_to_the_station_beside_and_else_make_a_hub():
    # Station a is at 1000 m, b at 3000 m; x is 50 m from a, y 70 m from b.
    made = built(("x", "ac", 2), ("y", "ac", 1), ("y", "dc", 1), x={"at": 1050}, y={"at": 3070})
    more, new = fleet_with(made)
    assert (new.at_stations, new.hubs, new.held_by_others) == ({"a": 2}, {"y": 2}, 0)
    assert [(plug.kw, plug.connector) for plug in station_of(more, "a").plugs] == [(11.0, "type2")] * 2
    hub = station_of(more, "site:y")
    assert [(plug.kw, plug.connector) for plug in hub.plugs] == [(11.0, "type2"), (50.0, "ccs")]
    assert (hub.bays, hub.wish.source, hub.site_kw, hub.lat) == (2, WishSource.HUB, None, 57.7 + 3070 * M_DEG)
    # Three plugs at 10, one at 40, and two sites at 100.
    assert new.cost == 270.0
    assert station_of(more, "b") == station_of(car_fleet(night()), "b")


def test_a_zone_takes_what_no_station_does():
    zone = Station(id="z", name="Z", lon=12.0, lat=57.7 + 5700 * M_DEG, wish=Wish(source=WishSource.TARGET, low=1))
    fleet = car_fleet(night())
    fleet = replace(fleet, stations=(*fleet.stations, replace(zone, is_zone=True)))
    # At 5000 m the zone's middle is 700 m away; at 4040 m the hub is 40 m away, and goes before it.
    made = built(("x", "ac", 1), ("y", "ac", 1), x={"at": 5000}, y={"at": 4040})
    more, new = fleet_with(made, fleet)
    assert (new.at_stations, new.hubs) == ({"z": 1, "hub": 1}, {})
    assert len(station_of(more, "z").plugs) == 1


def test_plugs_without_a_bay_make_a_hub_beside():
    # The hub has two bays and one plug: one more fits.
    more, new = fleet_with(built(("x", "ac", 3), x={"at": 4000}))
    assert (new.at_stations, new.hubs) == ({"hub": 1}, {"x": 2})
    assert [len(station_of(more, id_).plugs) for id_ in ("hub", "site:x")] == [2, 2]
    # It may draw as much more as the new plug does.
    assert station_of(more, "hub").site_kw == 22.0


def test_power_that_a_site_has_is_not_exceeded():
    # Two plugs of 11 kW where 15 are left of 18.3, of which a plug that stands holds 3.3.
    kind = replace(AC, simultaneity=0.3)
    problem, plan = built(("x", "ac", 2), x={"at": 1000, "max_kw": 18.3, "plugs": {"ac": 1}})
    problem = replace(problem, kinds=(kind, DC, DOCK))
    more, _ = fleet_with((problem, plan))
    assert station_of(more, "a").site_kw == pytest.approx(15.0)
    problem, plan = built(("x", "ac", 2), x={"at": 2000, "max_kw": 15.0})
    more, _ = fleet_with((problem, plan))
    assert station_of(more, "site:x").site_kw == 15.0
    # The hub has a bay for one of two plugs, which takes 11 of 15 kW: 4 are left for the other.
    more, _ = fleet_with(built(("x", "ac", 2), x={"at": 4000, "max_kw": 15.0}))
    assert (station_of(more, "hub").site_kw, station_of(more, "site:x").site_kw) == (22.0, 4.0)


def test_a_share_of_plugs_stands_free_and_docks_are_for_bikes():
    made = built(("x", "ac", 1), ("y", "ac", 2), ("y", "dock", 5), x={"at": 1000}, y={"at": 2000})
    more, new = fleet_with(made, free_share=0.5)
    # The second of three.
    assert (new.at_stations, new.hubs, new.held_by_others) == ({}, {"y": 1}, 2)
    assert fleet_with(made, free_share=0.0)[0] == car_fleet(night())
    assert new.cost == 230.0
    only_docks = built(("x", "dock", 5), x={"at": 1000})
    more, new = fleet_with(only_docks)
    assert (more, new.cost, new.at_stations, new.hubs) == (car_fleet(night()), 0.0, {}, {})


def test_a_plug_at_the_station_saves_the_way_to_the_hub_and_back():
    fleet = car_fleet(night())
    stations = (station_of(fleet, "a"), station_of(fleet, "hub"))
    (low,) = [car for car in fleet.cars if car.id == "low"]
    fleet = replace(fleet, stations=stations, cars=(low,))

    def plan(given, start):
        limits = SolveLimits(seconds=None, rounds=50)
        return relocate_night(given, given.as_of, DRIVE, {"bike": BIKE}, limits=limits, start=start)

    more, _ = fleet_with(built(("x", "ac", 1), x={"at": 1000}), fleet)
    without, having, out = weigh_car_night(fleet, more, plan)
    assert out == frozenset()
    # Without: 3 km to the hub's plug, 3 km back. With: nothing but a plug that is put in.
    assert (without.charging_trips, having.charging_trips) == (1, 0)
    assert (without.car_km, having.car_km) == (6.0, 0.0)
    assert (without.plugged_in, having.plugged_in) == (1, 1)
    assert without.lost_trips == having.lost_trips == 0
    # To a and back by bike: 2 x (1000 m / 5 + 60 s), with the car 120 s to open it and 60 to plug it in.
    assert having.driver_minutes == pytest.approx((2 * 260 + 180) / 60)
    assert having.cost == pytest.approx(36.0 * 700 / 3600 + having.energy_cost)
    assert without.cost - having.cost == pytest.approx(
        without.driver_cost - having.driver_cost + without.energy_cost - having.energy_cost
    )
    assert having.best_bound <= without.best_bound <= without.cost


def test_a_search_that_finds_less_with_more_begins_again_with_the_plan_without():
    asked = []

    def plan(given, start):
        asked.append((len(given.stations), start))
        made = planned(plan=PLAN)
        is_unlucky = len(given.stations) == 4 and start == NOTHING
        objective = made.result.objective + (10 if is_unlucky else 0)
        return replace(made, result=replace(made.result, objective=objective, best_bound=1.0 + len(given.stations)))

    fleet = car_fleet(night())
    more, _ = fleet_with(built(("x", "ac", 1), x={"at": 2000}))
    without, having, _ = weigh_car_night(fleet, more, plan)
    assert asked == [(3, NOTHING), (4, NOTHING), (4, PLAN)]
    assert having.cost == without.cost
    # What no plan with plugs is below, no plan without them is: 5, where its own search says 4.
    assert (without.best_bound, having.best_bound) == (5.0, 5.0)


def test_hubs_that_would_take_others_out_are_left_out():
    def plan(given, start):
        hubs = [station.id for station in given.stations if station.id.startswith("site:")]
        out = [LeftOut(station_id=id_, code="UNREACHABLE", text="no way") for id_ in ("b",) if hubs]
        return planned(plan=start, left_out=tuple(out))

    fleet = car_fleet(night())
    more, _ = fleet_with(built(("x", "ac", 1), ("y", "ac", 1), x={"at": 2000}, y={"at": 1000}))
    _, _, out = weigh_car_night(fleet, more, plan)
    assert out == {"x"}

    def far(given, start):
        out = [LeftOut(station_id=station.id, code="FAR", text="far") for station in given.stations[3:]]
        return planned(plan=start, left_out=tuple(out))

    assert weigh_car_night(fleet, more, far)[2] == {"x"}


def test_a_night_without_new_plugs_is_planned_once():
    asked = []

    def plan(given, start):
        asked.append(start)
        return planned()

    fleet = car_fleet(night())
    assert weigh_car_night(fleet, fleet, plan) == (*[car_night_work(planned())] * 2, frozenset())
    assert len(asked) == 1


def test_the_work_of_the_night_that_was_counted_by_hand():
    work = car_night_work(planned())
    # Of three drives one ends on a plug.
    assert (work.charging_trips, work.plugged_in, work.cars_moved) == (1, 1, 2)
    assert work.cost == planned().result.objective
