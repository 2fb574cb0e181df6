"""`lotsi models list | show | compare | promote | rollback | delete`: which model is live, what the others are like."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from cli.model_tables import print_comparison, print_evaluation
from cli.output import configure_logging, fail, stderr
from cli.state import read_settings
from cli.studio import opened_studio, read_actor
from cli.train import promote_model

if TYPE_CHECKING:
    from studio.assembly import Studio
    from studio.models import Measured, Model

app = typer.Typer(help="List, compare, promote, roll back and delete models.", no_args_is_help=True)
DataOption = Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")]
NameArgument = Annotated[str, typer.Argument(help="The model's name, as 'list' shows it.")]


@app.command("list")
def list_models(
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """List models, the newest first: name, state, moment (UTC), size, topics, the gate's word."""
    with opened_studio(read_settings(data=data)) as studio:
        verdicts = studio.models.fetch_verdicts()
        for model in studio.models.fetch_all():
            verdict = verdicts.get(model.name)
            gate = "not measured" if verdict is None else "passed" if verdict.passed else "refused"
            if as_json:
                typer.echo(json.dumps({**_to_json(model), "gate": gate}, ensure_ascii=False))
                continue
            moment = model.made_at.isoformat(sep=" ", timespec="minutes")[:16]
            topics = f"{model.topics} topics" if model.topics else ""
            typer.echo(f"{model.name:26}  {model.state:10}{moment}  {model.size / 2**20:5.1f} MB  {topics:11}  {gate}")


@app.command()
def show(name: NameArgument, data: DataOption = None) -> None:
    """Show a model: what it was made of, what was measured, what the gate says now."""
    from studio.words import say_reason

    with opened_studio(read_settings(data=data)) as studio:
        model = _fetch(studio, name)
        for key, value in _to_json(model).items():
            typer.echo(f"{key:14} {value}")
        for change in studio.models.fetch_promotions():
            if change.model == name:
                moment = change.promoted_at.isoformat(sep=" ", timespec="minutes")[:16]
                typer.echo(f"{change.kind:14} {moment} {change.promoted_by} {change.reason or ''}".rstrip())
        measured = studio.models.fetch_evaluation(name)
        if measured is None:
            typer.echo("not measured")
            return
        print_evaluation(measured.evaluation)
        verdict = studio.promoter.judge(name)
        if verdict is not None and model.state != "live":
            typer.echo("the gate: passed" if verdict.passed else "the gate refuses it:")
            for reason in verdict.reasons:
                for line in say_reason(reason):
                    typer.echo(f"  {line}")


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="A model, mostly the live one.")],
    b: Annotated[str, typer.Argument(help="The model that is compared with it.")],
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare model B with model A: figures, each sentence fixed and broken, topics that fell, latency, size."""
    from studio.comparison import compare as run

    with opened_studio(read_settings(data=data)) as studio:
        first, second = (_fetch_measured(studio, name) for name in (a, b))
        comparison = run(second.evaluation, first.evaluation)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(comparison), ensure_ascii=False, indent=1))
        return
    print_comparison(comparison)


@app.command()
def promote(
    name: NameArgument,
    data: DataOption = None,
    reason: Annotated[
        Optional[str], typer.Option(help="Why the gate is overruled; never taken where safety is at stake.")
    ] = None,
) -> None:
    """Make a model live if the gate allows it; exit 3 with the reasons if not. Running servers take it up."""
    configure_logging("WARNING")
    with opened_studio(read_settings(data=data)) as studio:
        _fetch(studio, name)
        promote_model(studio, name, reason)


@app.command()
def rollback(data: DataOption = None) -> None:
    """Make the model live again that was live before the last promotion. Answers stay as they are."""
    from studio.model_errors import ModelError

    configure_logging("WARNING")
    with opened_studio(read_settings(data=data)) as studio:
        try:
            change = studio.promoter.roll_back(read_actor())
        except ModelError as error:
            raise fail(str(error)) from error
        stderr.print(f"{change.model} is live; running servers take it up within seconds")


@app.command()
def delete(name: NameArgument, data: DataOption = None) -> None:
    """Delete a model that is not live, with its archive and what was measured of it."""
    from studio.model_errors import ModelError

    with opened_studio(read_settings(data=data)) as studio:
        try:
            studio.models.delete(name, read_actor())
        except ModelError as error:
            raise fail(str(error)) from error
        stderr.print(f"{name} is deleted")


def _fetch(studio: Studio, name: str) -> Model:
    from studio.model_errors import ModelNotFound

    try:
        return studio.models.fetch(name)
    except ModelNotFound as error:
        raise fail(str(error)) from error


def _fetch_measured(studio: Studio, name: str) -> Measured:
    _fetch(studio, name)
    measured = studio.models.fetch_evaluation(name)
    if measured is None:
        raise fail(f"{name} has not been measured; 'lotsi train --data' measures a candidate and the live model")
    return measured


def _to_json(model: Model) -> dict[str, object]:
    values = {**vars(model), "made_at": model.made_at.isoformat(timespec="seconds")}
    return {key: value for key, value in values.items() if key not in ("signature", "overlay")}
