"""Stages of a plan, apart from how its making goes, and the moves between them."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """draft -> published -> in_progress -> done -> archived."""

    DRAFT = "draft"
    PUBLISHED = "published"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    ARCHIVED = "archived"


class Move(StrEnum):
    """A step from one stage to another."""

    PUBLISH = "publish"
    START = "start"
    FINISH = "finish"
    ARCHIVE = "archive"

    @property
    def target(self) -> Stage:
        """Where it leads."""
        return _TARGETS[self]

    @property
    def done(self) -> str:
        """In sentences."""
        return _DONE[self]


MOVES = {
    Stage.DRAFT: (Move.PUBLISH, Move.ARCHIVE),
    Stage.PUBLISHED: (Move.START, Move.ARCHIVE),
    Stage.IN_PROGRESS: (Move.FINISH,),
    Stage.DONE: (Move.ARCHIVE,),
    Stage.ARCHIVED: (),
}
"""What is possible from where. Who drives is asked to finish first; nothing comes back from the archive."""

CURRENT = (Stage.PUBLISHED, Stage.IN_PROGRESS, Stage.DONE)
"""Of these a city has one plan of each kind for a service date."""

_TARGETS = {
    Move.PUBLISH: Stage.PUBLISHED,
    Move.START: Stage.IN_PROGRESS,
    Move.FINISH: Stage.DONE,
    Move.ARCHIVE: Stage.ARCHIVED,
}
_DONE = {
    Move.PUBLISH: "published",
    Move.START: "started",
    Move.FINISH: "finished",
    Move.ARCHIVE: "archived",
}
