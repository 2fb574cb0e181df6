"""How the command line speaks: results on standard output, everything else on standard error."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable

import structlog
import typer
from rich.console import Console
from rich.markup import escape

from conversations.log_masking import MaskingFormatter, mask_event

stderr = Console(stderr=True, highlight=False, emoji=False)


def fail(text: str, code: int = 1) -> typer.Exit:
    """Say what went wrong and return the exit to raise.

    Args:
        text: What was wrong and what would mend it.
        code: The exit status.
    """
    stderr.print(f"[red]lotsi:[/red] {escape(text)}", soft_wrap=True)
    return typer.Exit(code)


def warn(text: str) -> None:
    """Say what a person should know, and go on.

    Args:
        text: What is so and what would mend it.
    """
    stderr.print(f"[yellow]lotsi:[/yellow] {escape(text)}", soft_wrap=True)


def print_problems(problems: Iterable[object]) -> int:
    """Print problems, one a line, on standard error; return how many there were."""
    count = 0
    for problem in problems:
        stderr.print(str(problem), markup=False, soft_wrap=True)
        count += 1
    return count


def configure_logging(level: str = "INFO") -> None:
    """Log dotted event names with key-values as JSON lines on standard error.

    Args:
        level: Least level of our own log; Rasa's own is kept at warnings, because at DEBUG it prints what residents
            write.
    """
    # Rasa 3.6 and TensorFlow 2.12 warn of their own age; an operator can do nothing about it.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskingFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask_event,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=_FilteredLogger.at(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


class _FilteredLogger:
    @staticmethod
    def at(level: str) -> type:
        return structlog.make_filtering_bound_logger(getattr(logging, level.upper(), logging.INFO))
