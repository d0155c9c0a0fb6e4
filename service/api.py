"""
The API process: validates, stores, streams; never solves.

    python -m service.api
"""

from __future__ import annotations

import gc
import os
import socket

import structlog
import uvicorn

from service.app import create_app, prepare_storage
from service.heads import BoundedHeads
from service.logs import configure_logs
from service.processes import PARENT, die_with_parent
from service.settings import Settings

log = structlog.get_logger()

SOCKET = "EVENFLEET_SOCKET_FD"
"""Environment variable with the number of a listening socket handed over by a supervisor."""


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    if PARENT in os.environ:
        die_with_parent(int(os.environ[PARENT]))
    settings = Settings()
    configure_logs(settings.log_level)
    prepare_storage(settings)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        http=BoundedHeads,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        # Event streams are endless; a stopping server closes them after this and clients resume elsewhere.
        timeout_graceful_shutdown=5,
    )
    # What is there now stays for ever: to look through all of it again and again for garbage would hold up answers.
    gc.collect()
    gc.freeze()
    # Opened here, with the kind that it is: uvicorn would take a number for a Unix socket, and answers would wait for
    # the acknowledgement of their first half (Nagle's algorithm, 40 ms).
    handed = [socket.socket(fileno=int(os.environ[SOCKET]))] if SOCKET in os.environ else None
    uvicorn.Server(config).run(handed)


if __name__ == "__main__":
    main()
