"""Commands whose options are read as everything else is: all that is wrong with them is told at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand

from scenarios.schema_errors import per_cent

Function = TypeVar("Function", bound=Callable[..., Any])


class Command(TyperCommand):
    """A command that tells every value that cannot be, instead of the first; its exit code stays 2."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As always; where a value cannot be, the others are looked at as well."""
        given = list(args)
        try:
            left = super().parse_args(ctx, args)
        except typer.BadParameter:
            self._fail(ctx, given, at_least=2)
            raise
        if any(map(_is_nan, ctx.params.values())):
            self._fail(ctx, given, at_least=1)
        return left

    def _fail(self, ctx: Any, args: list[str], *, at_least: int) -> None:
        """End with all that is wrong, where that is so much."""
        wrong = [error.format_message() for error in self._wrong(ctx, args)]
        if len(wrong) >= at_least:
            ctx.fail("\n".join(wrong))

    def _wrong(self, ctx: Any, args: list[str]) -> Iterator[typer.BadParameter]:
        said, _, _ = self.make_parser(ctx).parse_args(args=args)
        for param in self.get_params(ctx):
            try:
                value, _ = param.handle_parse_result(ctx, said, [])
                if _is_nan(value):
                    yield typer.BadParameter("nan is not a number.", ctx=ctx, param=param)
            except typer.BadParameter as error:
                yield error


class Commands(typer.Typer):
    """Commands of this kind, beside each other."""

    def command(self, *name: Any, **options: Any) -> Callable[[Function], Function]:
        """Register one more."""
        return super().command(*name, cls=Command, **options)


def _is_nan(value: object) -> bool:
    """Which no range refuses, as it is neither more nor less than anything."""
    return isinstance(value, float) and math.isnan(value)


def share(said: str) -> float:
    """A share of a whole as an option gives it; one that looks like per cent is told as what it would be."""
    try:
        value = float(said)
    except ValueError:
        raise typer.BadParameter(f"{said} is not a number.") from None
    if 0 <= value <= 1:
        return value
    raise typer.BadParameter(f"{said} is not in the range 0<=x<=1{per_cent(value)}.")
