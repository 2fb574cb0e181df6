"""A whole conversation by keyboard alone: nothing in this file touches a mouse or sets the focus."""

from __future__ import annotations

import re

import pytest
from chats import DESKTOP, OTHER, PHONE, QUESTION, Browsing, Chat, say
from playwright.sync_api import expect

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
both = pytest.mark.parametrize("language", ["sv", "fi"])
sizes = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
MOST_STOPS = 80

UNSEEN = """
const box = active.getBoundingClientRect();
const rings = [active, ...active.parentElement.children].map((element) => getComputedStyle(element));
const ring = rings.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
const [x, y] = [box.x + box.width / 2, Math.min(Math.max(box.y + Math.min(box.height / 2, 20), 0), innerHeight - 1)];
const root = active.getRootNode();
const top = root.elementFromPoint(x, y);
const shown = top && (active.contains(top) || top.contains(active) || active.parentElement.contains(top));
const name = (active.getAttribute("aria-label") ?? active.textContent.trim()) || active.localName;
return ring && shown ? null : `${name}: ring ${ring}, covered by ${top?.className || top?.localName}`
"""


class Keys:
    """The resident's keyboard."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.press = chat.page.keyboard.press
        self.type = chat.page.keyboard.type

    def name(self) -> str:
        """What the focus is on."""
        return str(
            self.chat.focused(
                "return active.getAttribute('aria-label') "
                "?? (active.labels?.[0]?.textContent.trim() || active.textContent.trim())"
            )
        )

    def go(self, name: str, back: bool = False) -> None:
        """Move on until the focus stands on something of a name."""
        seen = []
        for _ in range(MOST_STOPS):
            if name in self.name():
                return
            seen.append(self.name())
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{name!r} cannot be reached; passed by {seen}")

    def open(self) -> None:
        """Open the chat in the corner, and wait for all that belongs to it."""
        self.use("Lotsi")
        expect(self.chat.field()).to_be_visible()

    def use(self, name: str, back: bool = False) -> None:
        """Move on to a button or link, and press it."""
        self.go(name, back)
        self.press("Enter")


@both
@sizes
def test_a_whole_conversation_needs_nothing_but_a_keyboard(
    open_chat: Browsing, language: str, viewport: dict[str, int]
) -> None:
    chat = open_chat(language, viewport, path="/demo")
    page, keys = chat.page, Keys(chat)
    other = OTHER[language]

    keys.open()
    keys.go(chat.say("question"))
    keys.type("första raden")
    keys.press("Shift+Enter")
    keys.type("andra raden")
    expect(chat.field()).to_have_value("första raden\nandra raden")
    keys.press("Control+A")
    keys.type(QUESTION[language])
    keys.press("Enter")
    expect(page.locator(".source")).to_be_visible()

    keys.go(chat.say("source"), back=True)
    keys.press("Enter")
    expect(page.locator(".source")).to_have_attribute("open", "")
    chip = page.locator(".chips button").first.inner_text()
    keys.use(chip)
    expect(chat.own()).to_have_count(2)
    expect(page.locator(".source")).to_have_count(2)

    keys.use(chat.say("no_help"), back=True)
    expect(page.locator(".reason:visible")).to_be_visible()
    keys.go(chat.say("reason"))
    keys.type("en länk")
    keys.press("Enter")
    expect(page.get_by_text(chat.say("thanks"))).to_be_visible()
    assert chat.stored()[-1]["feedback"] == "down"

    keys.use(chat.say("menu"), back=True)
    keys.use(chat.say("larger"))
    expect(page.locator(".size")).to_have_text("115 %")
    keys.press("Escape")
    expect(page.locator(".menu")).to_be_hidden()
    assert keys.name() == chat.say("menu")
    expect(page.locator(".panel")).to_be_visible()

    keys.go({"sv": "Suomi", "fi": "Svenska"}[language], back=True)
    keys.press("Space")
    chat.language = other
    expect(page.locator(".root")).to_have_attribute("lang", other)
    assert chat.focused("return active.dataset.language") == other
    expect(chat.own()).to_have_count(2)

    keys.use(chat.say("human"))
    expect(page.get_by_role("heading", name=chat.say("human_title"))).to_be_focused()
    keys.use(chat.say("join_queue"))
    chat.reach("waiting")
    keys.use(chat.say("leave_queue"), back=True)
    chat.reach("bot")

    keys.use(chat.say("menu"), back=True)
    keys.use(chat.say("end"))
    keys.use(chat.say("end_now"))
    chat.reach("ended")
    keys.go("1")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.go(chat.say("comment"))
    keys.type("bra")
    keys.use(chat.say("send_rating"))
    expect(page.locator(".ended").get_by_text(chat.say("thanks"))).to_be_visible()

    keys.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.locator(".launcher")).to_be_focused()


@both
def test_escape_goes_one_step_back_at_a_time(open_chat: Browsing, language: str) -> None:
    chat = open_chat(language, DESKTOP, path="/demo")
    keys = Keys(chat)
    keys.open()
    keys.use(chat.say("human"))
    keys.use(chat.say("menu"), back=True)
    keys.press("Escape")
    expect(chat.page.locator(".menu")).to_be_hidden()
    expect(chat.page.locator(".sheet")).to_be_visible()
    keys.press("Escape")
    expect(chat.page.locator(".sheet")).to_have_count(0)
    assert keys.name() == chat.say("human")
    keys.press("Escape")
    expect(chat.page.locator(".launcher")).to_be_focused()


def test_the_close_button_gives_the_focus_back(open_chat: Browsing) -> None:
    chat = open_chat("fi", DESKTOP, path="/demo")
    keys = Keys(chat)
    keys.open()
    keys.use(chat.say("close"), back=True)
    expect(chat.page.locator(".launcher")).to_be_focused()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_focus_leaves_a_corner_but_not_a_full_screen(open_chat: Browsing, viewport: dict[str, int]) -> None:
    chat = open_chat("sv", viewport, path="/demo")
    keys = Keys(chat)
    keys.open()
    inside = set()
    for _ in range(30):
        keys.press("Tab")
        inside.add(chat.focused("return Boolean(active.closest('.panel'))"))
    assert inside == ({True} if viewport is PHONE else {True, False})


@both
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_stop_shows_its_focus_and_is_not_covered(open_chat: Browsing, language: str, scheme: str) -> None:
    chat = open_chat(language, PHONE, path="/demo", color_scheme=scheme)
    keys = Keys(chat)
    keys.open()
    chat.ask(QUESTION[language])
    keys.use(chat.say("menu"), back=True)
    unseen = []
    for _ in range(45):
        keys.press("Tab")
        unseen.append(chat.focused(UNSEEN))
    assert [line for line in unseen if line] == []


def test_focus_and_writing_change_nothing_and_no_single_key_acts(open_chat: Browsing) -> None:
    chat = open_chat("sv", DESKTOP, path="/demo")
    calls: list[str] = []
    keys = Keys(chat)
    keys.open()
    expect(chat.page.locator(".log")).to_have_attribute("aria-live", "polite")  # the last that changes on opening
    state = "return document.querySelector('lotsi-chat').shadowRoot.querySelector('.root').outerHTML"
    chat.page.on("request", lambda request: calls.append(request.url))
    keys.go(chat.say("close"), back=True)
    before = chat.focused(state)
    for _ in range(12):
        keys.press("Tab")
    assert chat.focused(state) == before
    keys.go(chat.say("human"))
    for key in ("m", "?", "/", "h", "1"):
        keys.press(key)
    assert chat.focused(state) == before
    keys.go(chat.say("question"))
    keys.type("vad kostar det")
    expect(chat.own()).to_have_count(0)
    assert calls == []


@both
def test_order_follows_the_screen(open_chat: Browsing, language: str) -> None:
    chat = open_chat(language, PHONE)
    chat.ask(QUESTION[language])
    order = chat.page.evaluate("""() => [...document.querySelector("lotsi-chat").shadowRoot
      .querySelectorAll(".panel > *, .log > *, .foot > *, .composer .field > *")]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height)
      .filter((element, _, all) => !all.some((inner) => inner !== element && element.contains(inner)))
      .map((element) => [element.className, Math.round(element.getBoundingClientRect().top)])""")
    log = [top for name, top in order if "message" in name]
    assert log == sorted(log)
    assert re.search("header", order[0][0])
    assert order[-1][0] == "send"


def test_the_button_keeps_the_focus_while_the_texts_arrive(open_chat: Browsing) -> None:
    chat = open_chat("fi", DESKTOP, path="/demo")
    Keys(chat).go("Lotsi")
    chat.reach("bot")
    expect(chat.page.locator(".launcher")).to_be_focused()


def test_names_are_there_before_the_server_has_answered(open_chat: Browsing) -> None:
    chat = open_chat("fi", DESKTOP, path="/demo")
    expect(chat.page.get_by_role("button", name=re.compile(say("fi", "ask_here")))).to_be_visible()
    expect(chat.page.get_by_role("button", name=re.compile(say("fi", "opens_chat")))).to_be_visible()
