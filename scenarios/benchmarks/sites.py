"""What every choice of sites has to be, whatever it is for, and what may be claimed of it."""

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


def wrong_costs(
    priced: float, *, cost: float, lower_bound: float, status: str, told: str, slack: float = 0.0
) -> Iterator[Fault]:
    """Faults of what is claimed of a choice that costs `priced`, as `told` begins to say; sums are off by `slack`."""
    if not abs(cost - priced) <= slack:
        text = f"{told} {priced:,}, {cost:,} is claimed"
        yield Fault(rule="cost", ids=(), amount=cost - priced, text=text)
    if not 0 <= lower_bound <= priced + slack:
        text = f"a bound of {lower_bound:,} is claimed, {told} {priced:,}"
        yield Fault(rule="lower_bound", ids=(), amount=lower_bound - priced, text=text)
    yield from _wrong_status(priced, bound=lower_bound, status=status, told=told, slack=slack)


def wrong_covers(
    reached: float, *, covered: float, upper_bound: float, status: str, told: str, slack: float
) -> Iterator[Fault]:
    """The same for a choice that covers `reached`."""
    if not abs(covered - reached) <= slack:
        text = f"{told} {reached:,}, {covered:,} is claimed"
        yield Fault(rule="covered", ids=(), amount=covered - reached, text=text)
    if not upper_bound >= reached - slack:
        text = f"a bound of {upper_bound:,} is claimed, {told} {reached:,}"
        yield Fault(rule="upper_bound", ids=(), amount=upper_bound - reached, text=text)
    yield from _wrong_status(reached, bound=upper_bound, status=status, told=told, slack=slack)


def _wrong_status(value: float, *, bound: float, status: str, told: str, slack: float) -> Iterator[Fault]:
    if (status == "proven") != (abs(bound - value) <= slack):
        text = f"{status} is claimed with a bound of {bound:,}, {told} {value:,}"
        yield Fault(rule="status", ids=(), amount=abs(bound - value), text=text)
