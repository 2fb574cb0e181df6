"""`lotsi intents add | list | show | rename | retire | merge | publish | export | import`: topics by command line."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from cli.output import fail, print_problems, stderr, warn
from cli.state import database_errors, read_settings
from knowledge.languages import LANGUAGES

if TYPE_CHECKING:
    from knowledge.languages import Language
    from studio.content import Content
    from studio.findings import Finding
    from studio.topics import Topic, TopicStore
    from web.settings import Settings

app = typer.Typer(help="Add, change and retire topics; export and import them as files.", no_args_is_help=True)
DataOption = Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The topic's id.", show_default=False)]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command()
def add(
    id: IdArgument,
    title_sv: Annotated[str, typer.Option(help="Title in Swedish, the text of the topic's button.")],
    title_fi: Annotated[str, typer.Option(help="Title in Finnish.")],
    examples_sv: Annotated[Path, typer.Option(help="Examples in Swedish, one a line (or .csv, .xlsx, .yml).")],
    examples_fi: Annotated[Path, typer.Option(help="Examples in Finnish.")],
    answer_sv: Annotated[Path, typer.Option(help="Answer in Swedish: Markdown, the first paragraph answers at once.")],
    answer_fi: Annotated[Path, typer.Option(help="Answer in Finnish.")],
    source: Annotated[str, typer.Option(help="Title of the source, as a resident reads it.")],
    published: Annotated[str, typer.Option(help="The source's date: YYYY, YYYY-MM or YYYY-MM-DD.")],
    source_fi: Annotated[Optional[str], typer.Option(help="The source's title in Finnish, if it is another.")] = None,
    publisher: Annotated[str, typer.Option(help="Who published the source.")] = "Soite",
    url: Annotated[Optional[str], typer.Option(help="Where the source can be read.")] = None,
    valid_from: Annotated[Optional[str], typer.Option(help="First day of the answer's validity, YYYY-MM-DD.")] = None,
    valid_to: Annotated[Optional[str], typer.Option(help="Last day of the answer's validity.")] = None,
    review: Annotated[Optional[str], typer.Option(help="Day by which somebody shall look at it again.")] = None,
    group: Annotated[str, typer.Option(help="Name of the training file.")] = "studio",
    related: Annotated[Optional[list[str]], typer.Option(help="Id of a next question; may be repeated.")] = None,
    service: Annotated[Optional[list[str]], typer.Option(help="Id of a service; may be repeated.")] = None,
    data: DataOption = None,
) -> None:
    """Add a topic as a draft. `lotsi train --promote` makes residents reach it.

    Everything that is wrong with it is named at once, and then nothing is added.
    """
    from studio.content import Content, Side

    with _opened(data) as (store, _):
        titles, answers = {"sv": title_sv, "fi": title_fi}, {"sv": answer_sv, "fi": answer_fi}
        files, sources = {"sv": examples_sv, "fi": examples_fi}, {"sv": source, "fi": source_fi or source}
        sides = {
            language: Side(
                title=titles[language],
                answer=_read(answers[language]),
                examples=_read_examples(files[language], language),
                source_title=sources[language],
                publisher=publisher,
            )
            for language in LANGUAGES
        }
        content = Content(
            sides,
            group,
            published=published,
            url=url,
            valid_from=valid_from,
            valid_to=valid_to,
            review_by=review,
            related=tuple(related or ()),
            services=tuple(service or ()),
        ).normalised()
        _check(store, id, content)
        topic = store.add(id, content, _actor())
    stderr.print(f"{topic.id} is a draft; train a model that knows it with 'lotsi train --promote'")


@app.command("list")
def list_topics(
    data: DataOption = None,
    state: Annotated[Optional[str], typer.Option(help="Only those: draft, published or retired.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the topics: id, state, version (0: as in the checkout), examples in Swedish and Finnish, title."""
    with _opened(data) as (store, _):
        topics = [topic for topic in store.fetch_all().values() if state in (None, topic.state)]
    if as_json:
        typer.echo(json.dumps([_summary(topic) for topic in topics], ensure_ascii=False, indent=2))
        return
    for topic in topics:
        counts = [len(topic.content.sides[language].examples) for language in LANGUAGES]
        title = topic.content.sides["sv"].title
        typer.echo(f"{topic.id:36}  {topic.state:10}{topic.version:4}{counts[0]:6}{counts[1]:6}  {title}")


@app.command()
def show(
    id: IdArgument,
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    history: Annotated[bool, typer.Option("--history", help="Who changed what and when.")] = False,
) -> None:
    """Show a topic: titles, source, answers, examples, and what is to be mended."""
    with _opened(data) as (store, _):
        topic = store.fetch(id)
        revisions = store.fetch_history(id) if history else []
        findings = _findings(store, topic.content)
    if as_json:
        typer.echo(json.dumps({**_summary(topic), **_details(topic)}, ensure_ascii=False, indent=2))
        return
    if history:
        for revision in revisions:
            moment = revision.changed_at.isoformat(sep=" ", timespec="minutes")[:16] if revision.changed_at else ""
            typer.echo(f"{revision.version:4}  {moment:16}  {revision.action:10}{revision.changed_by or 'checkout'}")
        return
    content = topic.content
    typer.echo(f"{topic.id}: {topic.state}, version {topic.version}, group {content.group}")
    for language in LANGUAGES:
        side = content.sides[language]
        typer.echo(
            f"\n[{language}] {side.title}\nsource: {side.source_title} ({side.publisher}, {content.published})\n"
        )
        typer.echo(f"{side.answer}\n")
        typer.echo("\n".join(f"- {example}" for example in side.examples))
    for finding in findings:
        warn(str(finding))


@app.command()
def rename(id: IdArgument, new_id: Annotated[str, typer.Argument(help="The new id.")], data: DataOption = None) -> None:
    """Give a topic another id; what leads to the old one leads to the new one."""
    from studio.changes import rename_topic

    with _opened(data) as (store, _):
        rename_topic(store, id, new_id, store.fetch(id).version, _actor())
    stderr.print(f"{id} is {new_id} in the drafts; residents reach it by the next model")


@app.command()
def merge(
    id: IdArgument, target: Annotated[str, typer.Argument(help="The topic that stays.")], data: DataOption = None
) -> None:
    """Let TARGET take a topic's examples and place; its own answer stays."""
    from studio.changes import merge_topics

    with _opened(data) as (store, _):
        merge_topics(store, id, target, (store.fetch(id).version, store.fetch(target).version), _actor())
    stderr.print(f"{id} has become a part of {target} in the drafts")


@app.command()
def retire(
    id: IdArgument,
    successor: Annotated[Optional[str], typer.Option(help="The topic that takes its place.")] = None,
    yes: YesOption = False,
    data: DataOption = None,
) -> None:
    """Take a topic away, once a model without it is live. Its versions stay."""
    with _opened(data) as (store, _):
        topic = store.fetch(id)
        if not yes and not typer.confirm(f"Retire {id}?", err=True):
            raise typer.Abort
        store.retire(id, topic.version, _actor(), successor)
    stderr.print(f"{id} is retired in the drafts; it goes with the next model")


@app.command()
def publish(data: DataOption = None) -> None:
    """Make answers public that have changed; no training is needed. New topics wait for a model that knows them."""
    from knowledge.engine import open_engine
    from studio.publish import publish as make_public

    with _opened(data) as (store, settings):
        done = make_public(store.engine, open_engine(settings.knowledge_database), settings.data_folder, _actor())
    _warn_left_out(done.left_out)
    if done.waiting:
        warn(f"these wait for a model: {', '.join(done.waiting)}; 'lotsi train --promote' makes one")
    stderr.print(f"{len(done.topics)} topics published: {', '.join(done.topics) or 'nothing has changed'}")


@app.command("export")
def export_files(
    folder: Annotated[Path, typer.Argument(help="A checkout to change, or a new folder for the changed files alone.")],
    data: DataOption = None,
) -> None:
    """Write the drafts as clean files of the checkout's own formats, for git; the changed files are printed."""
    from studio.files import export_topics

    with _opened(data) as (store, _):
        try:
            done = export_topics(store, folder)
        except OSError as error:
            raise fail(f"cannot write {error.filename}: {error.strerror}") from error
    for path in done.files:
        typer.echo(path.as_posix())
    _warn_left_out(done.left_out)


@app.command("import")
def import_files(
    folder: Annotated[Path, typer.Argument(help="A checkout, or a folder that 'lotsi intents export' wrote.")],
    data: DataOption = None,
) -> None:
    """Make drafts of what a folder's files say otherwise than the topics as they are now; all of it or nothing."""
    from studio.imports import import_topics

    with _opened(data) as (store, _):
        done = import_topics(store, folder, _actor())
    for what, ids in (("added", done.added), ("edited", done.edited), ("retired", done.retired)):
        for id in ids:
            typer.echo(f"{what:9}{id}")
    for id in done.services:
        typer.echo(f"service  {id}")


@contextmanager
def _opened(data: str | None) -> Iterator[tuple[TopicStore, Settings]]:
    """Open the drafts, and say why something could not be done: every problem in a line of its own."""
    from conversations.database import open_database
    from studio.errors import StudioError, TopicRefused, UploadRefused
    from studio.topics import TopicStore

    settings = read_settings(data=data)
    try:
        with database_errors():
            store = TopicStore(open_database(settings.conversations_database))
            yield store, settings
    except (TopicRefused, UploadRefused) as error:
        count = print_problems(error.findings)
        raise fail(f"{count} problems; nothing was changed") from error
    except StudioError as error:
        raise fail(str(error)) from error


def _check(store: TopicStore, id: str, content: Content) -> None:
    """Check a new topic by itself and beside all others; what is only worth a look is said."""
    from studio.errors import TopicRefused
    from studio.example_checks import ExampleChecks
    from studio.findings import stops
    from studio.ids import check_id

    checkout = store.checkout
    findings = [*check_id(id, checkout.intents - set(checkout.topics)), *_findings(store, content)]
    checks = ExampleChecks(checkout, store.fetch_all())
    for language in LANGUAGES:
        findings += checks.check_list(content.sides[language].examples, language, id)
    if stops(findings):
        raise TopicRefused(stops(findings))
    for finding in findings:
        warn(str(finding))


def _findings(store: TopicStore, content: Content) -> list[Finding]:
    from studio.checks import check_content

    checkout = store.checkout
    return check_content(content, set(checkout.services), set(store.fetch_all()), checkout.texts)


def _read(path: Path) -> str:
    from studio.errors import UploadRefused
    from studio.findings import STOP, Finding

    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise fail(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        text = "is not UTF-8 text; save it as UTF-8"
        raise UploadRefused([Finding(STOP, str(path), text)]) from error


def _read_examples(path: Path, language: Language) -> tuple[str, ...]:
    from dataclasses import replace

    from studio.errors import UploadRefused
    from studio.spreadsheets import read_upload

    try:
        content = path.read_bytes()
    except OSError as error:
        raise fail(f"cannot read {path}: {error.strerror}") from error
    name = path.name if path.suffix.lower() in (".xlsx", ".csv", ".tsv", ".yml", ".yaml") else f"{path.name}.txt"
    try:
        return read_upload(name, content, language).examples[language]
    except UploadRefused as error:
        raise UploadRefused([replace(finding, field=f"{path}") for finding in error.findings]) from error


def _warn_left_out(left_out: Mapping[str, tuple[str, ...]]) -> None:
    for id, reasons in left_out.items():
        for reason in reasons:
            warn(f"{id} is left out: {reason}")


def _summary(topic: Topic) -> dict[str, object]:
    content = topic.content
    return {
        "id": topic.id,
        "state": topic.state,
        "version": topic.version,
        "published_version": topic.published_version,
        "titles": {language: content.sides[language].title for language in LANGUAGES},
        "examples": {language: len(content.sides[language].examples) for language in LANGUAGES},
    }


def _details(topic: Topic) -> dict[str, object]:
    sides = {language: side.examples for language, side in topic.content.sides.items()}
    return {"content": topic.content.to_body(), "examples": sides}


def _actor() -> str:
    return f"cli:{getpass.getuser()}"
