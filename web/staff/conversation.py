"""`/staff/conversations/{id}`: one conversation with all that is known of it, and the way to the next one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import uuid4

from aiohttp import web

from conversations.attention import Turn, split_turns
from conversations.errors import ConversationNotFound
from conversations.records import Message
from conversations.reviews import VERDICTS, Dossier, Review
from knowledge.languages import Language
from web import keys
from web.auth.access import requires
from web.staff.filters import parse_view, write_view
from web.staff.frame import read_language, render_staff_page
from web.staff.inbox import INBOX, fetch_next_address, fetch_people
from web.staff.topics import load_topics
from web.staff.words import load_words

CONVERSATION = "/staff/conversations/{id}"
_RUNNERS_UP = 3
_LEAST_SHARE = 0.005
"""Below it a runner-up would be shown with 0 %."""


@dataclass(frozen=True)
class Exchange:
    """A resident's message, what was said to it, and a counsellor's judgement; the opening has no question."""

    question: Message | None
    answers: tuple[Message, ...]
    review: Review | None
    runners_up: tuple[tuple[str, float], ...]


@requires("counsellor")
async def show_conversation(request: web.Request) -> web.Response:
    """Show a conversation; that it was read is recorded."""
    return await render_conversation(request)


@requires("counsellor")
async def show_next(request: web.Request) -> web.Response:
    """Go on to the next conversation of the view; from one that has been erased, to the inbox."""
    raise web.HTTPSeeOther(await find_next(request, request.query.get("view", "")))


async def find_next(request: web.Request, query: str) -> str:
    """Return the address of the conversation after this one.

    Args:
        request: Of a page of this conversation.
        query: The view that it is read in.
    """
    inbox, id = request.app[keys.INBOX], request.match_info["id"]
    try:
        entry = await asyncio.to_thread(inbox.fetch_entry, id)
    except ConversationNotFound:
        return f"{INBOX}?{write_view({**parse_view(query), 'erased': '1'})}"
    topics = await asyncio.to_thread(load_topics, request.app[keys.KNOWLEDGE])
    return await asyncio.to_thread(fetch_next_address, request, entry.place, query, topics)


async def render_conversation(
    request: web.Request, status: int = 200, problem: str = "", query: str | None = None, kept: str = ""
) -> web.Response:
    """Return the page.

    Args:
        request: Of a counsellor.
        status: The response's status.
        problem: What was not taken, and why: `changed`, `note`, `tag`, `topic`, `verdict`, `person`.
        query: The view that it is read in; the address's if left out.
        kept: What was written in the field that was not taken.

    Raises:
        ConversationNotFound: It has been erased.
    """
    app, user, language = request.app, request[keys.USER], read_language(request)
    found = await asyncio.to_thread(app[keys.REVIEWS].read, request.match_info["id"], user.id)
    topics = await asyncio.to_thread(load_topics, app[keys.KNOWLEDGE])
    view = write_view(parse_view(request.query.get("view", "") if query is None else query))
    words = load_words(language)
    everybody = await asyncio.to_thread(app[keys.USERS].fetch_all)
    return render_staff_page(
        request,
        "conversation.html",
        status,
        found=found,
        entry=found.entry,
        exchanges=_exchanges(found),
        words=words,
        topics=topics,
        choices=topics.choices(language),
        tags=await asyncio.to_thread(app[keys.REVIEWS].fetch_tags),
        people=await asyncio.to_thread(fetch_people, request),
        names={other.id: other.display_name for other in everybody},
        verdicts=VERDICTS,
        view=view,
        problem=problem,
        kept=kept,
        key=uuid4().hex,
        done=request.query.get("done", ""),
        name_intent=lambda intent: topics.titles[language].get(intent) or words.intents.get(intent, intent),
        percent=lambda share: _percent(share, language),
        address=CONVERSATION.format(id=found.conversation.id),
    )


def _exchanges(found: Dossier) -> list[Exchange]:
    opening: list[Message] = []
    for message in found.messages:
        if message.sender == "resident":
            break
        opening.append(message)
    exchanges = [Exchange(None, tuple(opening), None, ())] if opening else []
    rest = found.messages[len(opening) :]
    return exchanges + [_exchange(turn, found) for turn in _split(rest)]


def _split(messages: tuple[Message, ...]) -> list[Turn]:
    """Split into turns; notices are shown too, where they came."""
    turns = list(split_turns(messages))
    starts = [place for place, message in enumerate(messages) if message.sender == "resident"]
    ends = [*starts[1:], len(messages)]
    return [
        Turn(turn.question, messages[start + 1 : end]) for turn, start, end in zip(turns, starts, ends, strict=True)
    ]


def _exchange(turn: Turn, found: Dossier) -> Exchange:
    question = turn.question
    if not isinstance(question, Message):
        raise TypeError("a stored message was expected")
    others = [(str(item["intent"]), float(item["confidence"])) for item in question.ranking]
    runners_up = [item for item in others if item[0] != question.predicted and item[1] >= _LEAST_SHARE][:_RUNNERS_UP]
    answers = tuple(answer for answer in turn.answers if isinstance(answer, Message))
    return Exchange(question, answers, found.reviews.get(question.id), tuple(runners_up))


def _percent(share: float | None, language: Language) -> str:
    return "–" if share is None else f"{share * 100:.0f}\u00a0%"
