"""Files of chargers may hold whole countries: what stands elsewhere is no part of a study."""

from __future__ import annotations

from optimiser.basics.findings import Findings
from optimiser.siting.problem import DemandPoint, Segment
from scenarios.siting.inline import InlineStudyModel
from scenarios.siting.inline_loader import check_inline_study
from tests.siting_folders import collection, inline_document
from tests.unit.scenarios.siting.places import EAST, NORTH, codes, point, read, square, write

DEMAND = (DemandPoint(id="a", lon=EAST, lat=NORTH, weight=5, segment="residents"),)
FAR = {"id": "far", "ac22": 12}


def who_goes(profile, reach_s):
    return Segment(
        id="residents",
        name="Residents",
        kinds=frozenset({"ac22"}),
        reach_s=reach_s,
        full_s=0,
        least=1.0,
        sessions_per_day=0.0,
        kwh_per_session=0.0,
        peak_share=0.1,
        profile=profile,
    )


WALKING = (who_goes("walk", 600),)


def standing(folder, *chargers, segments=WALKING, **more):
    """The grid node of each charger that is looked at, and what was found."""
    write(folder, "chargers.geojson", *chargers)
    write(folder, "candidates.geojson", point(id="x"))
    sites, findings, _ = read(folder, demand=DEMAND, segments=segments, **more)
    return {site.id: site.grid_node for site in sites if site.is_required}, findings


def test_chargers_far_from_demand_and_grid_are_left_out_and_told_the_nearest_first(tmp_path):
    # A hundredth of a degree to the north is 1.11 km: 1.89, 2.11 and 111.2 km away; nobody walks 2 km in 600 s.
    write(tmp_path, "grid.geojson", point(id="T1", hosting_kw=60))
    found, findings = standing(tmp_path, point(0, 100, **FAR), point(0, 1.7, id="edge", ac22=1), point(0, 1.9, id="no"))
    assert found == {"edge": "T1"}
    (warning,) = findings.items
    assert (warning.code, warning.source, warning.where, warning.value) == ("charger_far", "chargers.geojson", "", 2)
    assert warning.message == (
        "2 of 3 chargers lie where nobody of the study gets to, so that they are left out and hold no power of the "
        "grid: no (2.1 km), far (111.2 km)"
    )


def test_a_charger_near_a_grid_node_holds_its_power_wherever_people_are(tmp_path):
    # 3.6 hundredths of a degree from demand, 1.7 from the node.
    write(tmp_path, "grid.geojson", point(0, 3.6, id="T1", hosting_kw=60), square(-9, -9, -7, -7, id="T2", kw=9))
    found, findings = standing(
        tmp_path,
        point(0, 1.9, id="near", ac22=1),
        point(-8, -8, id="supplied", ac22=1),
        point(50, 0, id="named", ac22=1, grid_node="T2"),
        point(0, -1.9, **FAR),
    )
    assert found == {"near": "T1", "supplied": "T2", "named": "T2"}
    # The candidate is 4 km from both nodes.
    assert [(item.code, item.where) for item in findings.items] == [
        ("grid_far", ""),
        ("charger_far", "features/3 (id far)"),
    ]


def test_chargers_in_a_district_or_named_by_a_wish_stay(tmp_path):
    write(tmp_path, "districts.geojson", square(-9, -9, 9, 9, id="all"))
    chargers = [point(0, 8, id="inside", ac22=1), point(0, 90, id="forced", ac22=1), point(0, 91, **FAR)]
    write(tmp_path, "chargers.geojson", *chargers)
    found, findings = standing(tmp_path, *chargers, wished={"forced"})
    assert [*found] == ["inside", "forced"]
    assert codes(findings) == ["outside_districts", "charger_far"]


def test_whoever_drives_gets_further(tmp_path):
    # 600 s at 160 km/h are 26.7 km, 24 hundredths of a degree.
    chargers = [point(0, 23, id="reached", ac22=1), point(0, 25, **FAR)]
    found, _ = standing(tmp_path, *chargers, segments=(who_goes("drive", 600),))
    assert [*found] == ["reached"]


def test_what_is_said_of_a_charger_elsewhere_is_not_told(tmp_path):
    found, findings = standing(tmp_path, point(0, 0, id="here", ac22=1), point(90, 0, id="far"))
    assert [*found] == ["here"]
    assert codes(findings) == ["charger_far"]


def test_chargers_elsewhere_are_told_of_a_document_too(tmp_path):
    # 200 steps of 111.195 m from the first, 197 from the nearest.
    whole = inline_document(chargers=collection([{"id": "here", "at": 1, "ac11": 1}, {"id": "far", "at": 200}]))
    findings = Findings()
    check_inline_study(whole, InlineStudyModel.model_validate(whole), None, tmp_path, findings)
    (warning,) = findings.items
    assert (warning.code, warning.where) == ("charger_far", "/city/chargers/features/1")
    assert warning.message == (
        "1 of 2 chargers lies where nobody of the study gets to, so that it is left out and holds no power of the "
        "grid: far (21.9 km)"
    )
