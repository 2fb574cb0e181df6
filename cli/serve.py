"""`lotsi serve`: the chat and its API."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from cli.output import configure_logging, fail, stderr


def serve(
    port: Annotated[Optional[int], typer.Option(help="Port; 8080 if left out, 0 takes a free one.")] = None,
    host: Annotated[Optional[str], typer.Option(help="Address to listen on; 127.0.0.1 if left out.")] = None,
    data: Annotated[Optional[str], typer.Option(help="Folder of all state: databases, models made later.")] = None,
    model: Annotated[Optional[str], typer.Option(help="A model archive or a folder with archives.")] = None,
) -> None:
    """Serve the chat at http://localhost:8080. Every setting can come from the environment (docs/settings.md)."""
    from web.settings import SettingInvalid, load_settings

    try:
        settings = load_settings({"port": port, "host": host, "data": data, "model": model})
    except SettingInvalid as error:
        raise fail(str(error), 2) from error
    configure_logging(settings.log_level)
    with stderr.status("starting"):
        from bot.assistant import AssistantError, find_model
        from web.server import run_server
    try:
        find_model(settings.model_path)
    except AssistantError as error:
        raise fail(str(error)) from error
    try:
        run_server(settings)
    except OSError as error:
        raise fail(f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}") from error
