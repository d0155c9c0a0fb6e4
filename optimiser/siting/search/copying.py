"""Makes one ground like another: all of it, or only what a round has touched."""

from __future__ import annotations

from optimiser.basics.compiled import in_place
from optimiser.siting.arrays import Floats
from optimiser.siting.search.ground import HELD, Counts, Ground, Land


@in_place
def copy_ground(source: Ground, target: Ground) -> None:
    """Make the second like the first, but for what more plugs would bring; nothing is touched yet."""
    _copy_table(source.flow, target.flow)
    _copy(source.left, target.left)
    _copy_counts(source.held, target.held)
    _copy(source.best, target.best)
    _copy_rest(source, target)
    forget_touched(target)


@in_place
def copy_touched(land: Land, source: Ground, target: Ground, touched: Ground) -> None:
    """The same where the two differ in no other groups than those that a third, one of the two, has touched."""
    for at in range(touched.touches[0]):
        group = touched.touched[at]
        for own in range(land.first_own[group], land.first_own[group + 1]):
            arc = land.own_arc[own]
            for kind in range(source.flow.shape[1]):
                target.flow[arc, kind] = source.flow[arc, kind]
        for spot in range(HELD):
            target.held[group, spot] = source.held[group, spot]
        target.left[group], target.best[group] = source.left[group], source.best[group]
    _copy_rest(source, target)


@in_place
def forget_touched(ground: Ground) -> None:
    """A new round begins."""
    for at in range(ground.touches[0]):
        ground.is_touched[ground.touched[at]] = False
    ground.touches[0] = 0


@in_place
def _copy_rest(source: Ground, target: Ground) -> None:
    """What belongs to sites, nodes and districts, and sums."""
    _copy_counts(source.plugs, target.plugs)
    _copy_table(source.used, target.used)
    _copy(source.free_kw, target.free_kw)
    _copy(source.served, target.served)
    target.total[0], target.money[0], target.opened[0] = source.total[0], source.money[0], source.opened[0]
    for at in range(len(source.is_upgraded)):
        target.is_upgraded[at] = source.is_upgraded[at]
    for at in range(len(source.crowd)):
        target.crowd[at] = source.crowd[at]


@in_place
def _copy(source: Floats, target: Floats) -> None:
    for at in range(len(source)):
        target[at] = source[at]


@in_place
def _copy_table(source: Floats, target: Floats) -> None:
    for row in range(source.shape[0]):
        for column in range(source.shape[1]):
            target[row, column] = source[row, column]


@in_place
def _copy_counts(source: Counts, target: Counts) -> None:
    for row in range(source.shape[0]):
        for column in range(source.shape[1]):
            target[row, column] = source[row, column]
