"""
Prices of points whose bound is that of the linear programme, by an interior point method of our own.

    max  sum_i w_i z_i     s.t.  a_i = sum_{j in N_i} y_j - z_i >= 0,  b_i = 1 - z_i >= 0,  0 <= y <= 1,  sum_j y_j = p

A price u_i of a, v_i = w_i - u_i of b, and alpha, beta of the two limits of y, with A' u + alpha - beta = lambda. Steps
of Newton's method towards u a = v b = alpha y = beta (1 - y) = mu, ever less, each corrected by what the straight one
leaves out (Mehrotra 1992, SIAM Journal on Optimization 2) and by what keeps the products together, as long as that lets
it go further (Gondzio 1996, Computational Optimization and Applications 6). What belongs to points is eliminated first,
so that each step is a system of one row a site, however many points there are:

    (A' D A + E) dy + 1 dlambda = r,   1' dy = 0,   D = 1 / (a / u + b / v),   E = alpha / y + beta / (1 - y)

With triples of points, of which s = 1 + c' y - (z_1 + z_2 + z_3) >= 0 holds at a price pi, v_i = w_i - u_i - pi, and
the system has one more product for each, of f = c - sum_i A_i (u_i / a_i) / (u_i / a_i + v_i / b_i):

    kappa f f',   1 / kappa = s / pi + sum_i 1 / (u_i / a_i + v_i / b_i)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.sparse import csr_array

from optimiser.siting.coverage.clusters import clusters_of
from optimiser.siting.coverage.problem import Floats
from optimiser.siting.coverage.reach import Reach

INWARD = 0.995
"""Of the way to the nearest limit, that a step goes at most."""
CORRECTIONS, WORTH = 3, 0.02
"""Of each step, at most, and by how much in all it has to get longer for each."""
LONGER, FURTHER = 1.08, 0.08
"""How far, of what a step goes and beyond, it is to go once corrected."""
SPREAD = 10.0
"""How far products may be from the one that is aimed at."""


class _Move(NamedTuple):
    """What changes in a step."""

    y: Floats
    at: Floats
    """Of the sum of y within reach of each point."""
    z: Floats
    u: Floats
    v: Floats
    slack: Floats
    pi: Floats
    alpha: Floats
    beta: Floats
    level: float


class Interior:
    """
    A point inside, which steps bring ever nearer to the best of the linear programme.

    Parameters
    ----------
    reach
        Sites that are free alone, and points that none of the settled ones reaches.
    p
        Sites to be open, fewer than there are and more than none.
    triples
        How many: the first three points are the first one, and so on.
    """

    def __init__(self, reach: Reach, p: int, triples: int = 0) -> None:
        self._p, self._weight = p, reach.weight
        points, sites = len(reach.weight), len(reach.first_point) - 1
        ones = np.ones(len(reach.site))
        self._within = csr_array((ones, reach.site, reach.first_site), shape=(points, sites))
        self._reached = csr_array((ones, reach.point, reach.first_point), shape=(sites, points))
        self._clusters = clusters_of(self._within, self._reached)
        members = np.arange(3 * triples)
        self._of = csr_array((np.ones(3 * triples), members, np.arange(0, 3 * triples + 1, 3)), shape=(triples, points))
        self._counts = csr_array(self._of @ self._within)
        self._counts.data = np.ceil(self._counts.data / 2.0)
        self.y = np.full(sites, p / sites)
        """Share of each site that is open, none quite 0 or 1."""
        self.of_triple = self._weight[: 3 * triples].reshape(-1, 3).min(axis=1) / 4.0
        """Price of each triple, none quite 0."""
        self.price = self._weight / 2.0
        """Of each point, none quite 0 or its weight."""
        self._rest = self._weight - self.price - self._of.T @ self.of_triple
        self._at = self._within @ self.y
        worth: Floats = np.asarray(self._reached @ self.price + self._counts.T @ self.of_triple)
        self._level = float(np.partition(worth, sites - p)[sites - p])
        less = self._level - worth
        mean = float(np.abs(less).mean()) / 2.0
        self._alpha = np.maximum(less, 0.0) + mean
        self._beta = self._alpha - less
        self._z = np.minimum(self._at, 1.0) / 2.0
        self._slack = 1.0 + self._counts @ self.y - self._of @ self._z

    def work(self) -> float:
        """Products of two numbers that a step takes, nearly."""
        return len(self.y) ** 3 / 3.0 + sum(float(table.within.size) * len(table.sites) for table in self._clusters)

    def value(self) -> float:
        """What the shares that are open cover: no bound of the linear programme is less."""
        return float(self._weight @ (self._z if len(self.of_triple) else np.minimum(self._at, 1.0)))

    def bound(self) -> float:
        """What no shares cover more than, by the prices as they are."""
        worth = np.sort(self._reached @ self.price + self._counts.T @ self.of_triple)
        return float(self._rest.sum() + self.of_triple.sum() + worth[len(worth) - self._p :].sum())

    def step(self) -> bool:
        """Go on; whether that was possible."""
        u, v, a, b = self.price, self._rest, self._at - self._z, 1.0 - self._z
        pi, slack = self.of_triple, self._slack
        y, rest, alpha, beta = self.y, 1.0 - self.y, self._alpha, self._beta
        limits = 2 * (len(u) + len(y)) + len(pi)
        mu = float(u @ a + v @ b + pi @ slack + alpha @ y + beta @ rest) / limits
        if not 0.0 < mu < np.inf or min(float(one.min()) for one in (u, v, a, b)) <= 0.0:
            return False
        solve = self._system(u / a, v / b, pi / slack, alpha / y + beta / rest)
        if solve is None:
            return False
        # First straight to the limits; how far that goes tells how much of mu to keep.
        products = (u * a, v * b, pi * slack, alpha * y, beta * rest)
        move = self._move(solve, *(-product for product in products))
        left = sum(float(product.sum()) for product in self._products(move, *self._lengths(move)))
        aim = mu * (max(left, 0.0) / (limits * mu)) ** 3
        second = (
            move.u * (move.at - move.z),
            -move.v * move.z,
            move.pi * move.slack,
            move.alpha * move.y,
            -move.beta * move.y,
        )
        right = [aim - product - more for product, more in zip(products, second, strict=True)]
        move = self._move(solve, *right)
        lengths = self._lengths(move)
        for _ in range(CORRECTIONS):
            further = [min(1.0, LONGER * length + FURTHER) for length in lengths]
            right = [
                one + np.maximum(np.clip(product, aim / SPREAD, aim * SPREAD) - product, -aim * SPREAD)
                for one, product in zip(right, self._products(move, *further), strict=True)
            ]
            tried = self._move(solve, *right)
            longer = self._lengths(tried)
            if sum(longer) < sum(lengths) + WORTH:
                break
            move, lengths = tried, longer
        primal, dual = (INWARD * length for length in lengths)
        self.y, self._at, self._z = y + primal * move.y, self._at + primal * move.at, self._z + primal * move.z
        self._slack = slack + primal * move.slack
        self.price, self._rest, self.of_triple = u + dual * move.u, v + dual * move.v, pi + dual * move.pi
        self._level += dual * move.level
        self._alpha, self._beta = alpha + dual * move.alpha, beta + dual * move.beta
        return True

    def _system(
        self, of_a: Floats, of_b: Floats, of_triple: Floats, of_site: Floats
    ) -> Callable[[Floats], tuple[Floats, float]] | None:
        """Solves for dy and dlambda, whatever r; None where numbers are too far apart."""
        table, of_point = np.zeros((len(of_site), len(of_site)), order="F"), of_a * of_b / (of_a + of_b)
        for points, sites, within in self._clusters:
            scaled = within * np.sqrt(of_point[points])[:, None]
            table[np.ix_(sites, sites)] += scaled.T @ scaled
        table[np.diag_indices(len(of_site))] += of_site
        if len(of_triple):
            both = self._of * (of_a / (of_a + of_b))[None, :]
            scale = np.sqrt(1.0 / (1.0 / of_triple + self._of @ (1.0 / (of_a + of_b))))
            scaled = (self._counts - csr_array(both) @ self._within).toarray() * scale[:, None]
            table += scaled.T @ scaled
        try:
            factor = cho_factor(table, overwrite_a=True, check_finite=False)
        except LinAlgError:
            return None
        ones = cho_solve(factor, np.ones(len(of_site)), check_finite=False)

        def solve(right: Floats) -> tuple[Floats, float]:
            found = cho_solve(factor, right, check_finite=False)
            level = float(found.sum() / ones.sum())
            return found - level * ones, level

        return solve

    def _move(
        self,
        solve: Callable[[Floats], tuple[Floats, float]],
        for_a: Floats,
        for_b: Floats,
        for_slack: Floats,
        for_y: Floats,
        rest: Floats,
    ) -> _Move:
        """The step that changes the five products by so much, up to what is of second order."""
        a, b, y, slack = self._at - self._z, 1.0 - self._z, self.y, self._slack
        of_a, of_b, of_triple = self.price / a, self._rest / b, self.of_triple / slack
        share = 1.0 / (1.0 / of_triple + self._of @ (1.0 / (of_a + of_b)))

        def undone(right: Floats) -> Floats:
            """What z is that has such a right side, its points being tied by triples."""
            alone = right / (of_a + of_b)
            return np.asarray(alone - self._of.T @ (share * (self._of @ alone)) / (of_a + of_b))

        held = undone(for_a / a + for_b / b + self._of.T @ (for_slack / slack))
        right = self._reached @ (for_a / a - of_a * held) + for_y / y - rest / (1.0 - y)
        right += self._counts.T @ (for_slack / slack - of_triple * (self._of @ held))
        dy, level = solve(right)
        at, counted = np.asarray(self._within @ dy), self._counts @ dy
        z = undone(of_a * at + self._of.T @ (of_triple * counted)) - held
        change = np.asarray(counted - self._of @ z)
        return _Move(
            y=dy,
            at=at,
            z=z,
            u=for_a / a - of_a * (at - z),
            v=for_b / b + of_b * z,
            slack=change,
            pi=for_slack / slack - of_triple * change,
            alpha=(for_y - self._alpha * dy) / y,
            beta=(rest + self._beta * dy) / (1.0 - y),
            level=level,
        )

    def _products(self, move: _Move, primal: float, dual: float) -> tuple[Floats, ...]:
        """What is to come near mu, after so much of a step."""
        y, z = self.y + primal * move.y, self._z + primal * move.z
        alpha, beta = self._alpha + dual * move.alpha, self._beta + dual * move.beta
        return (
            (self.price + dual * move.u) * (self._at + primal * move.at - z),
            (self._rest + dual * move.v) * (1.0 - z),
            (self.of_triple + dual * move.pi) * (self._slack + primal * move.slack),
            alpha * y,
            beta * (1.0 - y),
        )

    def _lengths(self, move: _Move) -> tuple[float, float]:
        """How much of a step the shares can go, and the prices, before the first limit; 1 at most."""
        shares = (
            (self._at - self._z, move.at - move.z),
            (1.0 - self._z, -move.z),
            (self._slack, move.slack),
            (self.y, move.y),
            (1.0 - self.y, -move.y),
        )
        prices = (
            (self.price, move.u),
            (self._rest, move.v),
            (self.of_triple, move.pi),
            (self._alpha, move.alpha),
            (self._beta, move.beta),
        )
        return min(_length(*pair) for pair in shares), min(_length(*pair) for pair in prices)


def _length(now: Floats, change: Floats) -> float:
    """How much of a change leaves nothing below 0; 1 at most."""
    falls = change < 0.0
    return float(min(1.0, (now[falls] / -change[falls]).min())) if falls.any() else 1.0
