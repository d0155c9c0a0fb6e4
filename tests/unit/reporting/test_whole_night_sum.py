"""One sum of bikes and e-cars: each figure is that of its own report, and totals are their sums."""

import pytest

from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.reporting.whole_night import whole_night
from tests.builders import problem, station
from tests.car_nights import planned
from tests.unit.relocation.nights import HOUR
from tests.unit.reporting.nights import night_of


def test_sums_of_two_nights_counted_by_hand():
    bikes = problem([station("A", 6, low=2, high=4), station("B", 0, low=2, high=4)], positions_s=(60, 120))
    moved = Plan(
        routes=(
            Route(
                van_id=bikes.vans[0].id,
                stops=(Stop(station_id="A", pickup=2), Stop(station_id="B", dropoff=2)),
            ),
        )
    )
    night, cars = night_of(bikes, moved), planned()
    summed = whole_night(night, cars, van_co2_kg_km=0.5)
    assert summed.lost_trips_bikes[1] < summed.lost_trips_bikes[0]
    # Cars: b has no ready car and a one (1.0); then b has two and a none (0.5).
    assert summed.lost_trips_cars == (1.0, 0.5)
    assert summed.lost_trips == (summed.lost_trips_bikes[0] + 1.0, summed.lost_trips_bikes[1] + 0.5)
    assert summed.trips_saved == summed.lost_trips[0] - summed.lost_trips[1]
    assert summed.hours_drivers == pytest.approx(8180 / HOUR)
    assert (summed.km_cars, summed.km_rides) == pytest.approx((6.0, 8.0))
    kwh = 11 * 2830 / HOUR + 11
    assert summed.charged_kwh == pytest.approx((0.0, kwh))
    assert summed.co2_kg_vans == pytest.approx(0.5 * summed.km_vans)
    assert summed.co2_kg == pytest.approx((0.0, 0.1 * kwh + 0.5 * summed.km_vans))
    assert summed.cost[1] == pytest.approx(night.cost_after.total + cars.cost_after.total)
    document = summed.as_document()
    assert document["lost_trips_cars"] == {"before": 1.0, "after": 0.5}
    assert document["trips_saved"] == summed.trips_saved
