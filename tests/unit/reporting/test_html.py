"""report.html as text: asks nothing of the network, and no name can break out of its place."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re

from optimiser.network.straight_line import StraightLine
from optimiser.reporting.files import night_files
from optimiser.reporting.geojson import routes_geojson
from optimiser.reporting.html import report_html
from tests.unit.reporting.nights import LAT, LON, night_of, small_night, small_problem

TRAVEL = StraightLine(circuity=1.3, speed_kmh=25)
STREETS = [
    ("primary", ((LON, LAT + 0.001), (LON + 0.03, LAT + 0.001))),
    ("residential", ((LON + 0.01, LAT - 0.001), (LON + 0.01, LAT + 0.002))),
]
NASTY = {
    "A": "</script><script>alert(1)</script>",
    "B": '"><img src=x onerror=alert(2)>',
    "C": "{{ 7 * 7 }} ]]> <!-- \u2028 & 'quote'",
    "D": "<b>Depot</b>",
    "city": "<title>Göteborg</title>",
}


class Tags(html.parser.HTMLParser):
    """Collects every tag with its attributes, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def page(names=None, streets=STREETS, night=None):
    night = night or small_night(names)
    return report_html(night, geojson=routes_geojson(night, TRAVEL), street_lines=streets)


def test_nothing_in_the_page_leads_outside():
    text = page()
    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    for tag, attributes in Tags(text).found:
        assert tag not in {"iframe", "object", "embed", "img", "audio", "video", "base", "form"}
        for name, value in attributes.items():
            if name in {"src", "href", "xlink:href", "action", "data"}:
                assert str(value).startswith("#") or (tag == "link" and value == "data:,"), (tag, name, value)


def test_the_policy_admits_exactly_this_style_and_script():
    text = page()
    policy = next(attributes["content"] for tag, attributes in Tags(text).found if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for element in ("style", "script"):
        (content,) = re.findall(rf"<{element}>(.*?)</{element}>", text, flags=re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy


def test_names_cannot_break_out():
    text = page(NASTY)
    tags = Tags(text).found
    assert [tag for tag, _ in tags].count("script") == 2
    assert not any(name.startswith("on") for _, attributes in tags for name in attributes)
    assert not any(tag in {"img", "b"} and "src" in attributes for tag, attributes in tags)
    assert "{{ 7 * 7 }}" in text
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, flags=re.S)
    assert [station["name"] for station in json.loads(data)["stations"]][:3] == [NASTY[id_] for id_ in "ABC"]
    assert not {"<", ">", "&", "\u2028"} & set(data)


def test_the_page_says_everything_without_its_script():
    text = re.sub(r"<script.*?</script>", "", page(), flags=re.S)
    tags = Tags(text).found
    classes = [attributes.get("class", "") for _, attributes in tags]
    assert classes.count("station") == 4
    assert classes.count("pin badge") == 2
    assert classes.count("way") == 3
    assert {"major", "main", "minor"} & {attributes.get("class") for tag, attributes in tags if tag == "path"}
    # 9 trips before, none after; 15 of cost instead of 90; 22:00 to 22:14 in Stockholm.
    for fact in ("Station A", "Station B", "22:01", "22:14", "Europe/Stockholm", "2 stops over 6.0 km", "412 m"):
        assert fact in text, fact
    assert "fleet, depot and demand are made up from seed 1" in text
    assert "© OpenStreetMap contributors" in text


def test_style_attributes_are_not_used_because_the_policy_forbids_them():
    assert not any("style" in attributes for _, attributes in Tags(page()).found)


def test_a_night_in_the_depot_and_a_city_without_streets_make_a_page():
    text = page(night=night_of(small_problem()), streets=[])
    assert "Every van stays in its depot" in text
    assert "No van leaves its depot tonight." in text


def test_all_files_are_made_and_finite():
    files = night_files(small_night(), TRAVEL, STREETS)
    assert list(files) == ["plan.json", "routes.geojson", "route_sheet.csv", "unserved.json", "report.html"]
    left = json.loads(files["unserved.json"])
    assert left["unserved"] == json.loads(files["plan.json"])["unserved"]
    assert left["labels"]["synthetic"]
    for name, content in files.items():
        assert not re.search(rb"\b(NaN|Infinity|-Infinity)\b", content), name


def test_the_same_night_gives_the_same_bytes():
    assert night_files(small_night(), TRAVEL, STREETS) == night_files(small_night(), TRAVEL, STREETS)
