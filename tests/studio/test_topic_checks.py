"""What is found in a topic: everything at once, each with what would mend it."""

from __future__ import annotations

import pytest
from ferry import EXAMPLES, TOPIC, make_ferry

from studio.checkout import own_checkout
from studio.checks import check_content
from studio.content import Content, Side
from studio.example_checks import ExampleChecks
from studio.findings import stops
from studio.topics import Revision, Topic


@pytest.fixture(scope="module")
def checks() -> ExampleChecks:
    checkout = own_checkout()
    return ExampleChecks(checkout, {id: Topic(id, Revision(0, item), 0) for id, item in checkout.topics.items()})


def texts(content: Content) -> list[str]:
    return [str(finding) for finding in stops(check_content(content))]


def test_a_complete_topic_has_nothing_that_stops_it() -> None:
    assert texts(make_ferry()) == []


def test_no_topic_of_the_checkout_is_stopped() -> None:
    checkout = own_checkout()
    found = {
        id: stops(check_content(content, checkout.services, checkout.topics, checkout.texts))
        for id, content in checkout.topics.items()
    }
    assert {id: findings for id, findings in found.items() if findings} == {}


def test_everything_that_an_empty_topic_lacks_is_named_at_once() -> None:
    found = {finding.field for finding in stops(check_content(Content({"sv": Side(), "fi": Side()}).normalised()))}
    both = {f"{name}_{language}" for name in ("title", "answer", "examples", "source") for language in ("sv", "fi")}
    assert found == {*both, "published"}


@pytest.mark.parametrize("line", ["# Rubrik", "## Rubrik {#other}", "---", "```", "| a | b |", "<b>x</b>"])
def test_an_answer_that_would_break_its_document_is_refused_with_its_line(line: str) -> None:
    content = make_ferry().with_side("sv", answer=f"Svar.\n\n{line}")
    assert any(text.startswith("answer_sv:3: headings") for text in texts(content))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"published": "i maj"}, "published"),
        ({"published": "2026-13"}, "published"),
        ({"valid_from": "1.5.2026"}, "valid_from"),
        ({"valid_from": "2026-05-02", "valid_to": "2026-05-01"}, "valid_to"),
        ({"url": "soite.fi"}, "url"),
        ({"group": "near_danger"}, "group"),
        ({"group": "../etc"}, "group"),
        ({"services": ("no_such",)}, "services"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(values: dict[str, object], field: str) -> None:
    findings = stops(check_content(make_ferry(**values), services=["counselling"]))
    assert [finding.field for finding in findings] == [field]


@pytest.mark.parametrize(
    ("sv", "fi", "missing"),
    [
        ("Ring 06 826 4500.", "Soita 06 826 4555.", ["0", "68264500"]),
        ("Öppet kl. 8.00–16.00.", "Avoinna klo 8–16.", []),
        ("Se https://soite.fi/sv/x", "Katso www.soite.fi/fi/y", []),
        ("Skriv till info@soite.fi.", "Kirjoita.", ["info@soite.fi"]),
    ],
)
def test_facts_that_stand_in_one_language_alone_are_pointed_out(sv: str, fi: str, missing: list[str]) -> None:
    content = make_ferry().with_side("sv", answer=sv).with_side("fi", answer=fi)
    found = [item.values["value"] for item in check_content(content) if item.field == "answer_fi" and item.values]
    assert found == [value for value in missing if value != "0"]


def test_a_language_with_far_fewer_examples_is_pointed_out() -> None:
    content = make_ferry().with_side("fi", examples=tuple(f"{text} {n}" for n in range(3) for text in EXAMPLES["fi"]))
    assert any(finding.field == "examples" for finding in check_content(content))


class TestExamples:
    """An example beside all others."""

    def found(self, checks: ExampleChecks, example: str, language: str = "sv") -> list[tuple[str, str]]:
        return [(item.level, str(item)) for item in checks.check(example, language, TOPIC)]  # type: ignore[arg-type]

    def test_a_new_one_has_nothing_against_it(self, checks: ExampleChecks) -> None:
        for language, examples in EXAMPLES.items():
            assert [found for text in examples for found in self.found(checks, text, language)] == []

    def test_the_same_words_under_another_topic_stop_it(self, checks: ExampleChecks) -> None:
        ((level, text),) = self.found(checks, "FAMILJECENTRET!")
        assert (level, "'family_centre' already" in text) == ("stop", True)

    def test_nearly_the_same_words_under_another_topic_are_pointed_out(self, checks: ExampleChecks) -> None:
        ((level, text),) = self.found(checks, "Vilka tjänster samlas nu i familjecentret?")
        assert (level, "'family_centre'" in text) == ("warn", True)

    def test_what_models_are_measured_on_may_not_be_learnt(self, checks: ExampleChecks) -> None:
        found = self.found(checks, "ensam pappa till tvillingar, var finns hjälp")
        assert any(level == "stop" and "measured on" in text for level, text in found)

    def test_the_other_language_is_pointed_out(self, checks: ExampleChecks) -> None:
        found = self.found(checks, "mihin aikaan laiva lähtee saarelle", "sv")
        assert any("looks like 'fi'" in text for _, text in found)

    @pytest.mark.parametrize(
        ("example", "what"),
        [
            ("ring mig på 040 123 4567", "personal data (phone)"),
            ("pnr 131052-308T", "personal data (identity_code)"),
            ("[hus](x)", "without brackets"),
            ("?!", "no letter"),
            ("x" * 700, "700 characters"),
        ],
    )
    def test_what_cannot_be_an_example_is_stopped(self, checks: ExampleChecks, example: str, what: str) -> None:
        ((level, text),) = self.found(checks, example)
        assert (level, what in text) == ("stop", True)

    def test_a_number_is_not_repeated_in_the_message(self, checks: ExampleChecks) -> None:
        assert "4567" not in str(self.found(checks, "ring mig på 040 123 4567"))

    def test_what_the_live_model_makes_of_it_is_said(self, checks: ExampleChecks) -> None:
        found = checks.check("färjans tidtabell", "sv", TOPIC, understand=lambda text, language: ("fees", 0.831))
        assert [str(item) for item in found] == ["examples_sv: the live model answers this with 'fees' (83 %)"]

    def test_an_example_that_stands_twice_is_pointed_out_with_its_lines(self, checks: ExampleChecks) -> None:
        (finding,) = checks.check_list(["färjans tidtabell", "Färjans tidtabell?"], "sv", TOPIC)
        assert (finding.level, finding.line, finding.values["first"]) == ("warn", 2, 1)
