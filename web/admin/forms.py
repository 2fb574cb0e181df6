"""Between a topic and the fields of its form: what somebody typed becomes a `Content`, and the other way round."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from knowledge.languages import LANGUAGES
from studio.content import Content, Side

_SIDES = ("title", "answer", "aliases", "source_title", "publisher", "examples")
_WHOLE = ("group", "published", "url", "valid_from", "valid_to", "review_by", "related", "services")


def read_topic_form(form: Mapping[str, str], before: Content | None = None) -> Content:
    """Return the topic that a form describes.

    Args:
        form: The fields; `title_sv` and the like, examples and aliases one a line, ids apart by commas.
        before: The topic whose other values stay: document, paragraphs, facts, the source's language.
    """
    content = before or Content({language: Side() for language in LANGUAGES})
    for language in LANGUAGES:
        values = {name: form.get(f"{name}_{language}", "") for name in _SIDES}
        content = content.with_side(
            language,
            **{name: values[name] for name in ("title", "answer", "source_title", "publisher")},
            examples=tuple(values["examples"].splitlines()),
            aliases=tuple(re.split(r"[\n;,]", values["aliases"])),
        )
    plain = {name: form.get(name, "") for name in _WHOLE if name not in ("related", "services", "url")}
    optional = {name: value or None for name, value in plain.items() if name in ("valid_from", "valid_to", "review_by")}
    return replace(
        content,
        group=plain["group"],
        published=plain["published"],
        url=form.get("url") or None,
        related=_ids(form.get("related", "")),
        services=_ids(form.get("services", "")),
        valid_from=optional["valid_from"],
        valid_to=optional["valid_to"],
        review_by=optional["review_by"],
    ).normalised()


def fill_topic_form(content: Content) -> dict[str, str]:
    """Return the fields of the form as the page shows them."""
    fields = {name: str(getattr(content, name) or "") for name in _WHOLE}
    fields |= {"related": ", ".join(content.related), "services": ", ".join(content.services)}
    for language, side in content.sides.items():
        fields |= {f"{name}_{language}": str(getattr(side, name)) for name in _SIDES}
        fields[f"examples_{language}"] = "\n".join(side.examples)
        fields[f"aliases_{language}"] = ", ".join(side.aliases)
    return fields


def _ids(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[\s,;]+", text) if part)
