"""`lotsi train`: train a model from the checkout."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.output import configure_logging, fail, print_problems, stderr
from web.settings import PROJECT_FOLDER


def train(
    out: Annotated[Optional[Path], typer.Option(help="Folder for the archive; bot/models if left out.")] = None,
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Do nothing if the newest model is up to date.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Check the training data and train nothing.")] = False,
) -> None:
    """Train a model from bot/data, knowledge, domain.yml and config.yml."""
    if not (PROJECT_FOLDER / "config.yml").is_file():
        raise fail("training needs a checkout of Lotsi: config.yml and domain.yml are not part of the package")
    configure_logging("WARNING")
    from bot.training.train import MODELS_FOLDER, TrainingFailed, check_inputs, find_trained, train_model
    from bot.training.validate import TrainingDataInvalid

    folder = out or MODELS_FOLDER
    try:
        if check:
            check_inputs()
            stderr.print("The training data has no problems.")
            return
        if if_changed and (model := find_trained(folder)):
            stderr.print(f"{model.path} is up to date.")
            return
        began = time.monotonic()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=stderr) as progress:
            task = progress.add_task("reading and checking", total=None)

            def show(component: str, number: int, total: int) -> None:
                progress.update(task, description=f"training {component}", completed=number - 1, total=total)

            model = train_model(folder, show)
            progress.update(task, description="trained", completed=1, total=1)
        stderr.print(f"{model.path}: {model.topics} topics, {time.monotonic() - began:.0f} s")
    except TrainingDataInvalid as error:
        count = print_problems(error.problems)
        raise fail(f"{count} problems; nothing was trained") from error
    except TrainingFailed as error:
        raise fail(str(error)) from error
