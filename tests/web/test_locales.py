"""The interface's texts are there in both languages: complete, none left over, none guessed."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from knowledge.languages import LANGUAGES
from web.locales import LOCALE_FOLDER, load_catalogue
from web.widget_strings import STRINGS

WEB = Path(LOCALE_FOLDER).parent
PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)\w|%\w")


def read_catalogue(language: str) -> Catalog:
    with (LOCALE_FOLDER / language / "LC_MESSAGES" / "lotsi.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def used_ids() -> set[str]:
    """Every message id in a template, in the code, or shown by the widget."""
    ids = set(STRINGS.values())
    for template in sorted((WEB / "templates").glob("**/*.html")):
        source = io.BytesIO(template.read_bytes())
        options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
        for _line, _function, texts, _comments in babel_extract(source, ("_", "gettext", "ngettext:1,2"), [], options):
            ids.update([texts] if isinstance(texts, str) else [text for text in texts if isinstance(text, str)])
    for module in sorted(WEB.rglob("*.py")):
        with module.open("rb") as file:
            ids.update(str(text) for _line, text, _comments, _context in extract("python", file, {"gettext": None}))
    return ids


def test_templates_and_code_have_texts_to_translate() -> None:
    assert {"Send", "Talk to a human", "The conversation has ended."} <= used_ids()


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogue:
    def test_translates_every_text_that_is_used(self, language: str) -> None:
        translated = {message.id for message in read_catalogue(language) if message.id and message.string}
        assert used_ids() - translated == set()

    def test_has_no_text_that_is_not_used(self, language: str) -> None:
        catalogue = read_catalogue(language)
        assert {message.id for message in catalogue if message.id} - used_ids() == set()
        assert not catalogue.obsolete

    def test_has_no_fuzzy_translation(self, language: str) -> None:
        assert [message.id for message in read_catalogue(language) if message.id and message.fuzzy] == []

    def test_names_its_own_language(self, language: str) -> None:
        assert str(read_catalogue(language).locale) == language

    def test_keeps_the_placeholders(self, language: str) -> None:
        for message in read_catalogue(language):
            if message.id:
                assert PLACEHOLDER.findall(message.string) == PLACEHOLDER.findall(message.id), message.id

    def test_leaves_no_text_in_english(self, language: str) -> None:
        catalogue = load_catalogue(language)  # type: ignore[arg-type]
        assert [text for text in used_ids() if catalogue.gettext(text) == text] == []

    def test_keeps_the_full_stop_or_question_mark(self, language: str) -> None:
        for message in read_catalogue(language):
            if message.id and message.id[-1] in ".?:":
                assert message.string[-1] == message.id[-1], message.id


def test_the_two_languages_differ_in_every_text() -> None:
    swedish, finnish = load_catalogue("sv"), load_catalogue("fi")
    assert [text for text in used_ids() if swedish.gettext(text) == finnish.gettext(text)] == []
