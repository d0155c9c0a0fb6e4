"""`evenfleet backup` and `evenfleet restore`: everything that must not be lost, as one file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from service.cli.terminal import talk, told_errors
from service.settings import Settings

DataDir = Annotated[Path | None, typer.Option(help="Where database file and documents live.")]


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; must not exist.")], data_dir: DataDir = None
) -> None:
    """Write database and documents to one file, while the service runs."""
    from service.storage.backup import back_up

    with told_errors():
        size = back_up(_settings(data_dir), file)
        talk.print(f"{file}: {size / 1e6:,.1f} MB")


def restore(
    file: Annotated[Path, typer.Argument(help="A file of `evenfleet backup`.")], data_dir: DataDir = None
) -> None:
    """Put a backup into an empty data folder; with PostgreSQL, into an empty database as well."""
    from service.storage.backup import restore as put_back

    with told_errors():
        settings = _settings(data_dir)
        documents = put_back(settings, file)
        talk.print(f"{documents:,} documents and the database are in {settings.data_dir.resolve()}")


def _settings(data_dir: Path | None) -> Settings:
    if data_dir is not None:
        os.environ["EVENFLEET_DATA_DIR"] = str(data_dir)
    return Settings()
