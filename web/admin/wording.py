"""How the studio says what the checks find, in the reader's language. A test holds the table against the checks."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.dates import format_date
from knowledge.languages import Language
from studio.findings import Finding
from web.locales import load_catalogue

FIELD_STRINGS = {
    "id": "Id",
    "title": "Title",
    "answer": "Answer",
    "examples": "Examples",
    "aliases": "Other words",
    "source": "Source",
    "published": "The source's date",
    "url": "The source's address",
    "valid_from": "Valid from",
    "valid_to": "Valid to",
    "review_by": "Review by",
    "group": "Group",
    "related": "Next questions",
    "services": "Services",
    "service": "Service",
    "row": "Row",
    "file": "File",
}
KEY_STRINGS = {
    "names": "Name",
    "summaries": "In one sentence",
    "title": "Title",
    "related": "Next questions",
    "services": "Services",
    "valid_from": "Valid from",
    "valid_to": "Valid to",
}
"""What the forms call the keys of the knowledge's files."""
_LANGUAGES = ("there", "language", "detected")
"""Values of findings that are codes of languages."""
_DATES = ("day", "date")


@dataclass(frozen=True)
class Said:
    """A finding in words. `place` is where: the field, its language, the line."""

    level: str
    field: str
    place: str
    text: str
    line: int | None


def say(finding: Finding, language: Language) -> Said:
    """Return a finding in the reader's language."""
    gettext = load_catalogue(language).gettext
    name, _, code = finding.field.rpartition("_")
    spoken = {"sv": gettext("Swedish"), "fi": gettext("Finnish")}.get(code)
    label = FIELD_STRINGS.get(name if spoken else finding.field, "")
    line = f"{gettext('Row').lower()} {finding.line}" if finding.line else ""
    parts = [gettext(label) if label else finding.field, (spoken or "").lower(), line]
    words = {"sv": gettext("Swedish").lower(), "fi": gettext("Finnish").lower()}
    named = {key: words.get(str(value), value) for key, value in finding.values.items() if key in _LANGUAGES}
    named |= {key: format_date(str(value), language) for key, value in finding.values.items() if key in _DATES}
    key = str(finding.values.get("key", ""))
    if key in KEY_STRINGS:
        named["key"] = gettext(KEY_STRINGS[key])
    text = gettext(finding.text).format(**{**finding.values, **named})
    return Said(finding.level, finding.field, ", ".join(filter(None, parts)), text, finding.line)
