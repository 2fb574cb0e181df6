"""The interface's texts are there in both languages: complete, none left over, none guessed.

What is used is found by babel in the templates and in the Python code (`gettext`, `ngettext` and what is named after
them), and in the tables of texts, which are dictionaries whose name ends with STRINGS: key → message id.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from knowledge.languages import LANGUAGES
from web.locales import LOCALE_FOLDER

WEB = Path(LOCALE_FOLDER).parent
STUDIO = WEB.parent / "studio"
KNOWLEDGE = [WEB.parent / "knowledge" / name for name in ("services.py", "check.py")]
"""What these find in a record or between documents is shown in the studio."""
FUNCTIONS = ("_", "gettext", "ngettext", "N_", "translate", "translated")
_METHODS = ("report", "of")
PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)\w|%\w")


def read_catalogue(language: str) -> Catalog:
    with (LOCALE_FOLDER / language / "LC_MESSAGES" / "lotsi.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def messages(language: str) -> list[Message]:
    """The translations of a catalogue without its header."""
    return [message for message in read_catalogue(language) if message.id]


def forms(value: str | tuple[str | None, ...] | list[str] | None) -> tuple[str, ...]:
    """A message's texts: one, or one for each grammatical number; none where a variable stands in its place."""
    return (value,) if isinstance(value, str) else tuple(text for text in value or () if text)


def template_ids() -> Iterator[str]:
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    for path in sorted((WEB / "templates").glob("**/*")):
        if path.is_file():
            for _, _, texts, _ in babel_extract(io.BytesIO(path.read_bytes()), FUNCTIONS, [], options):
                yield from forms(texts)


def code_ids() -> Iterator[str]:
    for path in sorted(WEB.rglob("*.py")):
        for _, _, texts, _ in extract_python(io.BytesIO(path.read_bytes()), FUNCTIONS, [], {"encoding": "utf-8"}):
            yield from forms(texts)
        yield from table_ids(ast.parse(path.read_text(encoding="utf-8")))


def table_ids(module: ast.Module) -> Iterator[str]:
    """Yield the message ids of a module's tables of texts."""
    for node in module.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Dict):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id.endswith("STRINGS") for target in targets):
                yield from (ast.literal_eval(value) for value in node.value.values)


def finding_ids() -> Iterator[str]:
    """Yield what checks find: the third argument of `Finding`, the second of `Problem.of`, the first of `report`."""
    for path in sorted([*STUDIO.glob("*.py"), *(WEB / "admin").glob("*.py"), *KNOWLEDGE]):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from _texts_of(function)


def _texts_of(function: ast.AST) -> Iterator[str]:
    nodes = list(ast.walk(function))
    named = {
        (node.targets[0].id, node.value.value)
        for node in nodes
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        is_finding = isinstance(node.func, ast.Name) and node.func.id == "Finding" and len(node.args) > 2
        method = node.func.attr if isinstance(node.func, ast.Attribute) and node.args else ""
        argument = node.args[2] if is_finding else node.args[{"of": 1}.get(method, 0)] if method in _METHODS else None
        texts = [argument.value] if isinstance(argument, ast.Constant) else []
        texts += [text for name, text in named if isinstance(argument, ast.Name) and argument.id == name]
        yield from (text for text in texts if isinstance(text, str) and text != "{problem}")


def mentioned() -> set[str]:
    """Every string that stands in the code, whatever is done with it: a text may come to `gettext` by a variable."""
    paths = [*WEB.rglob("*.py"), *STUDIO.glob("*.py"), *KNOWLEDGE]
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in paths)
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.fixture(scope="module")
def used() -> set[str]:
    """Every message id that is certainly shown."""
    return {*template_ids(), *code_ids(), *finding_ids()}


def test_texts_are_found_in_templates_and_in_tables() -> None:
    assert {"About Lotsi", "A conversation is kept for %(num)s day."} <= set(template_ids())
    assert len(set(code_ids())) > 20


def test_what_the_checks_find_is_found() -> None:
    assert {"choose a file", "'{value}' is no date; write YYYY-MM-DD", "the file has no example"} <= set(finding_ids())
    assert {"'{topic}' relates to itself", "lacks 'topic', the id of the topic that describes it"} <= set(finding_ids())


def test_a_text_in_code_is_found() -> None:
    found = ast.parse("A_STRINGS: dict[str, str] = {'a': 'One'}\nSTRINGS = {'b': 'Tw' 'o'}\nOTHER = {'c': 'Three'}")
    assert list(table_ids(found)) == ["One", "Two"]
    code = io.BytesIO(b"catalogue.gettext('Four')\ngettext(name)\ncatalogue.ngettext('One day', '%(num)s days', days)")
    texts = [texts for _, _, texts, _ in extract_python(code, FUNCTIONS, [], {})]
    assert {text for item in texts for text in forms(item)} == {"Four", "One day", "%(num)s days"}


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogue:
    def test_translates_every_text_that_is_used(self, used: set[str], language: str) -> None:
        translated = {id for message in messages(language) if forms(message.string) for id in forms(message.id)}
        assert used - translated == set()

    def test_has_no_text_that_is_not_used(self, used: set[str], language: str) -> None:
        known = used | mentioned()
        assert [message.id for message in messages(language) if not set(forms(message.id)) <= known] == []
        assert not read_catalogue(language).obsolete

    def test_has_every_text_once(self, language: str) -> None:
        source = (LOCALE_FOLDER / language / "LC_MESSAGES" / "lotsi.po").read_text(encoding="utf-8")
        ids = re.findall(r'^msgid "(.+)"$', source, re.MULTILINE)
        assert [id for id in set(ids) if ids.count(id) > 1] == []

    def test_has_no_fuzzy_or_empty_translation(self, language: str) -> None:
        assert [
            item.id for item in messages(language) if item.fuzzy or len(forms(item.string)) != len(forms(item.id))
        ] == []

    def test_names_its_own_language(self, language: str) -> None:
        assert str(read_catalogue(language).locale) == language

    def test_keeps_the_placeholders(self, language: str) -> None:
        for message in messages(language):
            for id, text in zip(forms(message.id), forms(message.string), strict=True):
                assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(id)), id

    def test_leaves_no_text_in_english(self, language: str) -> None:
        texts = [(message.id, message.string) for message in messages(language)]
        assert [id for id, text in texts if forms(id) == forms(text)] == []

    def test_keeps_the_full_stop_or_question_mark(self, language: str) -> None:
        for message in messages(language):
            for id, text in zip(forms(message.id), forms(message.string), strict=True):
                if id[-1] in ".?:":
                    assert text[-1] == id[-1], id


def test_the_two_languages_have_the_same_texts_and_differ_in_each() -> None:
    swedish, finnish = ({message.id: message.string for message in messages(language)} for language in LANGUAGES)
    assert set(swedish) == set(finnish)
    assert [id for id, text in swedish.items() if text == finnish[id]] == []
