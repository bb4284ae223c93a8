"""Structured logs: one JSON object a line, on standard error.

Never content, a token, a key or a query string: callers pass names and ids, and `because` texts
that guards wrote. There is no access log.
"""

from __future__ import annotations

import logging
import sys

import structlog


def set_up() -> None:
    """Send every log line of ours, and of the libraries, to standard error as JSON."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format='{"event": "%(name)s: %(message)s"}'
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


log: structlog.stdlib.BoundLogger = structlog.get_logger()
