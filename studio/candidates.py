"""Takes what counsellors have proposed, and an admin has accepted, into the topic's draft."""

from __future__ import annotations

from conversations.learning import Proposal
from knowledge.languages import as_language
from studio.errors import DraftChanged, TopicNotFound
from studio.topics import Topic, TopicStore

_ATTEMPTS = 5


def take_candidate(store: TopicStore, proposal: Proposal, actor: str) -> Topic | None:
    """Add an accepted wording to the examples of its topic.

    Args:
        store: The topics.
        proposal: A candidate that has been accepted.
        actor: Who accepted it.

    Returns:
        The topic, or None where there is no such topic any more; the wording stays with the accepted candidates.
    """
    language = as_language(proposal.language)
    if language is None or proposal.topic is None:
        return None
    for _ in range(_ATTEMPTS):
        try:
            topic = store.fetch(proposal.topic)
            if topic.newest.retired:
                return None
            own = topic.content.sides[language].examples
            content = topic.content.with_side(language, examples=(*own, str(proposal.text)))
            return store.save(topic.id, content, topic.version, actor, "accepted")
        except DraftChanged:  # somebody has saved meanwhile; an example can be added to theirs as well
            continue
        except TopicNotFound:
            return None
    return None
