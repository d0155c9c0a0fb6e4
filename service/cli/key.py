"""`evenfleet key`: make, list, rotate and revoke keys where the service runs; the running service knows at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from service.access.caller import COMMAND_LINE, TENANT, Caller
from service.access.scopes import Scope
from service.cli.commands import Commands
from service.cli.terminal import data, tell, told_errors

if TYPE_CHECKING:
    from service.access.service import Keys
    from service.access.store import Key

app = Commands(no_args_is_help=True, help="Keys of the HTTP API.")

UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
LONGEST_S = 100 * 365 * 86_400

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.command()
def create(
    *,
    name: Annotated[str, typer.Option(help="What the key is for.")],
    scope: Annotated[
        list[str], typer.Option(help="What it may do, as often as needed: plans:*, studies:read, admin …")
    ],
    tenant: Annotated[str, typer.Option(help="For whom; whoever has no key yet is 'default'.")] = "default",
    expires: Annotated[str | None, typer.Option(help="90d, 12h, 2027-01-31 or a moment with offset.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is printed this once; the service keeps no more than a hash of it."""
    from service.access.schemas import KeyRequest
    from service.access.scopes import read_scopes

    if not re.fullmatch(TENANT, tenant, re.ASCII):
        raise typer.BadParameter(f"{tenant!r} is no tenant: small letters, digits, . _ -", param_hint="--tenant")
    expires_at = _moment(expires)
    with _keys() as keys:
        scopes = read_scopes(scope)
        KeyRequest(name=name, scopes=list(scopes), expires_at=expires_at)
        made, text = keys.create(
            _command_line(tenant), tenant_id=tenant, name=name, scopes=scopes, expires_at=expires_at
        )
        _show_new(made, text, as_json=as_json)


@app.command("list")
def list_keys(
    tenant: Annotated[str | None, typer.Option(help="Of this one only.")] = None, as_json: AsJson = False
) -> None:
    """List keys, newest first, those that have ended too."""
    from service.access.schemas import key_view

    with _keys() as keys:
        views = [key_view(key) for key in keys.page(tenant_id=tenant, limit=None)]
    if as_json:
        typer.echo(json.dumps([view.model_dump(mode="json") for view in views], indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "tenant", "name", "scopes", "status", "expires", "last used"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    for view in views:
        moments = (f"{at:%Y-%m-%d %H:%M}Z" if at else "never" for at in (view.expires_at, view.last_used_at))
        table.add_row(view.id, view.tenant, view.name, " ".join(view.scopes), view.status, *moments)
    data.print(table)


@app.command()
def rotate(
    key_id: Annotated[str, typer.Argument(help="key_…, as listed.")],
    grace: Annotated[str | None, typer.Option(help="How long the old key stays valid: 24h, 0s …")] = None,
    as_json: AsJson = False,
) -> None:
    """Put a new key in the place of an old one, which stays valid for a while."""
    grace_s = None if grace is None else _seconds(grace)
    if grace is not None and grace_s is None:
        raise typer.BadParameter(f"{grace!r} is no duration: 24h, 30m, 7d …", param_hint="--grace")
    with _keys() as keys:
        caller = _command_line(keys.tenant_of(key_id))
        made, text = keys.rotate(
            caller, key_id, grace_s=keys.settings.key_grace_s if grace_s is None else float(grace_s)
        )
        _show_new(made, text, as_json=as_json)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="key_…, as listed.")]) -> None:
    """End a key now."""
    with _keys() as keys:
        keys.revoke(_command_line(keys.tenant_of(key_id)), key_id)
    tell(f"{key_id} opens nothing any more.")


@contextmanager
def _keys() -> Iterator[Keys]:
    # Here, so that no other command waits for the database.
    from pydantic import ValidationError

    from service.access.service import Keys
    from service.app import prepare_storage
    from service.cli.serve import read_settings
    from service.db import open_engine

    settings = read_settings()
    with told_errors():
        prepare_storage(settings)
        database = open_engine(settings.database_url)
        try:
            yield Keys(database=database, settings=settings)
        except ValidationError as error:
            for details in error.errors():
                tell(f"{details['loc'][0]}: {details['msg']}")
            raise typer.Exit(2) from None
        finally:
            database.dispose()


def _command_line(tenant: str) -> Caller:
    return Caller(tenant_id=tenant, actor=COMMAND_LINE, scopes=frozenset(Scope))


def _show_new(key: Key, text: str, *, as_json: bool) -> None:
    from service.access.schemas import new_key_view

    if as_json:
        typer.echo(new_key_view(key, text).model_dump_json(indent=1))
        return
    tell(f"{key.id} for tenant {key.tenant_id}: {', '.join(key.scopes)}. Keep it, it is not shown again:")
    typer.echo(text)


def _moment(text: str | None) -> datetime | None:
    """A moment to come, said as such or as a duration from now; a day alone means its end, in UTC."""
    if text is None:
        return None
    seconds = _seconds(text)
    if seconds is not None:
        return datetime.now(UTC) + timedelta(seconds=seconds)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        why = f"{text!r} is neither a duration (90d, 12h) nor a day or moment (2027-01-31)"
        raise typer.BadParameter(why, param_hint="--expires") from None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        moment += timedelta(days=1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _seconds(text: str) -> int | None:
    found = re.fullmatch(r"(\d{1,10})([smhdw])", text, re.ASCII)
    seconds = int(found[1]) * UNITS_S[found[2]] if found else None
    return None if seconds is None else min(seconds, LONGEST_S)
