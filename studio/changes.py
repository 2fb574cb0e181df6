"""Changes of several topics at once: rename, merge, move examples. All of one is kept, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from knowledge.languages import LANGUAGES, Language
from studio.content import Content, Side
from studio.errors import TopicNotFound
from studio.topics import Topic, TopicStore


def rename_topic(store: TopicStore, id: str, new_id: str, version: int, actor: str) -> Topic:
    """Give a topic another id. The old one leads to the new one: in other topics' next questions, in what models are
    measured on, and for as long as the live model knows the old one.

    Raises:
        TopicNotFound, TopicExists, TopicRefused, DraftChanged: As of `TopicStore`; nothing has changed then.
    """
    with store.transaction() as change:
        topic = _living(change.read(id, version))
        renamed = change.add(new_id, topic.content, actor, "renamed", id)
        change.retire(topic, actor, new_id, "renamed")
        return renamed


def merge_topics(store: TopicStore, id: str, target: str, versions: tuple[int, int], actor: str) -> Topic:
    """Let one topic take another's examples, aliases and place; its answer stays as it is.

    Args:
        store: The topics.
        id: The topic that goes.
        target: The one that stays.
        versions: The newest versions of both that the caller has seen.
        actor: Whose change it is.

    Returns:
        The one that stays.
    """
    with store.transaction() as change:
        gone, kept = change.read(id, versions[0]), _living(change.read(target, versions[1]))
        content = kept.content
        for language in LANGUAGES:
            own, other = content.sides[language], gone.content.sides[language]
            aliases = (*own.aliases, other.title, *other.aliases)
            content = content.with_side(language, examples=(*own.examples, *other.examples), aliases=aliases)
        if content.document == gone.content.document:
            paragraphs = sorted({*content.paragraphs, *gone.content.paragraphs})
            content = replace(content, paragraphs=tuple(paragraphs))
        merged = change.save(kept, content, actor, "merged", id)
        change.retire(gone, actor, target, "merged")
        return merged


def move_examples(
    store: TopicStore,
    id: str,
    target: str,
    examples: Mapping[Language, Collection[str]],
    version: int,
    actor: str,
    titles: Mapping[Language, str] | None = None,
) -> Topic:
    """Split a topic: move some of its examples to another topic, or to a new one whose answer is still to be written.

    Args:
        store: The topics.
        id: The topic that the examples stand in.
        target: Where they go.
        examples: Those that go, by language.
        version: The newest version of `id` that the caller has seen.
        actor: Whose change it is.
        titles: The new topic's titles by language, where `target` is new.

    Returns:
        The topic that they have gone to.
    """
    with store.transaction() as change:
        topic = change.read(id, version)
        left = topic.content
        moved: dict[Language, tuple[str, ...]] = {}
        for language in LANGUAGES:
            own = left.sides[language].examples
            moved[language] = tuple(item for item in own if item in examples.get(language, ()))
            left = left.with_side(language, examples=tuple(item for item in own if item not in moved[language]))
        change.save(topic, left, actor, "split", target)
        if titles is not None:
            return change.add(target, _begin(topic.content, moved, titles), actor, "split", id)
        other = _living(change.read(target))
        content = other.content
        for language in LANGUAGES:
            content = content.with_side(language, examples=(*content.sides[language].examples, *moved[language]))
        return change.save(other, content, actor, "split", id)


def _living(topic: Topic) -> Topic:
    """Return a topic that can take something up; to give a retired one examples would bring it back unasked."""
    if topic.newest.retired:
        raise TopicNotFound(f"'{topic.id}' is retired; choose a topic that is there")
    return topic


def _begin(content: Content, examples: Mapping[Language, tuple[str, ...]], titles: Mapping[Language, str]) -> Content:
    sides = {
        language: Side(
            title=titles[language],
            examples=examples[language],
            source_title=content.sides[language].source_title,
            publisher=content.sides[language].publisher,
            source_language=content.sides[language].source_language,
        )
        for language in LANGUAGES
    }
    return Content(
        sides,
        content.group,
        published=content.published,
        url=content.url,
        services=content.services,
        valid_from=content.valid_from,
        valid_to=content.valid_to,
    )
