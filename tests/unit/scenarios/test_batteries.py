"""What a city says of its battery packs: read from a folder or inline, and every contradiction told where it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from optimiser.basics.battery_terms import Cabinet
from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.conversion import read_city, to_city
from scenarios.loader import load_city, load_inline
from scenarios.schema import CityModel
from tests.city_documents import CITY_TOML, city_document, write_city_folder
from tests.feed_folders import write_csv

SNAPSHOT = """
[snapshot]
as_of = 2026-11-22T21:00:00+01:00
"""

BATTERIES = (
    SNAPSHOT
    + """
[batteries]
pack_kwh = 0.5
ready_by = "21:00"
co2_kg = 0.2

[[batteries.cabinets]]
depot = "depot"
slots = 12
slot_kw = 0.15
site_kw = 1.2
waiting = 3
changes = ["08:00", "14:30"]

[grid]
slot_minutes = 30
currency_per_euro = 11.0
"""
)


def packs_document() -> dict[str, Any]:
    document = city_document()
    document["vans"][0]["batteries"] = 4
    document["batteries"] = {"pack_kwh": 0.5, "cabinets": [{"depot": "depot", "slots": 12, "slot_kw": 0.15}]}
    document["grid"] = {"currency_per_euro": 11.0}
    return document


def test_a_folder_carries_packs_cabinets_and_the_bundled_day(tmp_path: Path):
    toml = CITY_TOML.replace('shift = ["22:00", "05:30"]', 'shift = ["22:00", "05:30"]\nbatteries = 4')
    loaded = load_city(write_csv(write_city_folder(tmp_path, toml=toml + BATTERIES)))
    batteries = loaded.city.batteries
    assert batteries is not None
    assert batteries.cabinets == (
        Cabinet(depot_id="depot", slots=12, slot_kw=0.15, site_kw=1.2, waiting=3, changes=(time(8), time(14, 30))),
    )
    assert (batteries.ready_by, batteries.co2_kg, batteries.state_of_charge) == (time(21), 0.2, 0.1)
    assert batteries.need_kwh == pytest.approx(0.5 * 0.9 / 0.9)
    assert (batteries.grid.slot_s, len(batteries.grid.steps)) == (1800, 24)
    assert batteries.grid.steps[0].tariff == pytest.approx(0.17 * 11)
    assert "grid.csv" in loaded.city.synthetic[-1]
    assert loaded.warnings == ()


def test_a_series_of_ones_own_is_read_from_its_file(tmp_path: Path):
    folder = write_csv(write_city_folder(tmp_path, toml=CITY_TOML + BATTERIES.replace("currency_per_euro = 11.0", "")))
    rows = "".join(f"{hour};{hour},5;{100 + hour}\n" for hour in range(24))
    (folder / "grid.csv").write_text("hour;tariff;co2_g_per_kwh\n" + rows)
    loaded = load_city(folder)
    assert loaded.city.batteries is not None
    assert [step.tariff for step in loaded.city.batteries.grid.steps] == [hour + 0.5 for hour in range(24)]
    assert loaded.city.batteries.grid.steps[7].co2_kg == pytest.approx(0.107)
    assert loaded.city.synthetic == ()


def test_errors_in_the_series_name_its_file_and_row(tmp_path: Path):
    folder = write_csv(write_city_folder(tmp_path, toml=CITY_TOML + BATTERIES))
    (folder / "grid.csv").write_text("hour,tariff,co2_g_per_kwh\n" + "".join(f"{h},dear,1\n" for h in range(23)))
    with pytest.raises(InvalidInput) as caught:
        load_city(folder)
    told = {(finding.code, finding.source, finding.where) for finding in caught.value.findings}
    assert ("grid_gap", "grid.csv", "") in told
    assert {"grid.csv"} == {source for _, source, _ in told}
    assert any("tariff" in where for _, _, where in told)


def test_a_city_without_packs_reads_no_series_and_is_as_it_was(tmp_path: Path):
    folder = write_csv(write_city_folder(tmp_path, toml=CITY_TOML + SNAPSHOT))
    (folder / "grid.csv").write_text("not,a,series\n")
    assert load_city(folder).city.batteries is None
    assert to_city(CityModel.model_validate(city_document()))[0].batteries is None


def test_packs_survive_their_own_json():
    model = CityModel.model_validate(packs_document())
    assert CityModel.model_validate_json(model.model_dump_json()) == model


Change = Callable[[dict[str, Any]], Any]


def errors_of(document: dict[str, Any]) -> list[Finding]:
    findings = Findings()
    assert read_city(document, findings) is None
    return list(findings.errors)


@pytest.mark.parametrize(
    ("change", "where", "code"),
    [
        (lambda d: d["batteries"]["cabinets"][0].update(depot="dept"), "/batteries/cabinets/0/depot", "unknown_depot"),
        (
            lambda d: d["batteries"]["cabinets"].append(d["batteries"]["cabinets"][0]),
            "/batteries/cabinets/1/depot",
            "duplicate_id",
        ),
        (lambda d: d["batteries"]["cabinets"][0].update(slots=0), "/batteries/cabinets/0/slots", None),
        (lambda d: d["batteries"]["cabinets"][0].update(slot_kw=0), "/batteries/cabinets/0/slot_kw", None),
        (lambda d: d["batteries"].update(pack_kwh=-1), "/batteries/pack_kwh", None),
        (lambda d: d["batteries"].update(state_of_charge=1), "/batteries/state_of_charge", None),
        (lambda d: d["batteries"].update(ready_by="25:00"), "/batteries/ready_by", None),
        (lambda d: d["grid"].pop("currency_per_euro"), "/grid", "prices_in_euros"),
        (lambda d: d.update(grid_series=[{"hour": 0, "tariff": 1, "co2_g_per_kwh": 1}]), "/grid_series", "grid_gap"),
        (
            lambda d: d.update(batteries=None, grid_series=[{"hour": 0, "tariff": 1, "co2_g_per_kwh": 1}]),
            "/grid_series",
            "grid_unused",
        ),
    ],
)
def test_one_broken_thing_gives_that_one_error(change: Change, where: str, code: str | None):
    document = packs_document()
    change(document)
    (error,) = errors_of(document)
    assert error.where == where
    assert code in {None, error.code}


def test_everything_wrong_is_told_at_once():
    document = packs_document()
    document["batteries"]["pack_kwh"] = 0
    document["batteries"]["cabinets"][0] |= {"depot": "nowhere", "slots": -1}
    document["grid"] = {}
    assert len(errors_of(document)) == 4


def test_cabinets_without_packs_and_packs_without_cabinets_are_warnings():
    document = packs_document()
    document["vans"][0]["batteries"] = 0
    (warning,) = load_inline(CityModel.model_validate(document)).warnings
    assert (warning.code, warning.where) == ("batteries_unused", "/batteries")
    document = packs_document()
    document["batteries"]["cabinets"] = []
    (warning,) = load_inline(CityModel.model_validate(document)).warnings
    assert (warning.code, warning.where, warning.value) == ("cabinet_missing", "/batteries/cabinets", "depot")
