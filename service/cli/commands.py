"""Commands whose options are read as everything else is: all that is wrong with them is told at once."""

from __future__ import annotations

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
            return super().parse_args(ctx, args)
        except typer.BadParameter:
            wrong = [error.format_message() for error in self._wrong(ctx, given)]
            if len(wrong) > 1:
                ctx.fail("\n".join(wrong))
            raise

    def _wrong(self, ctx: Any, args: list[str]) -> Iterator[typer.BadParameter]:
        said, _, _ = self.make_parser(ctx).parse_args(args=args)
        for param in self.get_params(ctx):
            try:
                param.handle_parse_result(ctx, said, [])
            except typer.BadParameter as error:
                yield error


class Commands(typer.Typer):
    """Commands of this kind, beside each other."""

    def command(self, *name: Any, **options: Any) -> Callable[[Function], Function]:
        """Register one more."""
        return super().command(*name, cls=Command, **options)


def share(said: str) -> float:
    """A share of a whole as an option gives it; one that looks like per cent is told as what it would be."""
    try:
        value = float(said)
    except ValueError:
        raise typer.BadParameter(f"{said} is not a number.") from None
    if 0 <= value <= 1:
        return value
    raise typer.BadParameter(f"{said} is not in the range 0<=x<=1{per_cent(value)}.")
