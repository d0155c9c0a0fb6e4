"""Reads what comes back, counted after decompression, so that a small answer cannot become a large one."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

MAX_RATIO = 100
"""Bytes out for one byte in; tables of JSON reach about 30."""
RATIO_FROM_BYTES = 1_000_000
STEP_BYTES = 65_536


class TooLarge(Exception):
    """More than may be read."""


class Damaged(Exception):
    """What comes is not what the header says."""


def read_content(chunks: Iterable[bytes], *, encoding: str, max_bytes: int) -> bytes:
    """
    All of it, inflated where it is compressed.

    Parameters
    ----------
    encoding
        `Content-Encoding`: empty, identity or gzip; once, as a bomb is most easily packed in several layers.

    Raises
    ------
    TooLarge, Damaged
    """
    if encoding.strip().lower() in ("", "identity"):
        return _counted(chunks, max_bytes)
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise Damaged(f"comes as {encoding[:40]!r}, which was not asked for")
    return _inflated(chunks, max_bytes)


def _counted(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > max_bytes:
            raise TooLarge
    return bytes(content)


def _inflated(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    content, taken = bytearray(), 0
    inflating = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        for chunk in chunks:
            taken += len(chunk)
            rest = chunk
            while rest:
                if inflating.eof:
                    inflating = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
                content += inflating.decompress(rest, STEP_BYTES)
                rest = inflating.unused_data if inflating.eof else inflating.unconsumed_tail
                if max(len(content), taken) > max_bytes:
                    raise TooLarge
                if len(content) > max(RATIO_FROM_BYTES, MAX_RATIO * taken):
                    raise TooLarge
    except zlib.error:
        raise Damaged("is no gzip, though it says so") from None
    if not inflating.eof:
        raise Damaged("ends in the middle")
    return bytes(content)
