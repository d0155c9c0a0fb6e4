"""
Prices of points whose bound is that of the linear programme, by an interior point method of our own.

    max  sum_i w_i z_i     s.t.  a_i = sum_{j in N_i} y_j - z_i >= 0,  b_i = 1 - z_i >= 0,  0 <= y <= 1,  sum_j y_j = p

A price u_i of a, v_i = w_i - u_i of b, and alpha, beta of the two limits of y, with A' u + alpha - beta = lambda. Steps
of Newton's method towards u a = v b = alpha y = beta (1 - y) = mu, ever less, each corrected by what the straight one
leaves out (Mehrotra 1992, SIAM Journal on Optimization 2) and by what keeps the products together, as long as that lets
it go further (Gondzio 1996, Computational Optimization and Applications 6). What belongs to points is eliminated first,
so that each step is a system of one row a site, however many points there are:

    (A' D A + E) dy + 1 dlambda = r,   1' dy = 0,   D = 1 / (a / u + b / v),   E = alpha / y + beta / (1 - y)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.sparse import csr_array

from optimiser.siting.coverage.problem import Floats
from optimiser.siting.coverage.reach import Bools, Reach

CLUSTER = 200
"""Points that are multiplied at once."""
PIVOTS = 64
"""Points that others are held against at once."""
INWARD = 0.995
"""Of the way to the nearest limit, that a step goes at most."""
CORRECTIONS, WORTH = 3, 0.02
"""Of each step, at most, and by how much in all it has to get longer for each."""
LONGER, FURTHER = 1.08, 0.08
"""How far, of what a step goes and beyond, it is to go once corrected."""
SPREAD = 10.0
"""How far products may be from the one that is aimed at."""


class _Cluster(NamedTuple):
    """Points whose sites are nearly the same, and these as a dense table."""

    points: NDArray[np.int64]
    sites: NDArray[np.int64]
    within: Bools
    """Where a site reaches a point, shape (points, sites)."""


class _Move(NamedTuple):
    """What changes in a step."""

    y: Floats
    at: Floats
    """Of the sum of y within reach of each point."""
    z: Floats
    u: Floats
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
    """

    def __init__(self, reach: Reach, p: int) -> None:
        self._p, self._weight = p, reach.weight
        points, sites = len(reach.weight), len(reach.first_point) - 1
        ones = np.ones(len(reach.site))
        self._within = csr_array((ones, reach.site, reach.first_site), shape=(points, sites))
        self._reached = csr_array((ones, reach.point, reach.first_point), shape=(sites, points))
        self._clusters = _clusters_of(self._within, self._reached)
        self.y = np.full(sites, p / sites)
        """Share of each site that is open, none quite 0 or 1."""
        self.price = self._weight / 2.0
        """Of each point, none quite 0 or its weight."""
        self._at = self._within @ self.y
        worth: Floats = np.asarray(self._reached @ self.price)
        self._level = float(np.partition(worth, sites - p)[sites - p])
        less = self._level - worth
        mean = float(np.abs(less).mean()) / 2.0
        self._alpha = np.maximum(less, 0.0) + mean
        self._beta = self._alpha - less
        self._z = np.minimum(self._at, 1.0) / 2.0

    def work(self) -> float:
        """Products of two numbers that a step takes, nearly."""
        return len(self.y) ** 3 / 3.0 + sum(float(table.within.size) * len(table.sites) for table in self._clusters)

    def value(self) -> float:
        """What the shares that are open cover: no bound of the linear programme is less."""
        return float(self._weight @ np.minimum(self._at, 1.0))

    def step(self) -> bool:
        """Go on; whether that was possible."""
        u, v, a, b = self.price, self._weight - self.price, self._at - self._z, 1.0 - self._z
        y, rest, alpha, beta = self.y, 1.0 - self.y, self._alpha, self._beta
        limits = 2 * (len(u) + len(y))
        mu = float(u @ a + v @ b + alpha @ y + beta @ rest) / limits
        if not 0.0 < mu < np.inf:
            return False
        solve = self._system(1.0 / (a / u + b / v), alpha / y + beta / rest)
        if solve is None:
            return False
        # First straight to the limits; how far that goes tells how much of mu to keep.
        products = (u * a, v * b, alpha * y, beta * rest)
        move = self._move(solve, *(-product for product in products))
        left = sum(float(product.sum()) for product in self._products(move, *self._lengths(move)))
        aim = mu * (max(left, 0.0) / (limits * mu)) ** 3
        second = (move.u * (move.at - move.z), move.u * move.z, move.alpha * move.y, -move.beta * move.y)
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
        self.price, self._level = u + dual * move.u, self._level + dual * move.level
        self._alpha, self._beta = alpha + dual * move.alpha, beta + dual * move.beta
        return True

    def _system(self, of_point: Floats, of_site: Floats) -> Callable[[Floats], tuple[Floats, float]] | None:
        """Solves for dy and dlambda, whatever r; None where numbers are too far apart."""
        table = np.zeros((len(of_site), len(of_site)), order="F")
        for points, sites, within in self._clusters:
            scaled = within * np.sqrt(of_point[points])[:, None]
            table[np.ix_(sites, sites)] += scaled.T @ scaled
        table[np.diag_indices(len(of_site))] += of_site
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
        self, solve: Callable[[Floats], tuple[Floats, float]], for_a: Floats, for_b: Floats, for_y: Floats, rest: Floats
    ) -> _Move:
        """The step that changes the four products by so much, up to what is of second order."""
        a, b, y = self._at - self._z, 1.0 - self._z, self.y
        of_a, of_b = self.price / a, (self._weight - self.price) / b
        both = for_a / a + for_b / b
        right = self._reached @ (for_a / a - of_a * both / (of_a + of_b)) + for_y / y - rest / (1.0 - y)
        dy, level = solve(right)
        at: Floats = np.asarray(self._within @ dy)
        z = (of_a * at - both) / (of_a + of_b)
        return _Move(
            y=dy,
            at=at,
            z=z,
            u=for_a / a - of_a * (at - z),
            alpha=(for_y - self._alpha * dy) / y,
            beta=(rest + self._beta * dy) / (1.0 - y),
            level=level,
        )

    def _products(self, move: _Move, primal: float, dual: float) -> tuple[Floats, Floats, Floats, Floats]:
        """What is to come near mu, after so much of a step."""
        y, u, z = self.y + primal * move.y, self.price + dual * move.u, self._z + primal * move.z
        alpha, beta = self._alpha + dual * move.alpha, self._beta + dual * move.beta
        return u * (self._at + primal * move.at - z), (self._weight - u) * (1.0 - z), alpha * y, beta * (1.0 - y)

    def _lengths(self, move: _Move) -> tuple[float, float]:
        """How much of a step the shares can go, and the prices, before the first limit; 1 at most."""
        shares = (
            (self._at - self._z, move.at - move.z),
            (1.0 - self._z, -move.z),
            (self.y, move.y),
            (1.0 - self.y, -move.y),
        )
        prices = (
            (self.price, move.u),
            (self._weight - self.price, -move.u),
            (self._alpha, move.alpha),
            (self._beta, move.beta),
        )
        return min(_length(*pair) for pair in shares), min(_length(*pair) for pair in prices)


def _length(now: Floats, change: Floats) -> float:
    """How much of a change leaves nothing below 0; 1 at most."""
    falls = change < 0.0
    return float(min(1.0, (now[falls] / -change[falls]).min())) if falls.any() else 1.0


def _clusters_of(within: csr_array, reached: csr_array) -> list[_Cluster]:
    """Each point goes to the one of some, evenly spread in their order, with which it has most sites in common."""
    points = within.shape[0]
    pivots = np.linspace(0, points - 1, max(1, points // CLUSTER)).astype(np.int64)
    best, nearest = np.full(points, -1.0), np.zeros(points, dtype=np.int64)
    size = np.diff(within.indptr)
    for start in range(0, len(pivots), PIVOTS):
        some = pivots[start : start + PIVOTS]
        common = (within @ within[some].T).toarray()
        alike = common / (size[:, None] + size[some][None, :] - common)
        column = alike.argmax(axis=1)
        most = alike[np.arange(points), column]
        better = most > best
        best[better], nearest[better] = most[better], start + column[better]
    order = np.argsort(nearest, kind="stable")
    clusters = []
    for members in np.split(order, np.flatnonzero(np.diff(nearest[order])) + 1):
        rows = within[members]
        sites, column = np.unique(rows.indices, return_inverse=True)
        dense = np.zeros((len(members), len(sites)), dtype=np.bool_)
        dense[np.repeat(np.arange(len(members)), np.diff(rows.indptr)), column] = True
        clusters.append(_Cluster(members, sites.astype(np.int64), dense))
    return clusters
