"""Log lines for machines: one JSON object a line, whoever writes it."""

import logging
from typing import Final, TextIO

import structlog
from structlog.typing import FilteringBoundLogger, Processor

__all__ = ["json_formatter", "json_logger"]

_COMMON: Final[tuple[Processor, ...]] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
_RENDERING: Final[tuple[Processor, ...]] = (
    structlog.processors.StackInfoRenderer(),
    # Of several lines, but within one text: JSON writes their ends as \n.
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
)


def json_logger(stream: TextIO, *, errors_only: bool = False) -> FilteringBoundLogger:
    """Return a logger that writes to a stream; its lines have timestamp (UTC), level and event.

    Args:
        stream: Where lines go, each at once.
        errors_only: Whether whatever is no error is left out.
    """
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[*_COMMON, *_RENDERING],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.ERROR if errors_only else logging.INFO
        ),
        cache_logger_on_first_use=False,
    )
    return logger


def json_formatter() -> logging.Formatter:
    """Return what writes the records of Python's own logging as such lines, with their logger."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            *_COMMON,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_RENDERING],
    )
