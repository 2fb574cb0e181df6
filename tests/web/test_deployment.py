"""The organisation's facts: read whole, every problem at once, nothing made up."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from web.chat.widget import responsible
from web.deployment import DEPLOYMENT_FILE, FACTS, Deployment, Text, find_unstated
from web.deployment_reader import DeploymentInvalid, read_deployment
from web.settings import PROJECT_FOLDER

DOCUMENT = PROJECT_FOLDER / "docs" / "deployment.md"
_ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (yes|no) \| (.*?) \|$", re.MULTILINE)
LEAST = """organisation_name: {sv: "Området", fi: "Alue"}
organisation_short: {sv: "O", fi: "A"}
organisation_website: {sv: "https://example.fi/sv", fi: "https://example.fi"}
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a deployment file."""

    def _write(text: str) -> Path:
        path = tmp_path / "facts.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return _write


def problems(path: Path) -> list[tuple[int | None, str]]:
    """Return line and text of all that is wrong with a file."""
    with pytest.raises(DeploymentInvalid) as caught:
        read_deployment(path)
    assert {problem.path for problem in caught.value.problems} == {str(path)}
    return [(problem.line, problem.text) for problem in caught.value.problems]


class TestTable:
    def test_the_document_lists_every_fact_as_it_is(self):
        rows = _ROW.findall(DOCUMENT.read_text("utf-8"))
        assert rows == [(fact.name, fact.kind, "yes" if fact.required else "no", fact.help) for fact in FACTS]

    def test_every_field_is_a_row(self):
        assert [field.name for field in fields(Deployment)] == [fact.name for fact in FACTS]

    def test_the_projects_own_file_names_every_fact(self):
        keys = re.findall(r"^(\w+):", DEPLOYMENT_FILE.read_text("utf-8"), re.MULTILINE)
        assert keys == [fact.name for fact in FACTS]


class TestTheProjectsOwnFile:
    def test_holds_the_public_facts_of_soite_in_both_languages(self):
        deployment = read_deployment(DEPLOYMENT_FILE)
        assert deployment.organisation_name.sv.startswith("Mellersta Österbottens välfärdsområde")
        assert deployment.organisation_name.fi.startswith("Keski-Pohjanmaan hyvinvointialue")
        assert deployment.localise("fi")["organisation_website"] == "https://soite.fi"

    def test_makes_nothing_up(self):
        deployment = read_deployment(DEPLOYMENT_FILE)
        stated = [fact.name for fact in FACTS if getattr(deployment, fact.name) is not None]
        assert stated == [fact.name for fact in FACTS if fact.required]


class TestReading:
    def test_the_least_that_a_file_may_hold(self, write):
        deployment = read_deployment(write(LEAST))
        assert deployment.organisation_short == Text(sv="O", fi="A")
        assert responsible(deployment, "sv") == "O ansvarar för chatten och granskar svaren."
        assert len(find_unstated(deployment)) == len(FACTS) - 3

    def test_every_kind(self, write):
        deployment = read_deployment(
            write(
                LEAST + "responsible_title: {sv: Chefen, fi: Johtaja}\nfeedback_email: a@example.fi\n"
                "feedback_phone: +358 00 000 0000\nprivacy_date: 2026-11-01\naccessibility_status: partial\n"
                "accessibility_shortcomings:\n  - {sv: Ett, fi: Yksi}\n  - {sv: Två, fi: Kaksi}\n"
                "source_code: https://example.fi/code\n"
            )
        )
        assert responsible(deployment, "fi").startswith("A ")
        assert responsible(deployment, "fi").endswith("Vastuuhenkilö: Johtaja.")
        assert deployment.privacy_date == dt.date(2026, 11, 1)
        shown = deployment.localise("sv")
        assert shown["accessibility_shortcomings"] == ["Ett", "Två"]
        assert (shown["feedback_phone"], shown["source_code"]) == ("+358 00 000 0000", "https://example.fi/code")

    def test_no_known_shortcoming_is_another_thing_than_none_stated(self, write):
        assert read_deployment(write(LEAST + "accessibility_shortcomings: []\n")).accessibility_shortcomings == ()
        assert read_deployment(write(LEAST + "accessibility_shortcomings:\n")).accessibility_shortcomings is None

    @pytest.mark.parametrize("way", ["feedback_email: a@example.fi", "feedback_phone: 000 000"])
    def test_one_way_to_a_place_is_enough(self, write, way):
        names = {fact.name for fact in find_unstated(read_deployment(write(f"{LEAST}{way}\n")))}
        assert not {name for name in names if name.startswith("feedback")}
        assert {"responsible_email", "responsible_phone"} <= names


class TestProblems:
    def test_all_are_listed_at_once_with_their_lines(self, write):
        path = write(
            "organisation_name: Området\n"
            "organisation_short: {sv: O}\n"
            'organisation_website: {sv: example, fi: "https://example.fi", en: x}\n'
            "feedback_email: nobody\n"
            "privacy_date: 1.2.2026\n"
            "privacy_date: 2026-02-01\n"
            "accessibility_shortcomings:\n"
            "  - {sv: a, fi: b}\n"
            "  - {fi: c}\n"
            "opening_hours: always\n"
        )
        found = problems(path)
        assert [line for line, _ in found] == [1, 2, 3, 3, 4, 5, 6, 9, 10]
        expected = ["both languages", "lacks 'fi'", "language 'en'", "https://", "e-mail", "YYYY-MM-DD", "twice"]
        expected += ["lacks 'sv'", "'opening_hours'"]
        assert [text for words, (_, text) in zip(expected, found, strict=True) if words not in text] == []

    def test_a_required_fact_that_is_not_given_is_named(self, write):
        found = problems(write("organisation_name: {sv: , fi: }\nsource_code:\n"))
        assert [line for line, _ in found] == [None, None, 1]
        assert [text.split("'")[1] for _, text in found] == [
            "organisation_short",
            "organisation_website",
            "organisation_name",
        ]

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("feedback_phone: call us", "phone number"),
            ("feedback_phone: [1, 2]", "must be a phone number"),
            ("accessibility_status: good", "full, partial or none"),
            ("accessibility_shortcomings: one", "must be a list"),
            ("source_code: javascript:alert(1)", "https://"),
            ("source_code: 'https://a\" onclick=\"x'", "https://"),
            ("privacy_date: 2026-02-30", "YYYY-MM-DD"),
            ("responsible_title: {sv: {a: b}, fi: c}", "must be a text"),
        ],
    )
    def test_a_value_of_another_kind_is_refused_with_what_would_mend_it(self, write, line, words):
        ((number, text),) = problems(write(f"{LEAST}{line}\n"))
        assert number == 4
        assert words in text

    @pytest.mark.parametrize("text", ["", "just words", "- a\n- b\n"])
    def test_a_file_that_holds_no_facts_is_refused(self, write, text):
        ((_, said),) = problems(write(text))
        assert "'fact: value'" in said

    def test_a_file_that_is_no_yaml_is_refused_with_the_line(self, write):
        ((line, text),) = problems(write(LEAST + "privacy_date: [1, 2\n"))
        assert line is not None
        assert line >= 4
        assert "no YAML" in text

    def test_a_file_that_is_missing_is_named(self, tmp_path):
        ((line, text),) = problems(tmp_path / "none.yml")
        assert line is None
        assert "cannot be read" in text

    def test_a_yaml_tag_runs_nothing(self, write):
        ((_, text),) = problems(write(LEAST + "source_code: !!python/object/apply:os.getcwd []\n"))
        assert "source_code" in text
