"""Files become ways: every format, clipped extracts, barriers, and files that are none."""

from __future__ import annotations

import gzip

import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.network.osm import read_osm
from optimiser.network.streets import open_streets
from tests.unit.network.osm_files import LEGAL, at, osm_xml, streets_of, way, write_osm

LINE = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (3, 0), 5: (4, 0), 6: (5, 0)}


@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf"])
def test_every_format_gives_the_same_streets(tmp_path, ending):
    path = write_osm(tmp_path / f"line{ending}", LINE, way(1, 2, 3, 4, 5, 6))
    streets = open_streets(path, profile=LEGAL)
    # five steps of 100 m at 10 m/s
    assert streets.times([at("a", 0, 0), at("b", 5, 0)]).travel_s[0, 1] == 50


def test_ways_may_come_before_their_nodes(tmp_path):
    text = osm_xml(LINE, [way(1, 2, 3)], node_tags={})
    head, nodes_and_ways = text.split('<osm version="0.6">\n')
    nodes, ways = nodes_and_ways.split("<way", 1)
    (tmp_path / "turned.osm").write_text(
        head + '<osm version="0.6">\n<way' + ways.replace("</osm>", "") + nodes + "</osm>"
    )
    assert open_streets(tmp_path / "turned.osm", profile=LEGAL).report.ways_cut == 0


def test_a_way_with_missing_nodes_is_cut_and_counted(tmp_path):
    # nodes 90 and 91 are outside: 1-2, 3-4 remain, the lone 5 and the way 6-90 give nothing
    path = write_osm(tmp_path / "clipped.osm", LINE, way(1, 2, 90, 3, 4, 91, 5), way(6, 90), way(2, 3))
    ways = read_osm(path, LEGAL)
    assert (ways.ways_read, ways.ways_cut, ways.ways_lost, ways.nodes_missing) == (3, 2, 1, 2)
    assert len(ways.rule) == 3
    report = open_streets(path, profile=LEGAL).report
    assert report.pieces == 3
    assert "2 ways cut at 2 nodes missing from the file, 1 lost" in str(report)


def test_nodes_off_the_globe_count_as_missing(tmp_path):
    path = tmp_path / "north.osm"
    text = osm_xml(LINE, [way(1, 2, 3)], node_tags={}).replace('<node id="3" lat="0.0000000"', '<node id="3" lat="95"')
    path.write_text(text)
    assert read_osm(path, LEGAL).nodes_missing == 1


def test_ids_may_be_negative_as_editors_save_them(tmp_path):
    path = write_osm(tmp_path / "edited.osm", {-1: (0, 0), -2: (1, 0)}, way(-1, -2))
    assert open_streets(path, profile=LEGAL).report.kept_edges == 2


def test_a_bollard_parts_a_street_but_both_sides_stay_in_use(tmp_path):
    # the square 1-2-3-4 has a bollard in the middle of its south side: from one side of it to the other is all round
    square = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (2, 2), 5: (0, 2)}
    open_way = streets_of(tmp_path, square, way(1, 2, 3, 4, 5, 1))
    parted = streets_of(tmp_path, square, way(1, 2, 3, 4, 5, 1), node_tags={2: {"barrier": "bollard"}})
    west, east = at("west", 0.9, 0), at("east", 1.1, 0)
    # 20 m straight on = 2 s; round: 90 + 200 + 200 + 200 + 90 m = 78 s
    assert open_way.times([west, east]).travel_s[0, 1] == 2
    assert parted.times([west, east]).travel_s[0, 1] == 78
    assert parted.report.barriers == 1


def test_closed_streets_are_not_read(tmp_path):
    path = write_osm(tmp_path / "closed.osm", LINE, way(1, 2), way(2, 3, access="no"), way(3, 4, highway="footway"))
    assert read_osm(path, LEGAL).ways_read == 1


@pytest.mark.parametrize(
    ("name", "content", "code", "says"),
    [
        ("empty.osm.pbf", b"", "streets_empty", "is empty"),
        ("torn.osm", b'<osm version="0.6"><node id="1" lat="1" lon="2"/>', "streets_unreadable", "XML"),
        ("words.osm.pbf", b"these are words, no streets", "streets_unreadable", "PBF"),
        ("torn.osm.gz", gzip.compress(b'<osm version="0.6"></osm>', mtime=0)[:20], "streets_unreadable", "gzip"),
        ("nothing.osm", b'<osm version="0.6"></osm>', "streets_none", "0 ways"),
        ("streets.shp", b"shape", "streets_ending", "ending"),
        (
            "bomb.osm",
            b'<!DOCTYPE osm [<!ENTITY a "b">]><osm version="0.6"><node id="1" lat="1" lon="2" user="&a;"/></osm>',
            "streets_unreadable",
            "entities",
        ),
        ("text.graphml", b"no xml", "streets_unreadable", "OSMnx"),
        ("bare.graphml", b'<graphml><graph id="g"/></graphml>', "streets_none", "0 ways"),
        (
            "other.graphml",
            b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph><node id="1"/></graph></graphml>',
            "streets_unreadable",
            "OSMnx",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_name_and_the_reason(tmp_path, name, content, code, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        open_streets(tmp_path / name)
    (finding,) = caught.value.findings
    assert (finding.code, finding.source) == (code, name)
    assert says in str(finding)
    assert finding.hint


def test_an_absent_file_and_a_folder_are_refused(tmp_path):
    for path, says in ((tmp_path / "gone.osm", "does not exist"), (tmp_path, "is a folder")):
        with pytest.raises(InvalidInput, match=says):
            open_streets(path)


def test_streets_that_lead_nowhere_are_refused(tmp_path):
    path = write_osm(tmp_path / "oneway.osm", LINE, way(1, 2, oneway="yes"))
    with pytest.raises(InvalidInput, match="none of which leads back"):
        open_streets(path)
