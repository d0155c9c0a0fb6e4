"""`evenfleet demo`: a first night on real streets, in under a minute and without any file of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimiser.basics.limits import SolveLimits
from scenarios.loader import load_city
from service.cli.files import try_folder
from service.cli.plan import search, show, write_files
from service.cli.terminal import talk, told_errors

CITY = "goteborg"
SECONDS = 20.0


def demo(
    *,
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="How long to search.")] = SECONDS,
    output: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("plans/demo"),
) -> None:
    """Plan a night of a bundled city and write plan, routes, route sheet and a map page."""
    with told_errors():
        try_folder(output)
        planned = search(load_city(CITY), SolveLimits(seconds=seconds))
        paths = write_files(planned, output)
        show(planned.night, paths, as_json=False)
    page = next(path for path in paths if path.suffix == ".html")
    talk.print(f"Open {page} in a browser to see streets, stations and routes.", soft_wrap=True)
