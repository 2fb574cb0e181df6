"""The addresses of the console's pages."""

from __future__ import annotations

from aiohttp import web

from web.staff import conversation, figures, home, inbox, learning, review, unanswered
from web.staff.conversation import CONVERSATION
from web.staff.figure_scope import FIGURES, UNANSWERED
from web.staff.frame import PREFIX, staff_static_file
from web.staff.inbox import INBOX
from web.staff.learning import CANDIDATES, WISHES

ROUTES = [
    web.get(PREFIX, home.open_console),
    web.get(f"{PREFIX}/", home.show_home),
    web.get("/static/staff/{file}", staff_static_file),
    web.get(INBOX, inbox.show_inbox),
    web.post(f"{INBOX}/views", inbox.save_view),
    web.post(f"{INBOX}/views/{{id}}/delete", inbox.delete_view),
    web.get(CONVERSATION, conversation.show_conversation),
    web.get(f"{CONVERSATION}/next", conversation.show_next),
    web.post(f"{CONVERSATION}/messages/{{message}}/review", review.judge_answer),
    web.post(f"{CONVERSATION}/status", review.set_status),
    web.post(f"{CONVERSATION}/assign", review.assign),
    web.post(f"{CONVERSATION}/tags", review.add_tag),
    web.post(f"{CONVERSATION}/tags/remove", review.remove_tag),
    web.post(f"{CONVERSATION}/notes", review.add_note),
    web.get(CANDIDATES, learning.show_candidates),
    web.post(f"{CANDIDATES}/{{id}}", learning.decide_candidate),
    web.get(WISHES, learning.show_wishes),
    web.post(f"{WISHES}/{{id}}", learning.decide_wish),
    web.get(FIGURES, figures.show_figures),
    web.get(UNANSWERED, unanswered.show_unanswered),
]
