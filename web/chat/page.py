"""`/`: the chat as a page of its own, and `/demo`: the widget on a page such as a county's. Both in both languages."""

from __future__ import annotations

from aiohttp import web

from web.auth.access import public
from web.locales import preferred_language
from web.pages import render_page


@public
async def chat_page(request: web.Request) -> web.Response:
    """Show the chat. Nothing is stored for it: a conversation begins with the resident's first message."""
    return _page(request, "chat.html")


@public
async def demo_page(request: web.Request) -> web.Response:
    """Show a page of an invented county's site with the widget in its corner."""
    return _page(request, "demo.html")


def _page(request: web.Request, template: str) -> web.Response:
    response = render_page(template, preferred_language(request))
    response.headers["Vary"] = "Accept-Language"
    return response
