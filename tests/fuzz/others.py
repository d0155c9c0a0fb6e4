"""What is read besides city folders: benchmark instances, bodies of requests, and what a recorder is served."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.json_text import parse_json
from tests.city_documents import city_document
from tests.fuzz.seeds import Files, feeds, made
from tests.fuzz.targets import Answer, Target, city_targets
from tests.siting_folders import inline_document


def instances() -> Files:
    """A tiny instance of every benchmark and of every form of it."""
    from scenarios.benchmarks.relocation_files import write_relocation
    from tests.unit.relocation.whole_nights import whole_night
    from tests.unit.scenarios.benchmarks import test_capacitated_files as capacitated
    from tests.unit.scenarios.benchmarks import test_flow_files as flow
    from tests.unit.scenarios.benchmarks import test_mclp_files as mclp
    from tests.unit.scenarios.benchmarks import test_pmedian_files as pmedian
    from tests.unit.scenarios.benchmarks.instances import SQUARE, write_meridian

    def write_files(folder: Path) -> None:
        texts = {"brp": SQUARE, "pmedian-1": pmedian.GRAPH, "pmedian-2": pmedian.POINTS, "mclp-1": mclp.CITY}
        texts |= {"mclp-2": mclp.PLANE, "capacitated-1": capacitated.FLOORED, "capacitated-2": capacitated.STRAIGHT}
        for name, text in texts.items():
            (folder / f"{name}.txt").write_text(text)
        write_meridian(folder, "nyc.csv")
        flow.write_tntp(folder / "tntp")
        flow.write_bedata(folder / "workbooks")
        write_relocation(folder / "relocation.json", whole_night(1))

    return made(write_files)


def read_instances(folder: Path) -> Answer:
    """Every instance of the folder."""
    from scenarios.benchmarks.asked import Asked
    from scenarios.benchmarks.brp import read_brp
    from scenarios.benchmarks.capacitated import read_capacitated
    from scenarios.benchmarks.flow import read_flow
    from scenarios.benchmarks.mclp import read_mclp
    from scenarios.benchmarks.nyc import read_nyc
    from scenarios.benchmarks.pmedian import read_pmedian
    from scenarios.benchmarks.relocation_files import read_relocation

    asked = Asked(row={"p": "1", "radius": "5", "params": "range=8"})
    readers: list[Callable[[], object]] = [
        lambda: read_brp(folder / "brp.txt"),
        *(lambda n=n: read_pmedian(folder / f"pmedian-{n}.txt", asked).way for n in (1, 2)),
        *(lambda n=n: read_mclp(folder / f"mclp-{n}.txt", asked).pairs for n in (1, 2)),
        *(lambda n=n: read_capacitated(folder / f"capacitated-{n}.txt", asked) for n in (1, 2)),
        lambda: read_nyc(folder / "nyc.csv"),
        *(lambda form=form: read_flow(folder / form, asked) for form in ("tntp", "workbooks")),
        lambda: read_relocation(folder / "relocation.json"),
    ]
    return Answer(findings=tuple(finding for read in readers for finding in _found(read)))


def _found(read: Callable[[], object]) -> Iterator[Finding]:
    try:
        read()
    except InvalidInput as error:
        if not error.findings:
            raise
        yield from error.findings


def bodies() -> Files:
    """A body in full for each kind of plan."""
    from tests.unit.scenarios.relocation.test_document import DOCUMENT

    limits = {"seconds": 2.0, "rounds": 50, "seed": 3}
    said = {
        "rebalancing.json": {"city": city_document(), "limits": limits},
        "relocation.json": {"city": DOCUMENT, "limits": limits},
        "study.json": {"city": inline_document(), "limits": limits},
    }
    return {name: json.dumps(body, default=lambda moment: moment.isoformat()).encode() for name, body in said.items()}


def read_bodies(folder: Path) -> Answer:
    """Every body, as the API takes it before anything is queued."""
    from service.errors import InvalidRequest, MalformedBody
    from service.plans.requests import read_request as read_plan
    from service.relocations.requests import read_request as read_relocation
    from service.settings import Settings
    from service.studies.requests import read_request as read_study

    settings, findings = Settings(data_dir=folder), Findings()
    for name, read in (("rebalancing", read_plan), ("relocation", read_relocation), ("study", read_study)):
        try:
            read((folder / f"{name}.json").read_bytes(), settings)
        except MalformedBody as error:
            findings.extend(error.findings)
        except InvalidRequest as error:
            if not error.findings:
                raise
            findings.extend(error.findings)
    return Answer(findings=tuple(findings.items))


def read_record(folder: Path) -> Answer:
    """What a recorder makes of a feed's status."""
    from scenarios.gbfs import bike_types, status_rows
    from service.recording.poll import station_rows

    findings = Findings()
    types = bike_types(parse_json((folder / "vehicle_types.json").read_bytes(), findings, source="vehicle_types"))
    document = parse_json((folder / "station_status.json").read_bytes(), findings, source="station_status")
    rows, _ = station_rows(status_rows(document, types, findings) or ())
    counts = [(row.bikes, row.ebikes + 1, row.docks + 1, row.bikes_disabled + 1) for row in rows]
    return Answer(findings=tuple(findings.items), taken=[counts, [row.station_id for row in rows]])


def all_targets() -> tuple[Target, ...]:
    """Every parser of files and bodies."""
    served = ("station_status.json", "vehicle_types.json")
    return (
        *city_targets(),
        Target(name="benchmarks", make=instances, read=read_instances, weight=2),
        Target(name="bodies", make=bodies, read=read_bodies, weight=4),
        Target(name="record", make=lambda: {name: feeds()["gbfs-2"][name] for name in served}, read=read_record),
    )
