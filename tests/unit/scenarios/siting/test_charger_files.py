"""Chargers that stand already, with their plugs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.basics.findings import Findings
from optimiser.siting.problem import ChargerKind, DemandPoint
from scenarios.siting.files.sites import read_sites
from scenarios.siting.files.sockets import plugs_of
from tests.unit.scenarios.siting.places import EAST, KINDS, NORTH, around, assumed, codes, point, read, write

NOTHING_SAID = "does not say how many plugs and which power; assumed 2 × ac22"


@pytest.mark.parametrize(
    ("tags", "plugs", "assumed_text"),
    [
        # A pillar for six cars has a household socket beside each other one.
        ({"capacity": "6", "socket:type2": "6", "socket:typee": "6"}, {"ac22": 6}, ""),
        ({"socket:type2": "2", "socket:type2:output": "11 kW"}, {"ac11": 2}, ""),
        ({"socket:type2": "2", "socket:type2:output": "11000"}, {"ac11": 2}, ""),
        ({"socket:type2_combo": "2", "socket:type2_combo:output": "50 kW;43,5 kW"}, {"dc50": 2}, ""),
        # Two cars at once, though there are three cables: the fast ones count.
        ({"capacity": 2, "socket:type2_combo": "1", "socket:chademo": "1", "socket:type2": "1"}, {"dc50": 2}, ""),
        ({"capacity": 3, "socket:type2": "1"}, {"ac22": 3}, "2 of 3 plugs taken as its slowest"),
        ({"socket:type2": "yes", "socket:type2_combo": "no"}, {"ac22": 1}, ""),
        ({"socket:schuko": "4"}, {"ac11": 4}, ""),
        ({"capacity": "5"}, {"ac22": 5}, "does not say which power; assumed 5 × ac22"),
        ({"maxpower": "50 kW"}, {"dc50": 2}, "does not say how many plugs; assumed 2 × dc50"),
        ({"nbre_pdc": "4", "puissance_nominale": "50"}, {"dc50": 4}, ""),
        ({"charging_capacity": "22 kW - 400V 3-phase max 32A", "number_charging_points": "3"}, {"ac22": 3}, ""),
        ({}, {"ac22": 2}, NOTHING_SAID),
        ({"nbre_pdc": "4", "puissance_nominale": "-50"}, {"ac22": 4}, "does not say which power; assumed 4 × ac22"),
        ({"nbre_pdc": "4", "puissance_nominale": "22-50"}, {"dc50": 4}, ""),
        ({"capacity": "lots", "socket:other": "3"}, {"ac22": 2}, NOTHING_SAID),
        ({"capacity": "1e99", "socket:type2": "-1"}, {"ac22": 2}, NOTHING_SAID),
    ],
)
def test_plugs_come_from_what_openstreetmap_says(tags, plugs, assumed_text):
    found = plugs_of(tags, KINDS)
    assert (dict(found.plugs), found.assumed) == (plugs, assumed_text)


@pytest.mark.parametrize(
    ("said", "plugs", "assumed_text"),
    [
        # What the whole device draws is not what each of its points does.
        ((44, 2, "Normal", (22, 22)), {"ac22": 2}, ""),
        ((22, 2, "Normal", ("11", "11")), {"ac11": 2}, ""),
        ((150, 2, "Schnell", (150, "50; 43")), {"dc50": 2}, ""),
        ((93, 2, "Schnell", ("50; 50", "22,0")), {"dc50": 1, "ac22": 1}, ""),
        ((24, 2, "Normal", (22, "3,7")), {"ac22": 1, "ac11": 1}, ""),
        ((44, 2, "Normal", (22, "")), {"ac22": 2}, "1 of 2 plugs taken as its slowest"),
        ((44, 2, "Normal", ()), {"ac22": 2}, "does not say what each has of 44 kW; assumed 2 × ac22"),
        ((22, 2, "Normal", ()), {"ac11": 2}, "does not say what each has of 22 kW; assumed 2 × ac11"),
        # By law a normal one has no more than 22 kW a point, and a fast one has more: half of 50 kW is nearer to ac22.
        ((43, 1, "Normal", ()), {"ac22": 1}, ""),
        ((50, 2, "Schnell", ()), {"dc50": 2}, "does not say what each has of 50 kW; assumed 2 × dc50"),
        (
            (44, "", "Normal", ()),
            {"ac22": 2},
            "does not say how many plugs and what each has of 44 kW; assumed 2 × ac22",
        ),
    ],
)
@pytest.mark.parametrize("point_column", ["p{} [kw]", "nennleistung stecker{}"])
def test_the_german_register_tells_the_power_of_points_and_of_the_whole_device(said, plugs, assumed_text, point_column):
    device_kw, count, speed, points = said
    tags = {
        "nennleistung ladeeinrichtung [kw]": str(device_kw),
        "anzahl ladepunkte": str(count),
        "art der ladeeinrichtung": f"{speed}ladeeinrichtung",
        **{point_column.format(number): str(kw) for number, kw in enumerate(points, start=1)},
    }
    found = plugs_of(tags, KINDS)
    assert (dict(found.plugs), found.assumed) == (plugs, assumed_text)


GERMAN = """Ladesäulenregister der Bundesnetzagentur;;
;;
Letzte Aktualisierung vom: 01.09.2026;;
Ladeeinrichtungs-ID;Betreiber;Anzeigename (Karte);Art der Ladeeinrichtung;Anzahl Ladepunkte;\
Nennleistung Ladeeinrichtung [kW];Breitengrad;Längengrad;Bezahlsysteme;\
Steckertypen1;Nennleistung Stecker1;EVSE-ID1;Steckertypen2;Nennleistung Stecker2;EVSE-ID2
1010338;Albwerk GmbH;Albwerk;Normalladeeinrichtung;2;44;57,70;11,97;"RFID-Karte;App";\
AC Typ 2 Steckdose;22;DE1;AC Typ 2 Steckdose;22;DE2
1010339;Stadtwerke Köln;;Normalladeeinrichtung;1;viel;57,70;11,98;;AC Typ 2 Steckdose;kräftig;DE3;;;
"""
"""As the register is published: a title above the header, and decimal commas."""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "windows-1252"])
def test_the_german_register_is_read_as_it_is_published(tmp_path, encoding):
    (tmp_path / "chargers.csv").write_bytes(GERMAN.replace("\n", "\r\n").encode(encoding))
    write(tmp_path, "candidates.geojson", point(id="x"))
    sites, findings, _ = read(tmp_path)
    assert [(site.id, site.name, dict(site.plugs)) for site in sites if site.is_required] == [
        ("1010338", "Albwerk", {"ac22": 2}),
        ("1010339", "Stadtwerke Köln", {"ac22": 1}),
    ]
    told = [(item.code, item.where, item.message) for item in findings.items]
    odd = "nennleistung ladeeinrichtung [kw] 'viel', nennleistung stecker1 'kräftig'"
    figures = [
        ("plugs_unread", "row 6", f"1010339 has {odd}, which is taken as not said"),
        ("plugs_assumed", "row 6", "1010339 does not say which power; assumed 1 × ac22"),
    ]
    letters = "is not UTF-8 at byte 5 and is read as Windows-1252, so that it says Ladesäulenregister"
    assert told == [*([("not_utf8", "row 1", letters)] if encoding == "windows-1252" else []), *figures]


def test_the_nordic_register_tells_points_and_power_and_what_is_not_looked_at_is_named(tmp_path):
    (tmp_path / "chargers.csv").write_text(
        "International_id,Name,lat,lon,Number_charging_points,Charging_capacity,Ladere,Zipcode\n"
        "NOR_01,Torget,57.7,11.97,4,22 kW - 400V 3-phase max 32A,1,0152\n"
        "NOR_02,Kaia,57.7,11.98,2,,7,0153\n"
    )
    write(tmp_path, "candidates.geojson", point(id="x"))
    sites, findings, _ = read(tmp_path)
    assert [(site.id, site.name, dict(site.plugs)) for site in sites if site.is_required] == [
        ("NOR_01", "Torget", {"ac22": 4}),
        ("NOR_02", "Kaia", {"ac22": 2}),
    ]
    (warning,) = findings.items
    assert warning.message == "NOR_02 does not say which power; assumed 2 × ac22"
    assert warning.hint.endswith("; columns with numbers that are not looked at: ladere, zipcode")


def test_figures_of_chargers_that_cannot_be_understood_are_told(tmp_path):
    (tmp_path / "chargers.csv").write_text(
        "id,lon,lat,capacity,socket:type2,socket:type2:output\n"
        "a,11.97,57.7,many,3,22 kW\nb,11.98,57.7,2,yes,lots\nc,11.99,57.7,-4,no,\nd,11.96,57.7,2,0,11\n"
        "e,11.95,57.7,2,1,-3\nf,11.94,57.7,2,1,−11 kW\ng,11.93,57.7,2,1,11 - 22 kW\n"
    )
    write(tmp_path, "candidates.geojson", point(id="x"))
    _, findings, _ = read(tmp_path)
    assert [item.message for item in findings.items if item.code == "plugs_unread"] == [
        "a has capacity 'many', which is taken as not said",
        "b has socket:type2:output 'lots', which is taken as not said",
        "c has capacity '-4', which is taken as not said",
        "e has socket:type2:output '-3', which is taken as not said",
        "f has socket:type2:output '−11 kW', which is taken as not said",
    ]


def test_a_charger_that_is_called_like_an_offered_corner_is_told(tmp_path):
    write(tmp_path, "chargers.geojson", point(id="kerb-1", ac22=1))
    demand = (DemandPoint(id="a", lon=EAST + 0.01, lat=NORTH, weight=1, segment="residents"),)
    _, findings, _ = read(tmp_path, demand=demand)
    assert [(item.source, item.code) for item in findings.items] == [("chargers.geojson", "duplicate_id")]


def test_chargers_are_required_sites_that_may_grow(tmp_path):
    write(
        tmp_path,
        "chargers.geojson",
        point(0, 0, id="a", capacity="6", **{"socket:type2": "6"}),
        point(1, 0, id="unknown"),
        point(2, 0, id="own", access="private", capacity=9),
        point(3, 0, id="stated", AC11=1, dc50="2", max_plugs=5),
        point(4, 0, id="pedelecs", bicycle="yes", capacity=8),
    )
    write(tmp_path, "candidates.geojson", point(5, 0, id="new"))
    sites, findings, _ = read(tmp_path)
    assert [(site.id, dict(site.plugs), site.max_plugs, site.source) for site in sites] == [
        ("a", {"ac22": 6}, 6, "existing"),
        ("unknown", {"ac22": 2}, 4, "existing"),
        ("stated", {"ac11": 1, "dc50": 2}, 5, "existing"),
        ("new", {}, 4, "upload"),
    ]
    assert [site.is_required for site in sites] == [True, True, True, False]
    assert codes(findings) == ["plugs_assumed", "charger_private", "charger_without_kind"]


def test_docks_that_are_counted_under_the_kind_of_the_study_stand_also_where_it_is_the_only_one(tmp_path):
    docks = [point(0, 0, id="docks", ebike=3), point(2, 0, id="own", dock=4)]
    write(tmp_path, "chargers.geojson", *docks, point(1, 0, id="cars", capacity=2))
    write(tmp_path, "candidates.geojson", point(id="x"))
    kinds = tuple(
        ChargerKind(id=id_, name=id_, power_kw=0.2, plug_cost=1.0, session_minutes=60.0) for id_ in ("ebike", "dock")
    )
    findings = Findings()
    found = read_sites(tmp_path, None, replace(around(), kinds=kinds), findings, assumed())
    assert [(site.id, dict(site.plugs)) for site in found.sites] == [
        ("docks", {"ebike": 3}),
        ("own", {"dock": 4}),
        ("x", {}),
    ]
    assert [(item.code, item.message) for item in findings.items] == [
        ("charger_without_kind", "cars is for cars, which no kind of the study is; it is left out")
    ]
    # Nor are docks taken for chargers of cars where no kind is for bikes.
    write(tmp_path, "chargers.geojson", docks[0], point(1, 0, id="cars", capacity=2))
    sites, findings, _ = read(tmp_path)
    assert [(site.id, dict(site.plugs)) for site in sites if site.is_required] == [("cars", {"ac22": 2})]
    assert [(item.code, item.message) for item in findings.items if item.code != "plugs_assumed"] == [
        ("charger_without_kind", "docks is for bikes, which no kind of the study is; it is left out")
    ]


def test_plugs_under_the_name_of_a_kind_that_the_study_lacks_are_told_and_never_vanish(tmp_path):
    write(tmp_path, "candidates.geojson", point(id="x"))
    rows = "a,11.97,57.7,2,,,\nb,11.98,57.7,1,,4,\nc,11.99,57.7,1,,,2\nd,11.96,57.7,1,3,,\n"
    (tmp_path / "chargers.csv").write_text(f"id,lon,lat,ac11,ac99,dc300,chademo\n{rows}")
    sites, findings, _ = read(tmp_path)
    assert sites is None
    (error,) = findings.errors
    assert (error.code, error.where) == ("unknown_kind", "row 5, ac99")
    assert error.message == "there are plugs of ac99, which is no kind of the study"
    assert error.hint == "kinds of the study are ac11, ac22, dc50"
    assert [(item.code, item.where, item.message, item.hint) for item in findings.warnings] == [
        (
            *("plugs_unread", "row 3", "b has plugs of dc300, which is no kind of the study; they are not counted"),
            "kinds of the study are ac11, ac22, dc50; add dc300 to siting.kinds",
        ),
        (
            *("plugs_unread", "row 4", "c has plugs of chademo, which is no kind of the study; they are not counted"),
            "kinds of the study are ac11, ac22, dc50; call the column socket:chademo",
        ),
    ]
    (tmp_path / "chargers.csv").write_text("id,lon,lat,ac11,ac222,ac99\na,11.97,57.7,2,1,0\n")
    _, findings, _ = read(tmp_path)
    assert [(item.where, item.hint) for item in findings.items] == [("row 2, ac222", "did you mean ac22?")]
    # Where that is all a row says, nothing is assumed beside it.
    (tmp_path / "chargers.csv").write_text("id,lon,lat,ac99\na,11.97,57.7,3\nb,11.98,57.7,\n")
    _, findings, _ = read(tmp_path)
    assert [(item.code, item.where) for item in findings.items] == [
        ("unknown_kind", "row 2, ac99"),
        ("plugs_assumed", "row 3"),
    ]


def test_room_that_does_not_hold_what_stands_and_chargers_without_plugs_are_told(tmp_path):
    rows = "a,11.97,57.7,5,2\nb,11.98,57.7,0,4\nc,11.99,57.7,2,2\nd,11.96,57.7,-1,4\n"
    (tmp_path / "chargers.csv").write_text(f"id,lon,lat,ac22,max_plugs\n{rows}")
    write(tmp_path, "candidates.geojson", point(id="x"))
    _, findings, _ = read(tmp_path)
    assert [(item.code, item.where, item.message) for item in findings.items] == [
        ("out_of_range", "row 5, ac22", "ac22 is -1"),
        ("max_plugs_raised", "row 2", "a has 5 plugs and max_plugs of 2, which is taken as 5"),
        ("charger_without_plugs", "row 3", "b has no plugs and is taken as a site where chargers may be built"),
    ]


@pytest.mark.parametrize("name", ["chargers.csv", "chargers.geojson"])
def test_misspelt_columns_of_chargers_are_told_and_others_are_harmless(tmp_path, name):
    write(tmp_path, "candidates.geojson", point(id="x"))
    columns = {"ac22": 1, "opencost": 3000, "max_plug": 4, "capacty": 2, "operator": "Stadt", "cars": 1, "note": "n"}
    if name.endswith("csv"):
        (tmp_path / name).write_text(
            f"id,lon,lat,{','.join(columns)}\na,11.97,57.7,{','.join(map(str, columns.values()))}\n"
        )
    else:
        write(tmp_path, name, point(id="a", **columns, **{"socket:type9": 1}))
    sites, findings, _ = read(tmp_path)
    assert [site.id for site in sites] == ["a", "x"]
    assert [(item.source, item.code, item.value, item.hint) for item in findings.items] == [
        (name, "column_unknown", "opencost", "did you mean open_cost?"),
        (name, "column_unknown", "max_plug", "did you mean max_plugs?"),
        (name, "column_unknown", "capacty", "did you mean capacity?"),
    ]


FRENCH = (
    "nom_amenageur;siren_amenageur;contact_amenageur;nom_operateur;contact_operateur;telephone_operateur;nom_enseigne;"
    "id_station_itinerance;id_station_local;nom_station;implantation_station;adresse_station;code_insee_commune;"
    "coordonneesXY;nbre_pdc;id_pdc_itinerance;id_pdc_local;puissance_nominale;prise_type_ef;prise_type_2;"
    "prise_type_combo_ccs;prise_type_chademo;prise_type_autre;condition_acces;restriction_gabarit;station_deux_roues;"
    "raccordement;num_pdl;date_mise_en_service;observations;date_maj;cable_t2_attache;"
    "consolidated_longitude;consolidated_latitude;consolidated_code_postal;consolidated_commune"
)
"""Columns of the register."""


def french(folder, rows, **given):
    """A file of the register with these rows."""
    place = {"consolidated_longitude": "11,97", "consolidated_latitude": "57,7"}
    lines = [";".join({**place, **given, **row}.get(name, "") for name in FRENCH.split(";")) for row in rows]
    (folder / "chargers.csv").write_text("\n".join([FRENCH, *lines]), encoding="utf-8")
    write(folder, "candidates.geojson", point(id="x"))


def test_the_french_register_calls_a_point_by_its_id_and_the_name_of_its_station(tmp_path):
    # Where the register says that there is no id, it says so of many.
    rows = [
        {"id_pdc_itinerance": "FRV75E1", "nom_station": "Avenue Montaigne"},
        {"id_pdc_itinerance": "FRV75E2", "nom_station": "Avenue Montaigne"},
        {"id_pdc_itinerance": "Non concerné"},
        {"id_pdc_itinerance": "Non concerné", "nom_station": "Rue de Miromesnil"},
        {"nom_station": "Haussmann"},
    ]
    given = {"id_station_itinerance": "Non concerné", "nom_enseigne": "Ville", "nom_amenageur": "Ville de Paris"}
    french(tmp_path, rows, **given, nbre_pdc="2", puissance_nominale="22")
    sites, findings, _ = read(tmp_path)
    assert [(site.id, site.name) for site in sites if site.is_required] == [
        ("FRV75E1", "Avenue Montaigne"),
        ("FRV75E2", "Avenue Montaigne"),
        ("charger 3", "charger 3"),
        ("charger 4", "Rue de Miromesnil"),
        ("charger 5", "Haussmann"),
    ]
    assert findings.items == []


def test_points_of_a_station_of_the_french_register_are_one_site(tmp_path):
    # Each row is a point, and tells how many all of its station has.
    rows = [
        {"id_station_itinerance": "FRV75P1", "nbre_pdc": "3", "puissance_nominale": "22"},
        {"id_station_itinerance": "FRV75P2", "nbre_pdc": "4", "puissance_nominale": "22"},
        {"id_station_itinerance": "FRV75P1", "nbre_pdc": "3", "puissance_nominale": "22"},
        {"id_station_itinerance": "FRV75P1", "nbre_pdc": "3", "puissance_nominale": "50"},
    ]
    french(
        tmp_path, [{"id_pdc_itinerance": f"E{number}", **row} for number, row in enumerate(rows)], nom_station="Foch"
    )
    sites, findings, _ = read(tmp_path)
    stand = [(site.id, site.name, dict(site.plugs)) for site in sites if site.is_required]
    # Who has one row is a station by itself, with as many points as it says.
    assert stand == [("FRV75P1", "Foch", {"ac22": 2, "dc50": 1}), ("E1", "Foch", {"ac22": 4})]
    assert findings.items == []
