"""Sites and districts that a raw study names, so that those that are unknown are told beside whatever else is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scenarios.raw_rows import as_id, items, rows
from scenarios.siting.study import Wished


def raw_wishes(study: object) -> Iterator[Wished]:
    """Every well-formed name."""
    given = study if isinstance(study, Mapping) else {}
    for name in ("force", "ban"):
        for _, item in items(given.get(name), ()):
            if (id_ := as_id(item)) is not None:
                yield Wished("site", name, id_)
    tables = [("floors", given.get("floors"))]
    for (_, row), scenario in rows(given, "scenarios"):
        tables.append((f"scenarios[{row}].by_district", scenario.get("by_district")))
    for name, table in tables:
        for id_ in table if isinstance(table, Mapping) else ():
            yield Wished("district", name, str(id_))
