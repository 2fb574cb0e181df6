"""The widget as a resident holds it: a page of a real browser, and what the server has got of it.

Playwright's locators reach into the open shadow root.
"""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, expect

from web.locales import load_catalogue
from web.widget_strings import STRINGS

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 568}
QUESTION = {"sv": "Vad är Hjälp-knappen?", "fi": "Mikä on Apua-nappi?"}
OTHER_QUESTION = {"sv": "Vilka digitala vårdvägar finns det?", "fi": "Mikä on digipolku?"}
EMERGENCY = {"sv": "jag har ont i bröstet och kan inte andas", "fi": "kova rintakipu, en saa henkeä"}
OTHER = {"sv": "fi", "fi": "sv"}
MESSAGES = re.compile(r"/api/v1/conversations/\w+/messages$")
MEANWHILE = 300
"""Milliseconds in which what has arrived would be drawn, if a press did not keep it from that."""

_ANSWERED = """(before) => {
  const log = document.querySelector("lotsi-chat").shadowRoot.querySelector(".log");
  const own = log.querySelectorAll(".resident");
  return own.length > before && (own[before].querySelector(".failure") || own[before].nextElementSibling);
}"""
_ACTIVE = """() => {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}"""


def say(language: str, key: str, **values: object) -> str:
    """A text of the widget, as the catalogue of a language has it."""
    return load_catalogue(language).gettext(STRINGS[key]).format(**{"name": "Lotsi", **values})


@dataclass
class Chat:
    """A page with the widget, with all that went wrong in it and every host that it asked."""

    page: Page
    url: str
    language: str
    problems: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    expected: tuple[str, ...] = ("Failed to load resource",)  # The browser's own line about a call that failed.

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda line: self.problems.append(line.text) if line.type == "error" else None)
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def check(self) -> None:
        """Nothing went wrong, and no other host was asked."""
        assert [problem for problem in self.problems if not problem.startswith(self.expected)] == []
        assert {host for host in self.hosts if host} <= {urlsplit(self.url).netloc}

    # The resident's hands

    def open(self) -> None:
        """Open the panel in the corner."""
        self.page.locator(".launcher").click()
        expect(self.field()).to_be_visible()

    def ask(self, text: str) -> Locator:
        """Write and send; return the answer, or the own message once sending it has failed."""
        own = self.page.locator(".resident")
        before = own.count()
        self.field().fill(text)
        self.field().press("Enter")
        self.page.wait_for_function(_ANSWERED, arg=before)
        failed = own.nth(before).locator(".failure").count()
        return own.nth(before) if failed else self.page.locator(".log > .bot").last

    def send(self, text: str) -> None:
        """Write and send, whatever comes of it."""
        self.field().fill(text)
        self.field().press("Enter")

    def button(self, key: str, **values: object) -> Locator:
        """The button of a text, by its key."""
        return self.page.get_by_role("button", name=self.say(key, **values), exact=True)

    def menu(self, key: str) -> None:
        """Choose from the menu."""
        self.page.locator(".menu-button").click()
        self.page.locator(".menu").get_by_role("button", name=self.say(key), exact=True).click()

    def join_queue(self) -> None:
        """Ask for a human being."""
        self.page.locator(".human-button").click()
        self.button("join_queue").click()
        self.reach("waiting")

    def end(self) -> None:
        """End the conversation."""
        self.menu("end")
        self.page.locator(".sheet .primary").click()
        self.reach("ended")

    # What is on the screen

    def say(self, key: str, **values: object) -> str:
        """A text of the widget in the language of this chat."""
        return say(self.language, key, **values)

    def reach(self, state: str) -> None:
        """Expect that the conversation comes into a state."""
        expect(self.page.locator(".root")).to_have_attribute("data-state", state)

    def field(self) -> Locator:
        """Where the resident writes."""
        return self.page.locator(".composer textarea")

    def own(self) -> Locator:
        """The resident's bubbles."""
        return self.page.locator(".resident .text")

    def focused(self, script: str = "return active") -> Any:
        """What a script returns for the element that has the focus (`active`), also within shadow roots."""
        return self.page.evaluate(f"() => {{ const active = ({_ACTIVE})(); {script}; }}")

    # What is kept of it

    def kept(self) -> dict[str, Any]:
        """What the tab keeps of the conversation."""
        return dict(json.loads(self.page.evaluate("sessionStorage.getItem(`lotsi:${location.origin}`)")))

    def call(self, method: str = "GET", path: str = "", **kept: str) -> Any:
        """Call the server as this tab could; `kept` where the tab knows nothing any more."""
        known = kept or self.kept()
        request = urllib.request.Request(
            f"{self.url}/api/v1/conversations/{known['id']}{path}",
            method=method,
            headers={"Authorization": f"Bearer {known['token']}"},
        )
        with urllib.request.urlopen(request) as response:
            text = response.read()
            return json.loads(text) if text else None

    def stored(self) -> list[dict[str, Any]]:
        """The conversation as the server holds it."""
        return list(self.call(path="/messages")["messages"])

    def resident_texts(self) -> list[str]:
        """What the server has got from the resident."""
        return [message["text"] for message in self.stored() if message["sender"] == "resident"]


class Browsing:
    """Opens pages, each in a browser profile of its own, and closes them."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self.opened: list[Chat] = []

    def new_page(self, viewport: dict[str, int] = PHONE, **options: Any) -> Page:
        """An empty page of a phone or of a desktop."""
        touch = viewport["width"] < 500
        values = {"has_touch": touch, "is_mobile": touch, "reduced_motion": "reduce", "accept_downloads": True}
        return self._browser.new_context(viewport=viewport, **{**values, **options}).new_page()

    def __call__(
        self,
        language: str = "sv",
        viewport: dict[str, int] = PHONE,
        at: str = "",
        path: str = "/",
        **options: Any,
    ) -> Chat:
        """Open the chat: `/` is a page of its own, `/demo` has it in its corner."""
        chat = Chat(self.new_page(viewport, **options), at or self._url, language)
        self.opened.append(chat)
        chat.page.goto(f"{chat.url}{path}?lang={language}")
        if options.get("java_script_enabled", True):
            expect(chat.field() if path == "/" else chat.page.locator(".launcher")).to_be_visible()
        return chat

    def in_corner(self, language: str = "sv", viewport: dict[str, int] = PHONE, at: str = "", **options: Any) -> Chat:
        """Open the chat in the corner of a county's page."""
        chat = self(language, viewport, at, "/demo", **options)
        chat.open()
        return chat

    def close(self) -> None:
        """Close all pages, then see whether anything went wrong in them."""
        for chat in self.opened:
            chat.page.unroute_all(behavior="ignoreErrors")
            chat.page.context.close()
        for chat in self.opened:
            chat.check()
