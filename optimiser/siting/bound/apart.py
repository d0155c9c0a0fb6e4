"""
Each phase by itself, with all money that has come by then and nothing built before.

What phases can bring at most, one by one, is together no less than what a plan brings that goes through all of them.
That gives up that what is built stays; but branches that close one phase do not have to be grown again for each of
those that another one needs, and a programme of one phase is a small part of that of all.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from optimiser.siting.arrays import Arrays, Floats
from optimiser.siting.bound.relaxation import Relaxation
from optimiser.siting.bound.settling import settle
from optimiser.siting.bound.tree import Tree


class Apart:
    """Bounds of phases, each lowered by itself."""

    def __init__(
        self,
        arrays: Sequence[Arrays],
        weight: Floats,
        most: Floats,
        *,
        known: Callable[[], float],
        is_over: Callable[[], bool],
        tell: Callable[[float], None],
    ) -> None:
        """
        Begin with what each phase brings at most.

        Parameters
        ----------
        known
            What a plan brings in all phases.
        tell
            Is told the sum.
        """
        self._arrays, self._weight, self._most = arrays, weight, most.copy()
        self._known, self._is_over, self._tell = known, is_over, tell
        self._trees: dict[int, Tree] = {}
        self._is_closed = np.zeros(len(arrays), dtype=np.bool_)

    def lower(self, phase: int, bound: float, *, is_closed: bool = False) -> None:
        """Note a bound of a phase, and whether there is nothing left to find out."""
        self._most[phase] = min(self._most[phase], bound)
        self._is_closed[phase] |= is_closed
        self._tell(float(self._most.sum()))

    def grow(self) -> None:
        """Branch in one phase after the other, until nothing is left to branch on, or it is over."""
        for phase in itertools.cycle(range(len(self._arrays))):
            if self._is_over() or self._is_closed.all():
                return
            if not self._is_closed[phase]:
                self._is_closed[phase] = not self._grow(phase)

    def _grow(self, phase: int) -> bool:
        """One branch more; whether there was one."""
        if phase not in self._trees:
            self._trees[phase] = Tree(self._settled(phase), known=lambda: self._known_of(phase), is_over=self._is_over)
            self.lower(phase, self._trees[phase].bound)
            return True
        can_grow = self._trees[phase].grow()
        self.lower(phase, self._trees[phase].bound)
        return can_grow

    def _settled(self, phase: int) -> Relaxation:
        """Prices of one phase that have settled."""
        guess = max(self._known_of(phase), 0.5 * self._most[phase]) / max(self._weight[phase], 1e-9)
        relaxation = Relaxation([self._arrays[phase]], weight=self._weight[[phase]], guess=np.array([guess]))
        settle(
            relaxation,
            known=lambda: self._known_of(phase),
            is_over=self._is_over,
            tell=lambda bound: self.lower(phase, bound),
        )
        return relaxation

    def _known_of(self, phase: int) -> float:
        """What a phase has to bring at least, if all of them are to bring more than is known."""
        return float(self._known() - self._most.sum() + self._most[phase])
