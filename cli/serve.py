"""`lotsi serve`: the chat and its API."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated, Optional

import typer

from cli.output import configure_logging, fail, stderr, warn
from cli.state import database_errors, read_settings, require_deployment
from cli.studio import find_live_model


def serve(
    port: Annotated[Optional[int], typer.Option(help="Port; 8080 if left out, 0 takes a free one.")] = None,
    host: Annotated[Optional[str], typer.Option(help="Address to listen on; 127.0.0.1 if left out.")] = None,
    data: Annotated[Optional[str], typer.Option(help="Folder of all state: databases, models made later.")] = None,
    model: Annotated[Optional[str], typer.Option(help="A model archive or a folder with archives.")] = None,
) -> None:
    """Serve the chat at http://localhost:8080. Every setting can come from the environment (docs/settings.md)."""
    settings = read_settings(port=port, host=host, data=data, model=model)
    require_deployment(settings)
    live = find_live_model(settings)
    _check_address(settings.host, settings.port)
    configure_logging(settings.log_level)
    with stderr.status("starting"):
        from bot.assistant import AssistantError, find_model
        from conversations.errors import SecretKeyInvalid
        from web.server import run_server
    warn_of_old_model(find_model(live))
    try:
        with database_errors():
            run_server(settings)
    except (AssistantError, SecretKeyInvalid) as error:
        raise fail(str(error)) from error
    except OSError as error:
        raise fail(f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}") from error


def _check_address(host: str, port: int) -> None:
    """Say at once that an address cannot be listened on, and not after the seconds that it takes to import Rasa."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as probe:  # as asyncio binds it
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
    except OSError as error:
        raise fail(f"cannot listen on {host}:{port}: {error.strerror or error}") from error


def warn_of_old_model(archive: Path) -> None:
    """Warn where a model of `bot/models` does not know what the checkout holds; any other is somebody's choice.

    Args:
        archive: The model that is about to be served.
    """
    from bot.training.train import MODELS_FOLDER, is_up_to_date

    if archive.resolve().parent == MODELS_FOLDER.resolve() and not is_up_to_date(archive):
        warn(
            f"{archive.name} is not up to date: training data, topics or code have changed since it was trained. "
            "Run 'lotsi train' and start again."
        )
