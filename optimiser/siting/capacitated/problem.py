"""What is asked: customers with demand, sites with capacity, ways between them, and how many sites are to be open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False, kw_only=True)
class CapacitatedProblem:
    """
    Open `p` of the sites; every customer is served by one of them, with all of its demand.

        min  sum_ij c_ij x_ij     s.t.  sum_j x_ij = 1,   sum_i q_i x_ij <= Q_j y_j,   sum_j y_j = p,   x, y binary

    Only pairs that are listed can serve. Sites need not be places of customers.

    Raises
    ------
    InvalidInput
        Figures that are negative or not finite, pairs that do not exist, a `p` that cannot be; and wishes that nothing
        can meet, each with what would: all of what is wrong, located.
    """

    first: NDArray[np.int64]
    """Where the sites of each customer begin, shape (customers + 1,)."""
    site: Ints
    """Sites that may serve, customer after customer, each customer's in rising order."""
    way: Floats
    """What serving costs, for each pair."""
    demand: Floats
    """Of each customer, shape (customers,)."""
    capacity: Floats
    """Of each site, shape (sites,)."""
    p: int
    """Sites to be open."""
    beyond: Floats | None = None
    """Where sites are left out because they are far: what serving each customer from there costs at least. The bound
    then holds for all sites. None where no other may serve."""

    def __post_init__(self) -> None:
        self._check_form()
        findings = Findings()
        for name, values in (("demand", self.demand), ("capacity", self.capacity)):
            for index in np.flatnonzero(~(np.isfinite(values) & (values >= 0))):
                where, value = f"{name} {index}", float(values[index])
                findings.error(
                    f"{name}_wrong", f"is {value:g}", source="request", where=where, value=value, hint="0 or more"
                )
        if not (np.isfinite(self.way) & (self.way >= 0)).all():
            findings.error("way_wrong", "a way is negative or not finite", source="request", hint="0 or more")
        if not 1 <= self.p <= self.sites:
            hint = f"1..{self.sites}"
            findings.error("p_wrong", f"{self.p} sites are to be open", source="request", value=self.p, hint=hint)
        if not findings.errors:
            self._check_room(findings)
        findings.raise_errors("capacitated p-median")

    def _check_form(self) -> None:
        count = self.customers
        if not count or len(self.first) != count + 1 or self.first[0] != 0 or self.first[-1] != len(self.site):
            raise InvalidInput("the sites of all customers need one beginning each, and their end")
        if (np.diff(self.first) < 0).any() or len(self.way) != len(self.site):
            raise InvalidInput("every pair of a customer and a site needs a way, customer after customer")
        if len(self.site) and (self.site.min() < 0 or self.site.max() >= self.sites):
            raise InvalidInput(f"sites that serve are to be of 0..{self.sites - 1}")
        is_same = np.diff(self.customer) == 0
        if (np.diff(self.site)[is_same] <= 0).any():
            raise InvalidInput("the sites of a customer have to rise, none twice")
        if self.beyond is not None and self.beyond.shape != self.demand.shape:
            raise InvalidInput(f"{count} customers need as many ways to what is beyond, not {self.beyond.shape}")

    def _check_room(self, findings: Findings) -> None:
        room = np.zeros(self.customers)
        np.maximum.at(room, self.customer, self.capacity[self.site])
        is_served = np.diff(self.first) > 0
        for index in np.flatnonzero(~is_served | (self.demand > room)):
            told = f"has a demand of {self.demand[index]:g}, its largest site has room for {room[index]:g}"
            findings.error(
                "customer_too_large" if is_served[index] else "customer_unreachable",
                told if is_served[index] else "no site may serve it",
                source="request",
                where=f"customer {index}",
                value=float(self.demand[index]),
                hint="a larger site, or less demand" if is_served[index] else "one site at least",
            )
        total, most = float(self.demand.sum()), np.cumsum(np.sort(self.capacity)[::-1])
        if total > most[self.p - 1] * (1 + 1e-12):
            least = int(np.searchsorted(most * (1 + 1e-12), total)) + 1
            findings.error(
                "capacity_short",
                f"{self.p} sites have room for {most[self.p - 1]:g} at most, all demand is {total:g}",
                source="request",
                where="p",
                value=self.p,
                hint=f"{least} sites or more" if least <= self.sites else f"all sites have room for {most[-1]:g}",
            )

    @property
    def customers(self) -> int:
        """How many there are."""
        return len(self.demand)

    @property
    def sites(self) -> int:
        """How many may be open."""
        return len(self.capacity)

    @cached_property
    def customer(self) -> NDArray[np.int64]:
        """Of each pair."""
        return np.repeat(np.arange(self.customers), np.diff(self.first))

    @cached_property
    def key(self) -> NDArray[np.int64]:
        """Of each pair, a number that rises from pair to pair: `customer * sites + site`."""
        return self.customer * self.sites + self.site

    @cached_property
    def is_whole(self) -> bool:
        """Whether all ways are whole numbers, so that a bound may be rounded up."""
        return bool((self.way == np.round(self.way)).all() and self.way.max() * self.customers < 2**53)
