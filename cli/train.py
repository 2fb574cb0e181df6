"""`lotsi train`: train a model from the checkout, or with the admins' drafts a candidate that the gate judges."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from cli.output import configure_logging, fail, print_problems, stderr
from cli.progress import shown_steps
from cli.state import read_settings
from cli.studio import opened_studio, read_actor
from web.settings import PROJECT_FOLDER

if TYPE_CHECKING:
    from studio.assembly import Studio
    from studio.jobs import Job

_REFUSED = 3
_FIRST = "reading and checking"


def train(
    out: Annotated[Optional[Path], typer.Option(help="Folder for the archive; bot/models if left out.")] = None,
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Do nothing if the newest model is up to date.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Check the training data and train nothing.")] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="Train with the admins' drafts and go live if the gate allows it.")
    ] = False,
    data: Annotated[
        Optional[str], typer.Option("--data", help="Folder of all state: train a candidate with its drafts.")
    ] = None,
) -> None:
    """Train a model from bot/data, knowledge, domain.yml and config.yml.

    With --data or --promote the admins' drafts are trained with, the model is measured beside the live one, and it is
    kept as a candidate in the data folder. With --promote it goes live if the gate allows it; else the exit status is 3
    and the reasons are printed, sentence by sentence.
    """
    if not (PROJECT_FOLDER / "config.yml").is_file():
        raise fail("training needs a checkout of Lotsi: config.yml and domain.yml are not part of the package")
    configure_logging("WARNING")
    if promote or (data is not None and not check):
        if out is not None:
            raise fail("--out names a folder for a model of the checkout; candidates lie in the data folder", 2)
        settings = read_settings(data=data)
        with opened_studio(settings) as studio:
            _train_candidate(studio, promote)
        return
    _train_checkout(out, if_changed, check)


def _train_checkout(out: Path | None, if_changed: bool, check: bool) -> None:
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
        with shown_steps(_FIRST) as show:
            model = train_model(folder, lambda name, number, of: show(f"training {name}", number - 1, of))
        stderr.print(f"{model.path}: {model.topics} topics, {time.monotonic() - began:.0f} s")
    except TrainingDataInvalid as error:
        count = print_problems(error.problems)
        raise fail(f"{count} problems; nothing was trained") from error
    except TrainingFailed as error:
        raise fail(str(error)) from error


def _train_candidate(studio: Studio, promote: bool) -> None:
    from studio.jobs import DONE
    from studio.model_errors import JobRunning

    try:
        job = studio.jobs.ask(read_actor(), take=True)
    except JobRunning as error:
        raise fail(str(error)) from error
    job = _run(studio, job)
    print_problems(job.problems)
    if job.state != DONE or job.model is None:
        raise fail(f"the training {'has ' if job.state != 'failed' else ''}{job.state}; the live model is as it was")
    stderr.print(f"{job.model} {'had been trained of the same data already' if job.unchanged else 'is trained'}")
    typer.echo(job.model)
    if promote:
        promote_model(studio, job.model, None)


def _run(studio: Studio, job: Job) -> Job:
    """Run a job of ours and show its steps; an interrupted command cancels it."""
    with shown_steps(_FIRST) as show:
        try:
            return studio.workshop.run(job, lambda step, done, of: show(_name_step(step), done, of))
        except KeyboardInterrupt:
            studio.jobs.finish(job.number, "cancelled")
            raise


def promote_model(studio: Studio, name: str, reason: str | None) -> None:
    """Make a model live, or say why it may not.

    Args:
        studio: The models.
        name: The model.
        reason: Why the gate is overruled; None to go by the gate.

    Raises:
        typer.Exit: The gate refuses (status 3), or the model cannot be used.
    """
    from studio.model_errors import ModelError, PromotionRefused

    if name == studio.models.live_name():
        stderr.print(f"{name} is live already")
        return
    try:
        studio.promoter.promote(name, read_actor(), reason)
    except PromotionRefused as error:
        print_problems(error.lines)
        raise fail(f"{name} does not go live; {studio.models.live_name() or 'nothing'} stays", _REFUSED) from error
    except ModelError as error:
        raise fail(str(error)) from error
    stderr.print(f"{name} is live; running servers take it up within seconds")


def _name_step(step: str) -> str:
    """Return a step of a training in words: a component of the pipeline is trained."""
    return f"training {step}" if step[:1].isupper() else step.replace("_", " ")
