"""Road networks and flows as they are written: TNTP text, or the workbooks of BeData."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from optimiser.basics.findings import Findings
from scenarios.benchmarks.files import finite_number, read_text, refuse
from scenarios.benchmarks.spreadsheet import TEXT, read_rows

NET, TRIPS = "*_net.tntp", "*_trips.tntp"
EDGES, FLOWS = "edges.xlsx", "flows.xlsx"
FORMS = ("tntp", "bedata")
"""Their names in a list's column `format`."""
NET_LAYOUT = "metadata, <END OF METADATA>, then links: init node, term node, capacity, length"
TRIPS_LAYOUT = "metadata, <END OF METADATA>, then Origin i, and under it j : flow;"
END = "<END OF METADATA>"
COLUMNS = ("A", "B", "C")
MOST_NODES = 1_000_000

Triple = tuple[int, int, float]


class Network(NamedTuple):
    """What the files of a folder say."""

    nodes: tuple[int, ...]
    """Their numbers, in order."""
    links: list[Triple]
    """Two nodes and the length between them."""
    flows: list[Triple]
    """Two nodes and what drives from the first to the second."""


def is_network(folder: Path) -> bool:
    """Whether a path is a folder with a network of either form."""
    return folder.is_dir() and (_has(folder, NET, TRIPS) or _has(folder, EDGES, FLOWS))


def form_of(folder: Path) -> str:
    """Which of the forms a folder with a network is of."""
    return FORMS[0] if _has(folder, NET, TRIPS) else FORMS[1]


def read_network(folder: Path) -> Network:
    """
    Read a folder of either form.

    Raises
    ------
    InvalidInput
        Every line, row and entry that is wrong, located.
    """
    findings = Findings()
    network = _tntp(folder, findings) if form_of(folder) == FORMS[0] else _workbooks(folder, findings)
    findings.raise_errors(f"benchmark folder {folder}")
    return network


def _has(folder: Path, *patterns: str) -> bool:
    return all(any(folder.glob(pattern)) for pattern in patterns)


def _tntp(folder: Path, findings: Findings) -> Network:
    net, trips = (min(folder.glob(pattern)) for pattern in (NET, TRIPS))
    head, lines = _parts(net, NET_LAYOUT)
    nodes, count = (_told(net, head, key) for key in ("NUMBER OF NODES", "NUMBER OF LINKS"))
    links = []
    for number, line in lines:
        tokens = line.replace(";", " ").split()
        if not tokens or tokens[0].startswith("~"):
            continue
        where = f"line {number}"
        if len(tokens) < 4:
            findings.error("link_wrong", "is no link", source=str(net), where=where, value=line, hint=NET_LAYOUT)
            continue
        link = _triple(findings, net, where, (tokens[0], tokens[1], tokens[3]), "length", nodes=nodes)
        if link is not None:
            links.append(link)
    if not findings.errors and len(links) != count:
        told = f"holds {len(links):,} links, NUMBER OF LINKS is {count:,}"
        findings.error("link_count", told, source=str(net), value=len(links), hint=f"{count:,} links, as it begins")
    return Network(nodes=tuple(range(1, nodes + 1)), links=links, flows=list(_flows(trips, nodes, findings)))


def _flows(path: Path, nodes: int, findings: Findings) -> Iterator[Triple]:
    _, lines = _parts(path, TRIPS_LAYOUT)
    origin = ""
    for number, line in lines:
        where = f"line {number}"
        if line.split()[:1] == ["Origin"]:
            origin = line.partition("Origin")[2].strip()
            continue
        for entry in line.split(";"):
            if not entry.strip():
                continue
            if not origin or entry.count(":") != 1:
                findings.error(
                    "flow_wrong",
                    f"{entry.strip()[:60]!r} is no flow of an origin",
                    source=str(path),
                    where=where,
                    value=entry.strip()[:60],
                    hint=TRIPS_LAYOUT,
                )
                continue
            destination, flow = entry.split(":")
            found = _triple(findings, path, where, (origin, destination, flow), "flow", nodes=nodes)
            if found is not None:
                yield found


def _parts(path: Path, layout: str) -> tuple[str, list[tuple[int, str]]]:
    """Metadata, and what comes after it: number and text of each line that is not blank."""
    head, end, body = read_text(path, hint=layout).partition(END)
    if not end:
        refuse(path, "metadata_missing", f"has no {END}", hint=layout)
    before = head.count("\n") + 1
    return head, [(before + number, line) for number, line in enumerate(body.splitlines()) if line.strip()]


def _told(path: Path, head: str, key: str) -> int:
    """A count of the metadata."""
    found = re.search(rf"<{key}>\s*(\S+)", head)
    count = finite_number(found[1]) if found else None
    if count is None or not count.is_integer() or not 1 <= count <= MOST_NODES:
        told = found[1] if found else ""
        refuse(path, "metadata_wrong", f"<{key}> is {told[:30]!r}", value=told[:30], hint=f"1..{MOST_NODES:,}")
    return int(count)


def _workbooks(folder: Path, findings: Findings) -> Network:
    links, flows = [], []
    on_links: set[int] = set()
    for _, link in _table(folder / EDGES, findings, "length"):
        links.append(link)
        on_links.update(link[:2])
    for where, flow in _table(folder / FLOWS, findings, "flow"):
        flows.append(flow)
        for node in set(flow[:2]) - on_links:
            findings.error(
                "node_unknown",
                f"node {node} is on no edge",
                source=str(folder / FLOWS),
                where=where,
                value=node,
                hint=f"a node of {EDGES}",
            )
    return Network(nodes=tuple(sorted(on_links)), links=links, flows=flows)


def _table(path: Path, findings: Findings, what: str) -> Iterator[tuple[str, Triple]]:
    """Rows of two nodes and a number; a first row of texts is a header."""
    hint = f"rows of two node numbers and a {what} in columns A, B and C"
    rows = read_rows(path, hint=hint)
    if rows and set(rows[0][1].values()) == {TEXT}:
        rows = rows[1:]
    if not rows:
        refuse(path, "sheet_empty", "holds no row", hint=hint)
    for number, cells in rows:
        where = f"row {number}"
        one, other, value = (cells.get(column, "") for column in COLUMNS)
        found = _triple(findings, path, where, (one, other, value), what)
        if found is not None:
            yield where, found


def _triple(
    findings: Findings, path: Path, where: str, tokens: tuple[str, str, str], what: str, *, nodes: int = MOST_NODES
) -> Triple | None:
    """Two nodes and a number that is 0 or more; None, and what is wrong is noted, where it is something else."""
    values = [finite_number(token) for token in tokens]
    wrong = [
        (token, f"a node is {token.strip()[:30]!r}", f"a whole number within 1..{nodes:,}")
        for token, value in zip(tokens[:2], values[:2], strict=True)
        if value is None or not value.is_integer() or not 1 <= value <= nodes
    ]
    one, other, value = values
    if value is None or value < 0:
        wrong.append((tokens[2], f"a {what} is {tokens[2].strip()[:30]!r}", "a number, 0 or more"))
    for token, message, hint in wrong:
        findings.error(f"{what}_wrong", message, source=str(path), where=where, value=token.strip()[:30], hint=hint)
    if wrong or one is None or other is None or value is None:
        return None
    return int(one), int(other), value
