"""A city's past joins history, holidays, weather and settings, and says what it does not tell."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from scenarios.loader import load_city
from scenarios.past import demand_at, public_holidays, read_past
from tests.service.town import AS_OF, IDS, rows_of, the_past, write_table, write_town

EVENING = datetime.fromisoformat(AS_OF)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(tmp_path_factory.mktemp("past") / "town", history=rows_of(the_past()))


def past_of(folder: Path):
    past = read_past(load_city(folder))
    assert past is not None
    return past


def codes(folder: Path, as_of: datetime) -> dict[str, str]:
    findings = Findings()
    demand_at(past_of(folder), as_of, findings)
    return {finding.code: finding.message for finding in findings.warnings}


def test_a_city_without_a_history_has_no_past(tmp_path):
    assert read_past(load_city(write_town(tmp_path / "town", history=None))) is None


def test_settings_of_the_city_file_arrive(town):
    toml = (town / "city.toml").read_text()
    (town / "city.toml").write_text(
        toml + '[history]\nwindow_days = 21\nholidays = "NO"\n[demand]\nservice_level = 0.9\n'
    )
    settings = past_of(town).settings
    (town / "city.toml").write_text(toml)
    assert (settings.window_days, settings.service_level) == (21, 0.9)
    # 17 May, Norway's own.
    assert date(2026, 5, 17) in settings.holidays


def test_parts_of_countries_have_holidays_of_their_own():
    # Cesar Chavez Day is kept in California, not in all of the United States.
    assert date(2026, 3, 31) in public_holidays("US-CA")
    assert date(2026, 3, 31) not in public_holidays("US")
    assert public_holidays(None) == frozenset()


def test_own_holidays_and_weather_are_read_beside_the_history(tmp_path):
    city = write_town(tmp_path / "town", history=rows_of(the_past())[:400])
    write_table(city / "history/holidays.csv", ("date",), [("2026-11-10",)])
    write_table(city / "history/weather.csv", ("date", "rain_mm"), [("2026-11-10", 3.5), ("2026-11-16", 0)])
    settings = past_of(city).settings
    assert settings.holidays == {date(2026, 11, 10)}
    assert settings.weather == {date(2026, 11, 10): (3.5,), date(2026, 11, 16): (0.0,)}


def test_a_holiday_counts_as_a_sunday(tmp_path):
    city = write_town(tmp_path / "town", history=rows_of(the_past()))
    usual = demand_at(past_of(city), EVENING, Findings())
    # The horizon of Sunday evening lies mostly on Monday 16 November.
    write_table(city / "history/holidays.csv", ("date",), [("2026-11-16",)])
    festive = demand_at(past_of(city), EVENING, Findings())
    wanted = [sum(map(sum, demand.forecast(int(EVENING.timestamp())).wanted())) for demand in (usual, festive)]
    assert wanted[1] < 0.8 * wanted[0]


def test_an_old_history_is_told_with_its_age(town):
    told = codes(town, EVENING + timedelta(days=30))
    # The town's past ends with 16 November.
    assert "ends 29 days before the plan" in told["history_stale"]


def test_a_short_history_and_stations_without_rates_are_told(tmp_path):
    city = write_town(tmp_path / "town", history=None)
    zone = ZoneInfo("Europe/Oslo")
    start = int(datetime(2026, 11, 12, 12, tzinfo=zone).timestamp())
    rows = [(start + 1200 * step, id_, 3, 5) for id_ in IDS for step in range(216 if id_ != "F" else 20)]
    write_table(city / "history/status.csv", ("ts", "station_id", "bikes", "docks"), rows)
    told = codes(city, EVENING)
    assert "holds 4 days before the plan" in told["history_short"]
    assert "1 stations were watched for too short" in told["station_without_rates"]
    assert ": F;" in told["station_without_rates"]


def test_before_the_history_begins_targets_are_the_default(town):
    told = codes(town, datetime(2026, 10, 1, tzinfo=ZoneInfo("Europe/Oslo")))
    assert "nothing is known of the time before the plan" in told["history_later"]


def test_everything_wrong_with_the_history_is_raised_at_once(tmp_path):
    city = write_town(tmp_path / "town", history=None)
    write_table(city / "history/a.csv", ("ts", "bikes"), [(1, 2)])
    write_table(city / "history/b.csv", ("station_id", "bikes"), [("A", 2)])
    with pytest.raises(InvalidInput) as raised:
        read_past(load_city(city))
    assert {finding.source for finding in raised.value.findings} == {"history/a.csv", "history/b.csv"}
