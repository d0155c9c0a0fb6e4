"""Stops and changes have the words of `plan.json` wherever they are told."""

from __future__ import annotations

from optimiser.rebalancing.evaluate import compare
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.reporting.decisions import changes_words, stop_words


def one_van(*stops: Stop) -> Plan:
    return Plan(routes=(Route(van_id="v", stops=stops),))


def test_a_stop_has_the_words_of_the_plan():
    assert stop_words(Stop(station_id="a", pickup=1, dropoff=2, swaps=3, low_pickup=4, broken_pickup=5)) == {
        "station_id": "a",
        "pickup": 1,
        "dropoff": 2,
        "swaps": 3,
        "low_charge_pickup": 4,
        "broken_pickup": 5,
    }


def test_changes_tell_stops_in_the_same_words():
    before = one_van(Stop(station_id="a", pickup=3), Stop(station_id="b", dropoff=3))
    after = one_van(Stop(station_id="a", pickup=2, low_pickup=1), Stop(station_id="c", dropoff=2))
    told = changes_words(compare(before, after))
    assert (told["kept"], told["churn"], told["details"]) == (1, 2, 1)
    (route,) = told["routes"]
    assert (route["added"], route["dropped"]) == (("c",), ("b",))
    (pair,) = route["other_quantities"]
    assert pair["before"]["low_charge_pickup"] == 0
    assert pair["after"] == stop_words(Stop(station_id="a", pickup=2, low_pickup=1))
    assert changes_words(compare(before, before))["routes"] == []
