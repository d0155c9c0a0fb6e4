"""Chooses how a file is broken: by its structure where it has one that is known, else as bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import sqlite3
import zipfile
from random import Random

from tests.fuzz import documents, lines, maps, odd, raw

BY_STRUCTURE = 0.75


def broken(name: str, content: bytes, rng: Random) -> bytes:
    """The content of a file of this name, with something wrong in it, or at least different."""
    structured = rng.random() < BY_STRUCTURE
    if structured and name.endswith(".gz"):
        return gzip.compress(broken(name.removesuffix(".gz"), gzip.decompress(content), rng), mtime=0)
    if structured and name.endswith(".bz2"):
        return bz2.compress(broken(name.removesuffix(".bz2"), bz2.decompress(content), rng))
    change = next((change for ending, change in BY_ENDING.items() if name.endswith(ending)), None)
    if structured and change is not None:
        return change(content, rng)
    for _ in range(rng.choice((1, 1, 1, 2))):
        content = rng.choice(raw.CHANGES)(content, rng)
    return content


def _change_zip(content: bytes, rng: Random) -> bytes:
    """Other names, lengths and contents of the files in it."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in given.infolist():
            name, inner = entry.filename, given.read(entry)
            if rng.random() < 0.3:
                name = rng.choice((*odd.TOKENS, f"../{name}", f"/{name}", f"{name}/{name}", name.upper(), f"a\\{name}"))
            if rng.random() < 0.3:
                inner = rng.choice((b"", bytes(300_000), broken(entry.filename, inner, rng)))
            info = zipfile.ZipInfo(name or "x")
            info.external_attr = rng.choice((0, 0, 0, 0o120777 << 16, 0o100644 << 16, rng.getrandbits(32)))
            made.writestr(info, inner, compress_type=rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)))
    whole = target.getvalue()
    return raw.flip_bits(whole, rng) if rng.random() < 0.2 else whole


def _change_gpkg(content: bytes, rng: Random) -> bytes:
    """Other cells in its tables, the geometries and the lists of layers among them."""
    with sqlite3.connect(":memory:") as database:
        database.deserialize(content)
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        table = rng.choice(tables)
        columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
        column = rng.choice(columns)
        row = database.execute(f'SELECT rowid, "{column}" FROM "{table}" ORDER BY random() LIMIT 1').fetchone()
        if row is not None:
            value = raw.flip_bits(row[1], rng) if isinstance(row[1], bytes) and rng.random() < 0.8 else _sql_value(rng)
            try:
                database.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (value, row[0]))
            except sqlite3.Error:
                # A rule of the file's own: broken as bytes instead.
                return raw.flip_bits(content, rng)
        database.commit()
        return database.serialize()


def _sql_value(rng: Random) -> str | float | bytes | None:
    return rng.choice(
        (rng.choice(odd.TOKENS), rng.choice((-1, 0, 2**62, 1e308, float("inf"))), b"GP\x00\x01", None, b"")
    )


BY_ENDING = {
    ".geojson": documents.change,
    ".json": documents.change,
    ".csv": lines.change_csv,
    ".toml": lines.change_toml,
    ".osm": maps.change_xml,
    ".graphml": maps.change_xml,
    ".pbf": maps.change_pbf,
    ".zip": _change_zip,
    ".xlsx": _change_zip,
    ".txt": lines.change_words,
    ".tntp": lines.change_words,
    ".gpkg": _change_gpkg,
}
