"""What is kept at hand of documents that never change."""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy as sa

from service import asking
from service.recent import Recent


def test_those_that_nobody_asked_for_the_longest_go_first() -> None:
    recent = Recent(most_bytes=10, longest=6)
    for name in "abc":
        recent.keep(name, name.encode() * 3)
    assert recent.find("a") == b"aaa"
    recent.keep("d", b"dddd")
    assert [recent.find(name) for name in "abcd"] == [b"aaa", None, b"ccc", b"dddd"]
    recent.keep("d", b"dddd")
    recent.keep("long", b"1234567")
    assert [recent.find(name) for name in ("a", "c", "d", "long")] == [b"aaa", b"ccc", b"dddd", None]


def test_a_document_and_each_part_of_it_are_read_once(tmp_path: Path) -> None:
    path, database, cuts = tmp_path / "document", sa.create_engine("sqlite://"), []
    path.write_bytes(b"head body")

    def cut(document: bytes) -> bytes:
        cuts.append(document)
        return document.partition(b" ")[0]

    async def shown() -> list[bytes]:
        return [await asking.read(database, path, "whole"), await asking.read(database, path, "head", cut)]

    for _ in range(2):
        assert asyncio.run(shown()) == [b"head body", b"head"]
        path.unlink(missing_ok=True)
    assert cuts == [b"head body"]
