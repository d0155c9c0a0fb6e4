"""Breaks CSV by its cells, TOML by its lines, and what is words and numbers by these."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from random import Random

from tests.fuzz import odd

Rows = list[list[str]]


def change_csv(content: bytes, rng: Random) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    for _ in range(rng.choice((1, 1, 2, 3))):
        rng.choice(TABLE_CHANGES)(rows, rng)
    sheet = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if rng.random() < 0.1 else csv.QUOTE_MINIMAL
    writer = csv.writer(sheet, delimiter=rng.choice(",,,,;\t"), lineterminator=rng.choice(ENDS), quoting=quoting)
    writer.writerows(rows)
    return sheet.getvalue().encode(errors="surrogatepass")


ENDS = ("\r\n", "\n", "\n", "\n", "\r")


def _cell(rows: Rows, rng: Random) -> None:
    row = rng.choice(rows)
    if row:
        row[rng.randrange(len(row))] = rng.choice((*odd.TOKENS, str(rng.choice(odd.NUMBERS))))


def _cell_of_other(rows: Rows, rng: Random) -> None:
    one, other = rng.choice(rows), rng.choice(rows)
    if one and other:
        one[rng.randrange(len(one))] = rng.choice(other)


def _row_gone(rows: Rows, rng: Random) -> None:
    if len(rows) > 1:
        del rows[rng.randrange(len(rows))]


def _row_again(rows: Rows, rng: Random) -> None:
    rows.insert(rng.randrange(len(rows) + 1), list(rng.choice(rows)))


def _row_odd(rows: Rows, rng: Random) -> None:
    row = rng.choice(rows)
    rng.choice(
        (lambda: row.append("x"), lambda: row.extend([""] * 40), lambda: row.pop() if row else None, row.clear)
    )()


def _column_gone(rows: Rows, rng: Random) -> None:
    at = rng.randrange(max(1, len(rows[0])))
    for row in rows:
        del row[at : at + 1]


def _column_again(rows: Rows, rng: Random) -> None:
    at = rng.randrange(max(1, len(rows[0])))
    for row in rows:
        row.extend(row[at : at + 1])


def _columns_swapped(rows: Rows, rng: Random) -> None:
    one, other = (rng.randrange(max(1, len(rows[0]))) for _ in range(2))
    for row in rows[rng.choice((0, 1)) :]:
        if max(one, other) < len(row):
            row[one], row[other] = row[other], row[one]


def _head_renamed(rows: Rows, rng: Random) -> None:
    if rows[0]:
        at = rng.randrange(len(rows[0]))
        rows[0][at] = rng.choice((rows[0][at] + "s", rows[0][at].upper(), f" {rows[0][at]} ", rng.choice(odd.TOKENS)))


TABLE_CHANGES: tuple[Callable[[Rows, Random], None], ...] = (
    *(_cell, _cell, _cell, _cell_of_other, _row_gone, _row_again, _row_odd),
    *(_column_gone, _column_again, _columns_swapped, _head_renamed),
)


def change_words(content: bytes, rng: Random) -> bytes:
    """Another word in the place of one, one more, or one less."""
    words = re.split(r"(\s+)", content.decode())
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(len(words))
        new = rng.choice((*odd.TOKENS, *map(str, odd.NUMBERS), rng.choice(words)))
        words[at : at + 1] = rng.choice(([new], [new], [words[at], " ", new], []))
    return "".join(words).encode()


def change_toml(content: bytes, rng: Random) -> bytes:
    lines = content.decode().splitlines()
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(len(lines))
        lines[at : at + 1] = rng.choice(LINE_CHANGES)(lines[at], rng)
    return "\n".join(lines).encode(errors="surrogatepass")


def _value(line: str, rng: Random) -> list[str]:
    name, sign, _ = line.partition("=")
    return [f"{name}{sign} {_toml_value(rng)}"] if sign else [line]


def _toml_value(rng: Random) -> str:
    plain = ("nan", "inf", "-inf", "1e400", "-1", "0", "9" * 5000, "true", "2026-02-30", "22:00:00", "2026-11-22", "{}")
    deep = rng.choice((5, 200, 5000))
    text = rng.choice(odd.TOKENS).replace("\\", "\\\\").replace('"', '\\"')
    return rng.choice((*plain, "[" * deep + "]" * deep, "{a = " * deep + "1" + "}" * deep, f'"{text}"', f"'{text}'"))


def _number_inside(line: str, rng: Random) -> list[str]:
    found = list(re.finditer(r"-?\d+(?:\.\d+)?", line))
    if not found:
        return [line]
    number = rng.choice(found)
    return [
        line[: number.start()] + rng.choice(("-1", "0", "1e30", "nan", "inf", "1.5", "99999999")) + line[number.end() :]
    ]


def _renamed(line: str, rng: Random) -> list[str]:
    name, sign, rest = line.partition("=")
    new = rng.choice((f"{name.strip()}s", f"a.{name}", "a." * rng.choice((3, 3000)) + "a", f'"{name.strip()}\\u202e"'))
    return [f"{new} {sign}{rest}"] if sign else [line]


LINE_CHANGES: tuple[Callable[[str, Random], list[str]], ...] = (
    *(_value, _value, _number_inside, _number_inside, _renamed),
    lambda line, rng: [],
    lambda line, rng: [line, line],
    lambda line, rng: [line, f"[{'x.' * rng.choice((0, 2, 2000))}x]"],
)
