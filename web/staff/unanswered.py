"""`/staff/figures/unanswered`: what was asked and is not in the documents, in groups of what is alike."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from aiohttp import web

from conversations.figures.unanswered import EXAMPLES, Group, Unanswered, fetch_unanswered
from knowledge.languages import Language
from web import keys
from web.auth.access import requires
from web.locales import load_catalogue
from web.staff.figure_cells import Cell, Column, Table, text
from web.staff.figure_files import read_format, write_file
from web.staff.figure_scope import Wish, frame_values, read_wish
from web.staff.figures import record
from web.staff.frame import read_language, render_staff_page
from web.staff.inbox import INBOX
from web.staff.topics import load_topics
from web.staff.words import load_words

_SHOWN = 40
"""Groups on the page; a file has them all."""


@requires("counsellor")
async def show_unanswered(request: web.Request) -> web.Response:
    """Show the groups with examples in residents' words, or give them as a file."""
    app, language, format = request.app, read_language(request), read_format(request)
    topics = await asyncio.to_thread(load_topics, app[keys.KNOWLEDGE])
    wish = read_wish({**request.query, "topic": ""}, topics)
    found = await asyncio.to_thread(fetch_unanswered, app[keys.ENGINE], wish.scope)
    if format:
        answer = write_file(request, format, {"unanswered": _table(found, language)}, wish)
        await record(request, "unanswered.exported", wish)
        return answer
    await record(request, "unanswered.read", wish)
    return render_staff_page(
        request,
        "unanswered.html",
        found=found,
        groups=[(group, _search(group, wish)) for group in found.groups[:_SHOWN]],
        **frame_values(wish, topics, language),
    )


def _search(group: Group, wish: Wish) -> str:
    """Return where the conversations of a group are found; empty where no word finds them."""
    if not group.word:
        return ""
    period = wish.scope.period
    # A conversation counts in the inbox on the day of its last message, which may be after the question.
    view = {"text": group.word, "status": "all", "since": str(period.first), "reason": "dont_know"}
    return f"{INBOX}?{urlencode(view)}"


def _table(found: Unanswered, language: Language) -> Table:
    _ = load_catalogue(language).gettext
    example = _("Example")
    columns = (
        *(Column("language", _("Language"), False), Column("word", _("Word"), False), Column("size", _("Questions"))),
        *(Column(f"example_{place}", f"{example} {place}", False) for place in range(1, EXAMPLES + 1)),
    )
    names = load_words(language).languages
    rows = []
    for group in found.groups:
        examples = [*group.examples, *[""] * EXAMPLES][:EXAMPLES]
        rows.append((text(names[group.language]), text(group.word), Cell(group.size), *map(text, examples)))
    return Table("unanswered", _("Asked, and not in the documents"), columns, tuple(rows))
