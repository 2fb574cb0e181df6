"""The addresses of the studio's pages of topics and knowledge."""

from __future__ import annotations

from aiohttp import web

from web.admin import editor, facts, history, reshaping, service, topics

ROUTES = [
    web.get(topics.TOPICS, topics.show_topics),
    web.post(f"{topics.TOPICS}/publish", topics.publish_answers),
    web.get(f"{topics.TOPICS}/new", editor.show_new),
    web.post(f"{topics.TOPICS}/new", editor.add_topic),
    web.post(f"{topics.TOPICS}/check", editor.check_form),
    web.get(editor.TOPIC, editor.show_topic),
    web.post(editor.TOPIC, editor.save_topic),
    web.get(history.HISTORY, history.show_history),
    web.post(history.HISTORY, history.restore_version),
    web.get(reshaping.RESHAPE, reshaping.show_reshaping),
    web.post(reshaping.RESHAPE, reshaping.reshape_topic),
    web.post(reshaping.UPLOAD, reshaping.upload_examples),
    web.post(reshaping.CANDIDATE, reshaping.accept_candidate),
    web.get(facts.KNOWLEDGE, facts.show_knowledge),
    web.get(service.SERVICE, service.show_service),
    web.post(service.SERVICE, service.save_service),
]
