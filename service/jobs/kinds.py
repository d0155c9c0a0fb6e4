"""Kinds of jobs: how they are called, and what a solver child has to leave for each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """What is done for one kind of request."""

    name: str
    """In the table of jobs."""
    noun: str
    """In sentences."""
    prefix: str
    """Of ids."""
    path: str
    """Of the collection, in the API."""
    files: tuple[str, ...]
    """
    Documents of a complete result, whatever others are beside them.

    The first says how good it is and why the search stopped.
    """
    figure: str
    """Of the first document: the number that was made as good as possible."""

    @property
    def main(self) -> str:
        """The document that the API shows."""
        return self.files[0]


REBALANCING = JobKind(
    name="rebalancing",
    noun="plan",
    prefix="pln",
    path="/v1/rebalancing-plans",
    files=("plan.json", "routes.geojson", "route_sheet.csv", "unserved.json", "report.html"),
    figure="objective",
)

RELOCATION = JobKind(
    name="relocation",
    noun="plan",
    prefix="rlc",
    path="/v1/relocation-plans",
    files=("plan.json", "routes.geojson", "driver_sheet.csv", "unserved.json", "report.html"),
    figure="objective",
)

SITING = JobKind(
    name="siting", noun="study", prefix="std", path="/v1/siting-studies", files=("study.json",), figure="value"
)

KINDS = {kind.name: kind for kind in (REBALANCING, RELOCATION, SITING)}
