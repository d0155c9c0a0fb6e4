"""The API as it is, with traps before and after the commit that accepts a job."""

from __future__ import annotations

from service import api
from service.jobs import engine
from service.jobs.desk import Desk
from tests.chaos import traps


def main() -> None:
    engine.enqueue = traps.after(engine.enqueue, "before_accepting")
    Desk.accept = traps.after(Desk.accept, "accepted")  # type: ignore[method-assign]
    api.main()


if __name__ == "__main__":
    main()
