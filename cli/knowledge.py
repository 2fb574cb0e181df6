"""`lotsi knowledge build | check | search | coverage`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from cli.output import fail, print_problems, stderr
from cli.state import database_errors, open_knowledge, read_settings
from knowledge.languages import as_language

app = typer.Typer(help="Build, check and search the knowledge database.", no_args_is_help=True)
DataOption = Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")]
FolderOption = Annotated[Optional[Path], typer.Option("--folder", help="Folder with documents/ and services/.")]


@app.command()
def build(data: DataOption = None, folder: FolderOption = None) -> None:
    """Compile documents and services into the database, in one transaction; servers take it up at once.

    What admins have published from the data folder is laid over the checkout's documents, unless --folder names others.
    """
    from knowledge.build import KNOWLEDGE_FOLDER, build_knowledge
    from knowledge.engine import open_engine
    from studio.publish import published_overlay

    settings = read_settings(data=data)
    overlay = None if folder else published_overlay(settings.data_folder)
    with database_errors():
        report = build_knowledge(open_engine(settings.knowledge_database), folder or KNOWLEDGE_FOLDER, overlay)
    stderr.print(f"{report.topics} topics, {report.sections} sections, {report.services} services")


@app.command()
def check(
    folder: FolderOption = None,
    examples: Annotated[Optional[Path], typer.Option(help="Folder of the training examples (nlu).")] = None,
) -> None:
    """Check documents, services and training examples; every problem as 'path: problem', exit 1 if there is one."""
    from knowledge.build import KNOWLEDGE_FOLDER
    from knowledge.check import check_folder
    from web.settings import PROJECT_FOLDER

    found = check_folder(folder or KNOWLEDGE_FOLDER, examples or PROJECT_FOLDER / "bot" / "data" / "nlu")
    count = print_problems(found)
    if count:
        raise fail(f"{count} problems")
    stderr.print("No problems.")


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="A question, in the language of --language.")],
    language: Annotated[str, typer.Option(help="sv or fi.")] = "sv",
    limit: Annotated[int, typer.Option(min=1, help="How many hits at the most.")] = 5,
    data: DataOption = None,
) -> None:
    """Show the sections nearest to QUESTION, with their scores between 0 and 1."""
    spoken = as_language(language)
    if spoken is None:
        raise fail(f"'{language}' is no language of ours; write sv or fi", 2)
    for hit in open_knowledge(read_settings(data=data)).search(question, spoken, limit):
        typer.echo(f"{hit.score:.2f}  {hit.topic:32} {hit.title}")


@app.command()
def coverage(
    write: Annotated[Optional[Path], typer.Option(help="File to write; standard output if left out.")] = None,
) -> None:
    """Print the table that maps each paragraph of the source documents to its topics."""
    from knowledge.coverage import render_coverage

    text = render_coverage()
    if write is None:
        typer.echo(text, nl=False)
        return
    try:
        write.write_text(text, encoding="utf-8")
    except OSError as error:
        raise fail(f"cannot write {write}: {error.strerror}") from error
