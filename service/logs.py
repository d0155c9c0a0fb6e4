"""Logs: one JSON object a line on stderr, with ids and amounts, never with bodies or keys."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from service.access.keys import hide_keys


def configure_logs(level: str) -> None:
    """Send our own logs, and those of libraries, through one formatter."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
                _hide_secrets,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Alembic tells of every start, the HTTP client of every call.
    for name in ("alembic", "httpx", "httpcore", "dbos"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _hide_secrets(_logger: Any, _method: str, line: Any) -> Any:
    """Blot out keys in a finished line, wherever they came from: a path, a traceback, a library's message."""
    return hide_keys(line)
