"""Instances of flow refuelling: both forms read, everything wrong told at once, paths and judge held against others."""

import zipfile
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from optimiser.basics.errors import InvalidInput
from scenarios.benchmarks.asked import Asked
from scenarios.benchmarks.cases import find_cases
from scenarios.benchmarks.flow import folder_name, read_flow
from scenarios.benchmarks.flow_files import is_network
from scenarios.benchmarks.judge_flow import judge_flow
from scenarios.benchmarks.shortest_paths import neighbours_of, path_to, shortest_paths
from tests.unit.scenarios.benchmarks.instances import PUBLIC

NET = """<NUMBER OF ZONES> 3
<NUMBER OF NODES> 4
<NUMBER OF LINKS> 5
<END OF METADATA>

~ init_node term_node capacity length free_flow_time ;
\t1\t2\t900\t4\t99\t0.15\t;
\t2\t1\t900\t4\t99\t0.15\t;
\t2\t3\t900\t4\t99\t0.15\t;
\t1\t3\t900\t9\t99\t0.15\t;
\t3\t4\t900\t1\t99\t0.15\t;
"""
TRIPS = """<NUMBER OF ZONES> 3
<TOTAL OD FLOW> 16.0
<END OF METADATA>

Origin 1
 1 : 2.0; 2 : 0.0; 3 : 5.0;
Origin 3
 1 : 6.5;
Origin 4
 2 : 2.5;
"""
ASKED = {"p": "1", "params": "range=8, round trip"}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def write_tntp(folder, net=NET, trips=TRIPS):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Tri_net.tntp").write_text(net)
    (folder / "Tri_trips.tntp").write_text(trips)
    return folder


def sheet_of(rows):
    """A sheet as a spreadsheet programme writes it; texts are kept elsewhere."""
    cells = [
        "".join(
            f'<c r="{column}{number}" t="s"><v>0</v></c>'
            if isinstance(value, str)
            else f'<c r="{column}{number}"><v>{value}</v></c>'
            for column, value in zip("ABCDE", row, strict=False)
        )
        for number, row in enumerate(rows, start=1)
    ]
    body = "".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(cells, start=1))
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'


def write_book(path, sheet):
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", sheet)


EDGES = [(1, 2, 4), (2, 3, 4), (1, 3, 9), (3, 4, 1)]
FLOWS = [(1, 3, 11.5), (2, 4, 2.5)]


def write_bedata(folder, edges=EDGES, flows=FLOWS):
    folder.mkdir(parents=True, exist_ok=True)
    write_book(folder / "edges.xlsx", sheet_of(edges))
    write_book(folder / "flows.xlsx", sheet_of(flows))
    return folder


def told(folder, asked=ASKED):
    with pytest.raises(InvalidInput) as refused:
        read_flow(folder, Asked(row=asked))
    return [str(finding) for finding in refused.value.findings]


@pytest.mark.parametrize("write", [write_tntp, write_bedata])
def test_both_forms_say_the_same(tmp_path, write):
    instance = read_flow(write(tmp_path / "Tri"), Asked(row=ASKED))
    assert (instance.name, instance.p, instance.reach, instance.nodes) == ("Tri", 1, 8.0, (1, 2, 3, 4))
    trips = instance.trips
    # 1 to 3 over 2, both ways together; 2 to 4 over 3.
    assert trips.flow.tolist() == [11.5, 2.5]
    assert [trips.node[a:b].tolist() for a, b in pairwise(trips.first)] == [[0, 1, 2], [1, 2, 3]]
    assert trips.at.tolist() == [0, 4, 8, 0, 4, 5]


def test_a_header_is_no_row(tmp_path):
    folder = write_bedata(tmp_path / "Tri", edges=[("i", "j", "l"), *EDGES])
    assert read_flow(folder, Asked(row=ASKED)).nodes == (1, 2, 3, 4)


def test_flows_that_lead_nowhere_are_no_trips(tmp_path):
    folder = write_bedata(tmp_path / "Tri", edges=[*EDGES, (5, 6, 1)], flows=[*FLOWS, (1, 5, 3), (2, 2, 7), (1, 4, 0)])
    assert read_flow(folder, Asked(row=ASKED)).trips.flow.tolist() == [11.5, 2.5]


def test_every_line_that_is_wrong_is_told_at_once(tmp_path):
    net = NET.replace("2\t3\t900\t4", "2\t7\t900\tfar").replace("\t3\t4\t900\t1\t99\t0.15\t;", "\t3;")
    trips = TRIPS.replace("6.5", "-6.5").replace("2 : 2.5", "2 2.5")
    lines = told(write_tntp(tmp_path / "Tri", net, trips))
    assert [line.split("Tri/")[1].split(" (")[0] for line in lines] == [
        "Tri_net.tntp: line 9: a node is '7'",
        "Tri_net.tntp: line 9: a length is 'far'",
        "Tri_net.tntp: line 11: is no link",
        "Tri_trips.tntp: line 8: a flow is '-6.5'",
        "Tri_trips.tntp: line 10: '2 2.5' is no flow of an origin",
    ]


def test_every_row_that_is_wrong_is_told_at_once(tmp_path):
    edges, flows = [*EDGES, (1, 2.5, -1), ("a", 2, 3)], [*FLOWS, (1, 9, 1), (1, 2)]
    lines = told(write_bedata(tmp_path / "Tri", edges, flows))
    assert [line.split("Tri/")[1].split(" (")[0] for line in lines] == [
        "edges.xlsx: row 5: a node is '2.5'",
        "edges.xlsx: row 5: a length is '-1'",
        "edges.xlsx: row 6: a node is 'a text'",
        "flows.xlsx: row 3: node 9 is on no edge",
        "flows.xlsx: row 4: a flow is ''",
    ]


@pytest.mark.parametrize(
    ("net", "trips", "says"),
    [
        (NET.replace("LINKS> 5", "LINKS> 6"), TRIPS, "holds 5 links, NUMBER OF LINKS is 6"),
        (NET.replace("NODES> 4", "NODES> four"), TRIPS, "<NUMBER OF NODES> is 'four'"),
        (NET.replace("<END OF METADATA>", ""), TRIPS, "has no <END OF METADATA>"),
        (NET, TRIPS.replace("Origin 1", "From 1"), "is no flow of an origin"),
        (NET, "", "is empty"),
    ],
)
def test_what_is_wrong_with_a_text_is_told(tmp_path, net, trips, says):
    lines = told(write_tntp(tmp_path / "Tri", net, trips))
    assert any(says in line for line in lines)


BOMB = '<!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        (sheet_of(EDGES).replace("?>", f"?>{BOMB}"), "declares a document type"),
        (sheet_of(EDGES)[:-30], "is no XML"),
        (sheet_of([]), "holds no row"),
    ],
)
def test_what_is_wrong_with_a_workbook_is_told(tmp_path, sheet, says):
    folder = write_bedata(tmp_path / "Tri")
    write_book(folder / "edges.xlsx", sheet)
    (line,) = told(folder)
    assert says in line


def test_a_workbook_that_is_none_is_told(tmp_path):
    folder = write_bedata(tmp_path / "Tri")
    (folder / "edges.xlsx").write_text("1,2,4")
    assert "is no workbook" in told(folder)[0]
    with zipfile.ZipFile(folder / "edges.xlsx", "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    assert "without a sheet" in told(folder)[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A name that says that it is UTF-8 and is not; a directory that says that it begins 4 kB later.
        ("\xe9".encode(), b"\xc3("),
        (b"PK\x05\x06", b""),
    ],
)
def test_a_workbook_whose_directory_is_damaged_is_told(tmp_path, before, after):
    folder = write_bedata(tmp_path / "Tri")
    with zipfile.ZipFile(folder / "edges.xlsx", "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
        book.writestr("\xe9.xml", "")
    content = (folder / "edges.xlsx").read_bytes()
    if after:
        content = content.replace(before, after)
    else:
        at = content.index(before) + 16
        content = (
            content[:at]
            + (int.from_bytes(content[at : at + 4], "little") + 4096).to_bytes(4, "little")
            + content[at + 4 :]
        )
    (folder / "edges.xlsx").write_bytes(content)
    assert "is no workbook" in told(folder)[0]


def test_a_sheet_may_not_be_larger_than_it_says(tmp_path, monkeypatch):
    monkeypatch.setattr("scenarios.benchmarks.spreadsheet.MAX_BYTES", 1000)
    folder = write_bedata(tmp_path / "Tri", edges=[(1, 2, 4)] * 100)
    assert "holds more than" in told(folder)[0]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"params": "range=8"}, "no p is asked"),
        ({"p": "5", "params": "range=8"}, "p is 5"),
        ({"p": "1.5", "params": "range=8"}, "p is 1.5"),
        ({"p": "1"}, "no range is asked"),
        ({"p": "1", "params": "range=far"}, "the range is 'far'"),
        ({"p": "1", "range": "0"}, "the range is 0"),
    ],
)
def test_what_is_asked_has_to_be_said(tmp_path, asked, says):
    (line,) = told(write_tntp(tmp_path / "Tri"), asked)
    assert says in line


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"p": "1", "params": "range=8, one way"}, ["params ask for 'one way': only round trips along shortest paths"]),
        (
            {"instance": "Tri_R8_p4", "p": "2", "params": "range=9"},
            ["Tri_R8_p4 is named after range 8, and 9 is asked", "Tri_R8_p4 is named after p 4, and 2 is asked"],
        ),
        (
            {"p": "9", "params": "speed=3; round trip", "format": "bedata"},
            ["the format is 'bedata', Tri looks like tntp", "p is 9", "params ask for 'speed=3'", "no range is asked"],
        ),
    ],
)
def test_what_is_asked_and_not_solved_is_told(tmp_path, asked, says):
    lines = told(write_tntp(tmp_path / "Tri"), asked)
    assert len(lines) == len(says)
    for line, said in zip(lines, says, strict=True):
        assert said in line


def test_the_files_and_what_is_asked_are_told_at_once(tmp_path):
    lines = told(write_tntp(tmp_path / "Tri", trips=TRIPS.replace("6.5", "-6.5")), {"p": "0"})
    assert ["a flow is '-6.5'", "p is 0", "no range is asked"] == [
        line.split(" (")[0].split(": ")[-1] for line in lines
    ]


def test_a_folder_without_a_network_is_told(tmp_path):
    assert "holds no road network" in told(tmp_path)[0]


def test_folders_are_found_by_the_instances_that_a_list_names(tmp_path):
    write_tntp(tmp_path / "Tri")
    write_bedata(tmp_path / "deep" / "Quad")
    (tmp_path / "cases.csv").write_text(
        'instance,p,params,value\nTri_R8_p1,1,"range=8, round trip",3\nTri_R9.5_p2,2,range=9.5,4\n'
        "Quad_R8_p1,1,range=8,5\n"
    )
    for paths in ([tmp_path], [tmp_path / "Tri", tmp_path / "deep" / "Quad"]):
        cases = find_cases(paths, is_instance=is_network, file_of=folder_name, depth=2)
        assert [(case.path.name, case.best_known) for case in cases] == [("Tri", 3.0), ("Tri", 4.0), ("Quad", 5.0)]
    instance = read_flow(cases[1].path, cases[1].asked)
    assert (instance.name, instance.p, instance.reach) == ("Tri_R9.5_p2", 2, 9.5)


@pytest.mark.parametrize("seed", range(8))
def test_of_equally_long_paths_the_same_is_taken_as_by_networkx(seed):
    random = np.random.default_rng(seed)
    nodes = 14
    links = [(int(a), int(b), float(length)) for a, b, length in random.integers(1, nodes, (40, 3)) % [nodes, nodes, 4]]
    graph = nx.Graph()
    for one, other, length in links:
        if one != other:
            least = min(length, graph[one][other]["weight"]) if graph.has_edge(one, other) else length
            graph.add_edge(one, other, weight=least)
    neighbours = neighbours_of(links, nodes)
    for origin in graph:
        ways, paths = nx.single_source_dijkstra(graph, origin)
        way, before = shortest_paths(neighbours, origin)
        for node in range(nodes):
            assert way[node] == ways.get(node, np.inf)
            if node in ways:
                assert path_to(before, node) == paths[node]


RIGHT = {"covered": 11.5, "upper_bound": 11.5, "status": "proven"}
"""Node 2 with a range of 8: the trip from 1 to 3 can be driven, that from 2 to 4 is 10 there and back."""


def test_a_right_answer_is_without_fault(tmp_path):
    instance = read_flow(write_tntp(tmp_path / "Tri"), Asked(row=ASKED))
    assert () == judge_flow(instance, [2], **RIGHT)
    assert () == judge_flow(instance, [2], covered=11.5, upper_bound=14.0, status="bounded")
    # From node 3 it is 8 to 2 and back, but 16 to 1 and back.
    assert () == judge_flow(instance, [3], covered=2.5, upper_bound=14.0, status="bounded")


@pytest.mark.parametrize(
    ("sites", "changed", "rule"),
    [
        ([], {}, "site_count"),
        ([2, 3], {}, "site_count"),
        ([5], {}, "known_sites"),
        ([0], {}, "known_sites"),
        ([1], {}, "covered"),
        ([2], {"covered": 12.5, "upper_bound": 12.5}, "covered"),
        ([2], {"upper_bound": 10.5, "status": "bounded"}, "upper_bound"),
        ([2], {"upper_bound": 12.5}, "status"),
        ([2], {"status": "bounded"}, "status"),
    ],
)
def test_an_answer_wrong_by_one_is_found(tmp_path, sites, changed, rule):
    faults = judge_flow(read_flow(write_tntp(tmp_path / "Tri"), Asked(row=ASKED)), sites, **(RIGHT | changed))
    assert rule in {fault.rule for fault in faults}


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="needs the public instances of ../shared/benchmarks")
@pytest.mark.parametrize(
    ("name", "nodes", "trips"), [("SiouxFalls", 24, 264), ("BeData/BE1", 83, 3403), ("BeData/BE3", 581, 6555)]
)
def test_public_networks_are_read(name, nodes, trips):
    instance = read_flow(PUBLIC / "siting/flow" / name, Asked(row=ASKED))
    assert (len(instance.nodes), len(instance.trips.flow)) == (nodes, trips)
