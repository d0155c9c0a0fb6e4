"""Loads what the files of a night need before its search begins: who is told to stop has little time left."""

from __future__ import annotations

from collections.abc import Iterable

from optimiser.network.streets import Streets
from optimiser.network.travel import TravelSource
from optimiser.reporting.html import SHARED, template_environment


def get_ready(page: str, sources: Iterable[TravelSource]) -> None:
    """
    Have a page's templates compiled, and streets ready to draw ways on.

    Parameters
    ----------
    page
        Name of its template.
    sources
        Streets of any mode; what is not a street graph of ours needs nothing.
    """
    for name in (page, SHARED):
        template_environment().get_template(name)
    for source in sources:
        if isinstance(source, Streets):
            source.get_ready()
