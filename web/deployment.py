"""The facts of the organisation that answers for this service: read from a YAML file, checked, never invented.

A fact that nobody has given stays empty. The pages then say so to the reader, the server warns at its start, and
`find_unstated` lists it. docs/deployment.md describes every fact (kept by a test).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any, NamedTuple

from knowledge.languages import Language

DEPLOYMENT_FILE = Path(__file__).resolve().parent / "deployment.yml"


@dataclasses.dataclass(frozen=True)
class Text:
    """A text in both languages; neither is ever empty."""

    sv: str
    fi: str

    def in_language(self, language: Language) -> str:
        """Return the reader's text."""
        return self.sv if language == "sv" else self.fi


class Fact(NamedTuple):
    """One fact: its key in the file, its kind (`web.deployment_reader`), what it is, and whether it must be given."""

    name: str
    kind: str
    help: str
    required: bool = False


FACTS = (
    Fact("organisation_name", "text", "The organisation's official name.", True),
    Fact("organisation_short", "text", "The name that residents use.", True),
    Fact("organisation_website", "links", "Its website.", True),
    Fact("organisation_address", "text", "Its postal address."),
    Fact("organisation_email", "email", "Its registry's e-mail address."),
    Fact("organisation_phone", "phone", "Its switchboard."),
    Fact("responsible_title", "text", "Who answers for the automation (act 306/2019, section 6 a): a title or name."),
    Fact("responsible_email", "email", "Where that person is reached."),
    Fact("responsible_phone", "phone", "Where that person is reached."),
    Fact("quality_routine", "text", "Who reviews the answers, how, and how often."),
    Fact("privacy_officer", "text", "The data protection officer: a title or name."),
    Fact("privacy_officer_email", "email", "Where the data protection officer is reached."),
    Fact("privacy_officer_phone", "phone", "Where the data protection officer is reached."),
    Fact("privacy_legal_basis", "text", "The ground for the processing, GDPR article 6 (and 9)."),
    Fact("privacy_recipients", "text", "Who else handles the data, such as a company that runs servers; or no one."),
    Fact("privacy_date", "date", "When the privacy notice was approved."),
    Fact("accessibility_status", "status", "What the organisation's assessment found: full, partial or none."),
    Fact("accessibility_shortcomings", "texts", "What is not accessible; an empty list where nothing is known to be."),
    Fact("accessibility_assessment", "text", "Who assessed the accessibility, how and when."),
    Fact("accessibility_date", "date", "When the accessibility statement was drawn up or last brought up to date."),
    Fact("feedback_email", "email", "Where feedback on accessibility goes; it is answered within two weeks."),
    Fact("feedback_phone", "phone", "Where feedback on accessibility goes."),
    Fact("feedback_form", "links", "A form for feedback on accessibility."),
    Fact("source_code", "url", "Where the source code of this service lies."),
)


@dataclasses.dataclass(frozen=True)
class Deployment:
    """The facts in force; a field for each row of `FACTS`, None where nobody has stated it."""

    organisation_name: Text
    organisation_short: Text
    organisation_website: Text
    organisation_address: Text | None = None
    organisation_email: str | None = None
    organisation_phone: str | None = None
    responsible_title: Text | None = None
    responsible_email: str | None = None
    responsible_phone: str | None = None
    quality_routine: Text | None = None
    privacy_officer: Text | None = None
    privacy_officer_email: str | None = None
    privacy_officer_phone: str | None = None
    privacy_legal_basis: Text | None = None
    privacy_recipients: Text | None = None
    privacy_date: dt.date | None = None
    accessibility_status: str | None = None
    accessibility_shortcomings: tuple[Text, ...] | None = None
    accessibility_assessment: Text | None = None
    accessibility_date: dt.date | None = None
    feedback_email: str | None = None
    feedback_phone: str | None = None
    feedback_form: Text | None = None
    source_code: str | None = None

    def localise(self, language: Language) -> dict[str, Any]:
        """Return every fact as its reader's language has it, by name; what a template shows."""
        return {fact.name: _localise(getattr(self, fact.name), language) for fact in FACTS}


def _localise(value: Any, language: Language) -> Any:
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, tuple):
        return [item.in_language(language) for item in value]
    return value


_ALTERNATIVES = (
    {"organisation_email", "organisation_phone", "organisation_address"},
    {"responsible_email", "responsible_phone"},
    {"privacy_officer_email", "privacy_officer_phone"},
    {"feedback_email", "feedback_phone", "feedback_form"},
)
"""Ways to the same place: one of them is enough."""


def find_unstated(deployment: Deployment) -> list[Fact]:
    """Return the facts that a resident has a right to and that nobody has stated, in the table's order.

    Of several ways to reach the same place (e-mail, phone, form) none counts as missing once one is given.
    """
    missing = [fact for fact in FACTS if getattr(deployment, fact.name) is None]
    given = {fact.name for fact in FACTS} - {fact.name for fact in missing}
    return [fact for fact in missing if not any(fact.name in group and group & given for group in _ALTERNATIVES)]
