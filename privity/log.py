"""Structured logs: one JSON object a line, on standard error.

Never content, a token, a key or a query string: callers pass names and ids, and `because` texts
that guards wrote. There is no access log. Of an exception that a library logs only the kind is
told, for its text could be somebody's words.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import orjson


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if record.name != log.name:
            line["library"] = record.name
        if record.exc_info and record.exc_info[0]:
            line["kind"] = record.exc_info[0].__name__
        return orjson.dumps(line | getattr(record, "facts", {}), default=str).decode()


class _Log:
    """What happened, in a word, and the facts of it: `log.info("refused", errcode=...)`."""

    name = "privity"

    def __init__(self) -> None:
        self._logger = logging.getLogger(self.name)

    def info(self, event: str, **facts: Any) -> None:  # noqa: ANN401 - what JSON can hold
        """Worth knowing when one looks."""
        self._logger.info(event, extra={"facts": facts})

    def warning(self, event: str, **facts: Any) -> None:  # noqa: ANN401
        """Worth knowing today."""
        self._logger.warning(event, extra={"facts": facts})

    def error(self, event: str, **facts: Any) -> None:  # noqa: ANN401
        """Worth mending."""
        self._logger.error(event, extra={"facts": facts})


log = _Log()


def set_up() -> None:
    """Send every log line of ours, and the libraries' warnings, to standard error as JSON."""
    to_standard_error = logging.StreamHandler()
    to_standard_error.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[to_standard_error], force=True)
    logging.getLogger(log.name).setLevel(logging.INFO)
