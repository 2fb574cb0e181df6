"""Checks a topic by itself: is it complete, do both languages say the same, can it be written into a document?

Everything at once, each with what would mend it. `studio.example_checks` looks at examples beside those of all topics.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator

from bot.training.validate import fold_example
from conversations.masking import mask_text
from knowledge.check import MINIMUM_EXAMPLES
from knowledge.dates import check_date
from knowledge.languages import LANGUAGES, Language
from knowledge.reader import render_blocks
from studio.checkout import GROUPS_APART
from studio.content import Content
from studio.findings import STOP, WARN, Finding

WISHED_EXAMPLES = 30
EXAMPLE_LIMIT = 600
EXAMPLES_LIMIT = 2000
TITLE_LIMIT = 120
LEAD_LIMIT = 600
ANSWER_LIMIT = 6000
STALE_DAYS = 365
_GROUP = re.compile(r"[a-z][a-z0-9_]{1,40}")
_RESERVED_GROUPS = (*GROUPS_APART, "_common")
_UNWRITABLE = re.compile(r"^(?:#|-{3,}\s*$|`{3}|~{3}|\||<)")
_MARKUP = re.compile(r"[\[\]{}]")
_NUMBER = re.compile(r"\d+(?:[  .:,/-]\d+)*")
_LINK = re.compile(r"(?:https?://|www\.)[^\s)>\]]+|\b[\w.+-]+@[\w-]+\.[\w.]+", re.IGNORECASE)


def check_content(
    content: Content, services: Collection[str] = (), topics: Collection[str] = (), own: Collection[str] = ()
) -> list[Finding]:
    """Return all that is wrong with a topic.

    Args:
        content: The topic, as `Content.normalised` makes it.
        services: Ids of the service records that there are.
        topics: Ids of the topics that there are.
        own: Wordings that have been reviewed already, the checkout's.
    """
    found = [finding for language in LANGUAGES for finding in _check_side(content, language, own)]
    found += [*_check_source(content), *_check_links(content, services, topics), *_check_parity(content)]
    return found


def _check_side(content: Content, language: Language, own: Collection[str]) -> Iterator[Finding]:
    side = content.sides[language]
    if not side.title:
        yield Finding(STOP, f"title_{language}", "the title is missing; it is the text of the topic's button")
    elif len(side.title) > TITLE_LIMIT or re.search(r"[{}#]", side.title):
        text = "write the title without braces and #, in {limit} characters at the most"
        yield Finding(STOP, f"title_{language}", text, {"limit": TITLE_LIMIT})
    yield from _check_answer(side.answer, language)
    for alias in side.aliases:
        if _MARKUP.search(alias):
            yield Finding(STOP, f"aliases_{language}", "write '{alias}' without brackets", {"alias": alias})
    yield from check_examples(side.examples, language, own)


def _check_answer(answer: str, language: Language) -> Iterator[Finding]:
    field = f"answer_{language}"
    lead, _ = render_blocks(answer)
    if not lead:
        yield Finding(STOP, field, "the answer is missing; write one to four sentences")
        return
    for number, line in enumerate(answer.splitlines(), start=1):
        if _UNWRITABLE.match(line.lstrip()):
            yield Finding(
                STOP,
                field,
                "headings, rules, code, tables and HTML are not shown; write paragraphs and lists",
                {},
                number,
            )
    if len(answer) > ANSWER_LIMIT:
        text = "the answer has {count} characters; write {limit} at the most"
        yield Finding(STOP, field, text, {"count": len(answer), "limit": ANSWER_LIMIT})
    elif len(lead) > LEAD_LIMIT:
        text = "the first paragraph has {count} characters; a resident reads {limit} at once"
        yield Finding(WARN, field, text, {"count": len(lead), "limit": LEAD_LIMIT})


def check_examples(examples: Collection[str], language: Language, own: Collection[str] = ()) -> Iterator[Finding]:
    """Yield what is wrong with a topic's examples in one language, looked at by themselves."""
    field = f"examples_{language}"
    if len(examples) < MINIMUM_EXAMPLES:
        text = "{count} examples are too few to train; write {limit} or more, as residents would say it"
        yield Finding(STOP, field, text, {"count": len(examples), "limit": MINIMUM_EXAMPLES})
    elif len(examples) < WISHED_EXAMPLES:
        text = "{count} examples can be trained; {limit} are understood far better"
        yield Finding(WARN, field, text, {"count": len(examples), "limit": WISHED_EXAMPLES})
    elif len(examples) > EXAMPLES_LIMIT:
        text = "{count} examples are too many; choose the {limit} that differ most"
        yield Finding(STOP, field, text, {"count": len(examples), "limit": EXAMPLES_LIMIT})
    for number, example in enumerate(examples, start=1):
        if example not in own:
            yield from check_example(example, language, number)
    folded = {fold_example(example) for example in examples}
    if len(examples) >= MINIMUM_EXAMPLES and len(folded) * 2 < len(examples):
        yield Finding(WARN, field, "most examples differ in spelling alone; write how different people would ask")


def check_example(example: str, language: Language, line: int | None = None) -> Iterator[Finding]:
    """Yield what is wrong with an example by itself: personal data, markup, too short or too long."""
    field = f"examples_{language}"
    masked = mask_text(example)
    if masked.masks:
        text = "'{example}' has personal data ({kinds}); write it without"
        values: dict[str, object] = {"example": str(masked.text), "kinds": ", ".join(masked.kinds)}
        yield Finding(STOP, field, text, values, line)
    elif _MARKUP.search(example):
        yield Finding(STOP, field, "write '{example}' without brackets and braces", {"example": example}, line)
    if not fold_example(example):
        yield Finding(STOP, field, "'{example}' has no letter and no digit", {"example": example}, line)
    elif len(fold_example(example)) < 3:
        yield Finding(WARN, field, "'{example}' is too short to mean one thing", {"example": example}, line)
    if len(example) > EXAMPLE_LIMIT:
        text = "an example has {count} characters; a resident's question has {limit} at the most"
        yield Finding(STOP, field, text, {"count": len(example), "limit": EXAMPLE_LIMIT}, line)


def _check_source(content: Content) -> Iterator[Finding]:
    for language in LANGUAGES:
        if not content.sides[language].source_title:
            yield Finding(STOP, f"source_{language}", "the source's title is missing; every answer names its source")
    days: dict[str, dt.date] = {}
    for field in ("valid_from", "valid_to", "review_by"):
        value = getattr(content, field)
        try:
            days |= {field: dt.date.fromisoformat(value)} if value else {}
        except ValueError:
            yield Finding(STOP, field, "'{value}' is no date; write YYYY-MM-DD", {"value": value})
    if days.get("valid_from", dt.date.min) > days.get("valid_to", dt.date.max):
        yield Finding(STOP, "valid_to", "the answer ends to be valid before it begins")
    try:
        check_date(content.published)
    except ValueError:
        text = "the source's date is missing; write YYYY, YYYY-MM or YYYY-MM-DD"
        if content.published:
            text = "'{value}' is no date; write YYYY, YYYY-MM or YYYY-MM-DD"
        yield Finding(STOP, "published", text, {"value": content.published})
    if content.url is not None and not content.url.startswith(("https://", "http://")):
        yield Finding(STOP, "url", "'{value}' is no address; it begins with https://", {"value": content.url})
    if not _GROUP.fullmatch(content.group) or content.group in _RESERVED_GROUPS:
        text = "'{value}' cannot be a group; write small letters a–z, digits and _"
        yield Finding(STOP, "group", text, {"value": content.group})


def _check_links(content: Content, services: Collection[str], topics: Collection[str]) -> Iterator[Finding]:
    for field, ids, known in (("services", content.services, services), ("related", content.related, topics)):
        for id in ids:
            if known and id not in known:
                yield Finding(STOP, field, "there is no '{id}'; choose one that there is", {"id": id})


def _check_parity(content: Content) -> Iterator[Finding]:
    """Yield facts that one language's answer has and the other's has not: numbers, phones, links."""
    finders: tuple[tuple[str, Callable[[str], set[str]]], ...] = (
        ("the number {value} stands in the answer in {there} alone; make both say the same", _numbers),
        ("the address {value} stands in the answer in {there} alone; make both say the same", _links),
    )
    first, second = LANGUAGES
    if not content.sides[first].answer or not content.sides[second].answer:
        return
    for text, find in finders:
        found = {language: find(content.sides[language].answer) for language in LANGUAGES}
        for one, other in ((first, second), (second, first)):
            for value in sorted(found[one] - found[other]):
                yield Finding(WARN, f"answer_{other}", text, {"value": value, "there": one})
    counts = [len(content.sides[language].examples) for language in LANGUAGES]
    if min(counts) * 2 < max(counts) and max(counts) > MINIMUM_EXAMPLES:
        text = "{sv} examples in Swedish and {fi} in Finnish; both languages shall be understood alike"
        yield Finding(WARN, "examples", text, dict(zip(LANGUAGES, counts, strict=True)))


def _numbers(text: str) -> set[str]:
    """Return the numbers of a text, however they are written: `8.00` and `8`, `040 123` and `040123`."""
    plain = _LINK.sub(" ", text)
    found = (re.sub(r"[.:]00$", "", match.group()) for match in _NUMBER.finditer(plain))
    parts = (part for number in found for part in re.split(r"-", number))
    return {re.sub(r"\D", "", part).lstrip("0") or "0" for part in parts}


def _links(text: str) -> set[str]:
    """Return the addresses of a text; a page has another address in each language, its site has not."""
    found = (match.group().lower().rstrip(".,;") for match in _LINK.finditer(text))
    return {re.sub(r"^(?:https?://)?(?:www\.)?", "", link).split("/")[0] for link in found}
