"""Puts the subcommands together. Heavy modules (Rasa, TensorFlow) are imported by the commands that need them."""

from __future__ import annotations

import os

import typer

from cli import ask, audit, benchmark, conversations, evaluate, intents, knowledge, models, serve, train, users

app = typer.Typer(
    name="lotsi",
    help="Lotsi guides the residents of Soite to the right service, in Swedish and Finnish.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command("serve")(serve.serve)
app.command("ask")(ask.ask)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.add_typer(intents.app, name="intents")
app.add_typer(models.app, name="models")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(users.app, name="users")
app.add_typer(audit.app, name="audit")
app.add_typer(conversations.app, name="conversations")
app.add_typer(benchmark.app, name="benchmark")


def run() -> None:
    """Run the command line (the console script's entry)."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # A waiting OpenMP thread must not hold a core that another turn could use.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    app()


if __name__ == "__main__":
    run()
