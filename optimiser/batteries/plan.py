"""What is decided for the packs of one depot: which are in a slot from when until when, and their power."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Packs that go into slots and come out together; they share its power equally, being alike."""

    packs: int
    from_s: int
    until_s: int
    first_step: int
    """The step that begins at `from_s`."""
    kw: tuple[float, ...]
    """Of all its packs together, from the grid, in each step until `until_s`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Groups by the time at which they go in."""

    groups: tuple[Group, ...] = ()
