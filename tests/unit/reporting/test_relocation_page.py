"""report.html of a night of e-cars as text: figures of the hand count, no name can break out, nothing is asked for."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from markupsafe import escape

from optimiser.basics.car_fleet import Wish, WishSource
from optimiser.network.straight_line import StraightLine
from optimiser.relocation.plan import NOTHING, Charge, Plan
from optimiser.relocation.problem import Must, Task, Zone
from optimiser.reporting.power_drawing import HEIGHT, WIDTH
from optimiser.reporting.relocation_geojson import relocation_geojson
from optimiser.reporting.relocation_html import relocation_html
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.relocation_page import in_words, plugs_in_words, wanted
from optimiser.reporting.relocation_power import mean_kw, power_profiles
from optimiser.reporting.relocation_unserved import unserved_wishes
from optimiser.reporting.words import number
from tests.car_nights import car_fleet, planned
from tests.unit.relocation.nights import FULL_TO_B, HOUR, LOW_TO_B, LOW_TO_HUB, PLAN, car, driver, night
from tests.unit.reporting.test_html import Tags

STRAIGHT = StraightLine(circuity=1.0, speed_kmh=36.0)
STREETS = [("primary", ((12.0, 57.7), (12.0, 57.74))), ("residential", ((11.995, 57.71), (12.005, 57.71)))]
NASTY = {
    "station": '</script><script>alert(1)</script>"><img src=x onerror=alert(2)>',
    "car": "<b>car</b>",
    "driver": "{{ 7 * 7 }} ]]> <!-- \u2028 & 'quote'",
    "city": "<title>Göteborg</title>",
}
LATER = replace(PLAN, charges=(Charge(car_id="low", station_id="hub", plug_id="p1", first_slot=1, kw=(8.8,)),))
"""The same drives, and just the 8.8 kWh that the low car needs to be ready at b: 16 + 0.2 - 7.4."""


def page(made: RelocationNight | None = None, streets: Any = STREETS) -> str:
    """The page of the night that was counted by hand, or of another."""
    made = planned() if made is None else made
    return relocation_html(made, geojson=relocation_geojson(made, STRAIGHT, {"bike": STRAIGHT}), street_lines=streets)


def nasty_night() -> RelocationNight:
    """The same night with names of stations, cars, drivers and city that try to break out."""
    problem = night(
        cars=(car("full", "a", energy_kwh=30.0), car(NASTY["car"], "a")), drivers=(driver(NASTY["driver"]),)
    )
    jobs = (replace(LOW_TO_HUB, car_id=NASTY["car"]), FULL_TO_B, replace(LOW_TO_B, car_id=NASTY["car"]))
    route = replace(PLAN.routes[0], driver_id=NASTY["driver"], jobs=jobs)
    plan = Plan(routes=(route,), charges=tuple(replace(charge, car_id=NASTY["car"]) for charge in PLAN.charges))
    fleet = car_fleet(problem)
    stations = tuple(replace(station, name=NASTY["station"]) for station in fleet.stations)
    fleet = replace(fleet, name=NASTY["city"], stations=stations, synthetic=(NASTY["car"],), currency="<u>SEK")
    return planned(problem, plan, fleet=fleet)


def visible(text: str) -> str:
    """What a reader sees, tags away and white space made one."""
    text = re.sub(r"<(script|style).*?</\1>", "", text, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def row(text: str, label: str) -> list[str]:
    """Cells of the first row with this heading."""
    (cells,) = re.findall(rf'<th scope="row"[^>]*>{re.escape(label)}</th>(.*?)</tr>', text, flags=re.S)[:1]
    return re.findall(r"<td[^>]*>(.*?)</td>", cells)


def test_figures_of_the_hand_count_are_on_the_page() -> None:
    """8,180 s, 6 km of drives and 8 km of rides; one trip lost at b before, half a one at a after."""
    text = page()
    told = visible(text)
    for fact in (
        "1 driver moves 2 cars in 2.3 hours: 6.0 km by car, 8.0 km without.",
        "lost over the next day: 1.0 if nobody drives, 0.5 with this plan. Cars ready at opening: 1, then 2.",
        "In all the plan costs 164 SEK; a night without drivers, in which what is on a plug charges at once, 100 SEK",
        "So a better plan could save at most 50.0 % of this plan&#39;s cost (the gap).",
        "because its time or rounds were used up",
        "Night of Thursday 26 November 2026 · opening at 09:00 · all times Europe/Stockholm (+01:00)",
        "Everything is made up.",
        "© nobody",
    ):
        assert fact in told, fact
    assert row(text, "Cars ready at opening") == ["1", "2", "+1"]
    assert row(text, "Charged from the grid, kWh") == ["0", "20", "+20"]
    assert row(text, "Driven by car, km") == ["0.0", "6.0", "+6.0"]
    # 50 for half a trip, 81.80 for 8,180 s, 5 for a driver, 0.80 of rides, 3 of wear, 19.65 kWh at 1.00,
    # 3.93 for their 1.96 kg.
    assert row(text, "Lost trips") == ["100.00", "50.00", "50.00"]
    assert row(text, "Driver hours") == ["0.0", "2.3", "+2.3"]
    assert row(text, "Energy") == ["0.00", "19.65", "19.65"]
    assert row(text, "In all") == [number(cost.total, 2) for cost in _costs(planned())]


def _costs(made: RelocationNight) -> tuple[Any, ...]:
    return made.cost_before, made.cost_plain, made.cost_after


def test_every_step_of_a_driver_is_told() -> None:
    """The waits and clocks of the hand count: home at 8,180 s after 23:00, 5,130 s of waiting at the hub."""
    text = page()
    sheet = visible(text[text.index('id="routes"') : text.index('id="all"')])
    for fact in (
        "dora 23:00–01:16 · 3 jobs · 6.0 km by car, 8.0 km without",
        "1 23:04 23:06 Takes over the car low Alma",
        "23:06 23:11 Drives it there low =Hub",
        "23:12 23:12 Puts it on the plug low =Hub p1",
        "23:34 01:00 Waits 86 min low =Hub",
        "01:02 01:02 Takes it off its plug low =Hub",
        "01:16 Back, shift ends Home",
    ):
        assert fact in sheet, fact
    classes = [attributes.get("class") for _, attributes in Tags(text).found]
    # The last ride is that of the legend.
    assert (classes.count("way drive"), classes.count("way ride"), classes.count("pin badge")) == (3, 4 + 1, 3)


def test_power_of_a_site_is_energy_over_its_slots() -> None:
    """11 kW for 2,830 s of the first hour and all of the second; at once is the same, as the plan charges at once."""
    made = planned()
    kw = mean_kw(made, made.timeline, "hub")
    assert kw == pytest.approx([11 * 2830 / HOUR, 11.0, *[0.0] * 8])
    assert mean_kw(made, made.timeline_plain, "hub") == pytest.approx(kw)
    (profile,) = power_profiles(made)
    assert [(its["begin"], its["end"], its["smart"], its["tariff"]) for its in profile["rows"]] == [
        ("23:00", "00:00", "8.6", "1.00"),
        ("00:00", "01:00", "11.0", "1.00"),
        ("01:00", "09:00", "0.0", "0.50"),
    ]
    # Dear for two hours of ten, cheap then; the cap of 11 kW lies on the second hour's bar.
    assert [band["step"] for band in profile["bands"]] == [4, 0]
    assert f"V{profile['cap_y']}" in profile["smart"]
    assert [(its["car"], its["plugged"], its["flows"]) for its in profile["charges"]] == [
        ("low", "23:12–01:00", "23:12–01:00")
    ]


def test_a_night_without_a_full_hour_and_a_cap_far_above_all_power_are_drawn() -> None:
    """23:10 to 23:50, 100 kW allowed: no hour is marked, and the cap is told but not drawn."""
    stations = (*night().stations[:2], replace(night().stations[2], site_kw=100.0))
    problem = night(
        start=datetime(2026, 11, 26, 22, 10, tzinfo=UTC),
        opening_s=2400,
        stations=stations,
        drivers=(driver(shift_end_s=2400),),
    )
    (profile,) = power_profiles(planned(problem))
    # On the plug from 770 s on: 11 kW for 1,630 of 2,400 s.
    assert (profile["peak"], profile["kwh"]) == pytest.approx((11 * 1630 / 2400, 11 * 1630 / HOUR))
    assert (profile["hours"], profile["cap"], profile["cap_y"]) == ([], 100.0, None)
    assert [text for _, text in profile["levels"]] == ["0", "2", "4", "6"]
    assert "100 kW in all at most" in visible(page(planned(problem)))


def test_saving_of_smart_charging_is_told_in_money_and_co2() -> None:
    """8.8 instead of 19.65 kWh, at 1.00 and 0.1 kg: 10.85 of energy, 1.08 kg, and 2.00 for each of these."""
    text = page(planned(plan=LATER))
    told = visible(text)
    assert "the same drives would take 20 kWh for 20 SEK with 2.0 kg of CO₂" in told
    assert "This plan takes 9 kWh for 9 SEK with 0.9 kg of CO₂" in told
    assert "saves 11 SEK of energy and 1.1 kg of CO₂, 13 SEK in all" in told
    assert "Saved by smart charging 13 SEK" in told
    assert row(text, "Cars ready at opening") == ["1", "2", "+1"]


def test_all_that_is_drawn_is_finite_and_inside_its_picture() -> None:
    for made in (planned(), planned(plan=LATER), nasty_night()):
        text = page(made)
        assert not re.search(r"\b(nan|inf|infinity|None|undefined)\b", visible(text), flags=re.I)
        for drawing in re.findall(r'<svg class="profile" viewBox="0 0 640 \d+".*?</svg>', text, flags=re.S):
            for tag, attributes in Tags(drawing).found:
                for name in ("x", "y", "width", "height"):
                    if tag != "svg" and name in attributes:
                        assert 0 <= float(attributes[name] or "") <= (WIDTH if name in ("x", "width") else HEIGHT)
                for letter, value in re.findall(r"([MHVL ])(-?[\d.]+)", attributes.get("d") or ""):
                    assert math.isfinite(float(value))
                    assert 0 <= float(value) <= (HEIGHT if letter in "V " else WIDTH)


def test_nothing_in_the_page_leads_outside_and_no_style_is_set_in_place() -> None:
    text = page(nasty_night())
    assert "http://" not in text
    assert "https://" not in text
    assert not re.search(r"url\((?!#)|@import", text)
    for tag, attributes in Tags(text).found:
        assert tag not in {"iframe", "object", "embed", "img", "audio", "video", "base", "form"}
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "action"):
            value = attributes.get(name, "#")
            assert str(value).startswith("#") or (tag == "link" and value == "data:,"), (tag, name, value)
    policy = next(attributes["content"] for tag, attributes in Tags(text).found if "http-equiv" in attributes)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    for element in ("style", "script"):
        (content,) = re.findall(rf"<{element}>(.*?)</{element}>", text, flags=re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy


def test_names_cannot_break_out() -> None:
    text = page(nasty_night())
    tags = [tag for tag, _ in Tags(text).found]
    # Title of the page and of each station and base on the map; two scripts of ours.
    assert (tags.count("script"), tags.count("title"), tags.count("u")) == (2, 1 + 3 + 1, 0)
    assert "{{ 7 * 7 }}" in text
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, flags=re.S)
    assert [station["name"] for station in json.loads(data)["stations"]] == [NASTY["station"]] * 3
    assert not {"<", ">", "&", "\u2028"} & set(data)


def test_every_table_has_a_caption_and_the_page_its_language() -> None:
    tags = Tags(page()).found
    names = [tag for tag, _ in tags]
    assert names.count("table") == names.count("caption") >= 8
    assert ("html", {"lang": "en"}) in tags


def test_what_is_left_undone_is_told_with_its_reason() -> None:
    problem = night(
        tasks=(Task(id="wax", car_id="low", duration_s=3600, price=1.0),),
        musts=(Must(car_id="full", station_ids=frozenset({"hub"})),),
        zones=(Zone(id="town", station_ids=("a", "b"), floor=3),),
    )
    made = planned(problem)
    text = visible(page(made))
    left = unserved_wishes(made)
    assert {wish.kind for wish in left} == {"station", "zone", "task", "must", "place"}
    for wish in left:
        assert escape(wish.text) in text, wish.text
    assert "Car full stands at =Hub ✗ at Bergen &amp; &lt;b&gt;, charged to" in text
    assert "Zone town (2 stations) 3 or more ready cars together ✗ 1 → 2" in text


def test_a_night_without_drivers_and_streets_makes_a_page() -> None:
    text = visible(page(planned(plan=NOTHING), streets=()))
    assert "Every driver stays at home" in text
    assert "No driver sets out tonight." in text
    assert "Nothing is charged tonight." in text


def test_a_night_in_which_the_clocks_change_says_which_time_it_means() -> None:
    """From 23:00 of summer time to 08:00 of winter time, ten hours later."""
    text = visible(page(planned(night(start=datetime(2026, 10, 24, 21, tzinfo=UTC)))))
    assert "opening at 08:00 (+01:00)" in text
    assert "23:04 (+02:00)" in text


def test_wishes_and_plugs_in_words() -> None:
    """Where rates are known, one car more or less at 2 and at 3 changes less than 0.05 trips."""
    a, _, hub = night().stations
    place = car_fleet(night()).stations[0]
    rates = replace(place, wish=Wish(source=WishSource.RATES))
    assert wanted(rates, replace(a, lost_trips=(2.0, 0.5, 0.01, 0.02, 0.4))) == (2, 3)
    assert wanted(rates, replace(a, lost_trips=(0.0, 0.0))) == (0, None)
    assert wanted(place, a) == (1, None)
    assert [in_words(interval) for interval in ((2, 4), (2, 2), (2, None), (0, None))] == [
        "2–4",
        "2",
        "2 or more",
        "any number",
    ]
    assert plugs_in_words(hub) == "1 × 11 kW type2, 11 kW in all at most"


def test_the_same_night_gives_the_same_page() -> None:
    assert page() == page()
