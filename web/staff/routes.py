"""The addresses of the console's pages."""

from __future__ import annotations

from aiohttp import web

from web.staff import (
    audit,
    callbacks,
    conversation,
    figures,
    home,
    inbox,
    learning,
    live,
    live_events,
    presence,
    queue,
    review,
    unanswered,
)
from web.staff.audit import AUDIT
from web.staff.callbacks import CALLBACK, CALLBACKS
from web.staff.conversation import CONVERSATION
from web.staff.figure_scope import FIGURES, UNANSWERED
from web.staff.frame import PREFIX, staff_static_file
from web.staff.inbox import INBOX
from web.staff.learning import CANDIDATES, WISHES
from web.staff.presence import PRESENCE, QUEUE_PAGE
from web.staff.queue import LIVE

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
    web.get(QUEUE_PAGE, queue.show_queue),
    web.get(f"{QUEUE_PAGE}/rows", queue.show_rows),
    web.get(f"{QUEUE_PAGE}/state", queue.read_state),
    web.get(f"{QUEUE_PAGE}/events", queue.stream_queue, allow_head=False),
    web.post(f"{QUEUE_PAGE}/{{id}}/take", queue.take_over),
    web.post(PRESENCE, presence.beat),
    web.post(f"{PRESENCE}/status", presence.set_status),
    web.get(LIVE, live.show_live),
    web.get(f"{LIVE}/events", live_events.stream_live, allow_head=False),
    web.get(f"{LIVE}/messages", live_events.read_messages),
    web.get(f"{LIVE}/suggestions", live.show_suggestions),
    web.post(f"{LIVE}/messages", live.send_message),
    web.post(f"{LIVE}/typing", live_events.tell_typing),
    web.post(f"{LIVE}/suggestions", live.send_suggestion),
    web.post(f"{LIVE}/hand-back", live.hand_back),
    web.post(f"{LIVE}/transfer", live.transfer),
    web.post(f"{LIVE}/close", live.close),
    web.get(CALLBACKS, callbacks.show_callbacks),
    web.get(CALLBACK, callbacks.show_callback),
    web.post(f"{CALLBACK}/claim", callbacks.claim),
    web.post(f"{CALLBACK}/release", callbacks.release),
    web.post(f"{CALLBACK}/report", callbacks.report),
    web.get(FIGURES, figures.show_figures),
    web.get(AUDIT, audit.show_audit),
    web.post(f"{AUDIT}/verify", audit.verify_audit),
    web.get(UNANSWERED, unanswered.show_unanswered),
]
