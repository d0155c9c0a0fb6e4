"""What every choice of sites has to be, whatever it is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scenarios.benchmarks.fault import Fault


def wrong_sites(sites: Sequence[int], *, p: int, first: int, count: int) -> Iterator[Fault]:
    """Faults of a choice of `p` sites, numbered from `first`, of so many."""
    if len(sites) != p:
        text = f"{len(sites)} sites are open, {p} have to be"
        yield Fault(rule="site_count", ids=(), amount=len(sites) - p, text=text)
    for site in sites:
        if not first <= site < first + count:
            text = f"site {site} is none of {first}..{first + count - 1}"
            yield Fault(rule="known_sites", ids=(str(site),), amount=1, text=text)
    for site in sorted({site for site in sites if sites.count(site) > 1}):
        text = f"site {site} is named {sites.count(site)} times"
        yield Fault(rule="sites_once", ids=(str(site),), amount=sites.count(site) - 1, text=text)
