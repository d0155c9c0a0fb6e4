"""What was asked for lately and never changes is kept at hand, up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class Recent:
    """Short contents by name; those that nobody has asked for the longest go first. For one thread."""

    def __init__(self, *, most_bytes: int, longest: int) -> None:
        self._most_bytes, self._longest = most_bytes, longest
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0

    def find(self, name: Hashable) -> bytes | None:
        """The content; None when it is not here any more."""
        content = self._kept.get(name)
        if content is not None:
            self._kept.move_to_end(name)
        return content

    def keep(self, name: Hashable, content: bytes) -> None:
        """Have it here for a while, unless it is long."""
        if len(content) > self._longest or name in self._kept:
            return
        self._kept[name] = content
        self._bytes += len(content)
        while self._bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest)
