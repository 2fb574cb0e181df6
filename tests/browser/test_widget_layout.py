"""Room and looks: the narrowest screen, zoom, text size and spacing, targets, dark colours, motion, forced colours."""

from __future__ import annotations

import re

import pytest
from chats import DESKTOP, EMERGENCY, NARROW, OTHER, PHONE, QUESTION, Browsing, Chat
from playwright.sync_api import expect

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
both = pytest.mark.parametrize("language", ["sv", "fi"])
ZOOMED = {"width": 320, "height": 200}
"""What 400 % leaves of 1280 × 800 px."""

TOO_WIDE = """() => {
  const root = document.querySelector("lotsi-chat").shadowRoot.querySelector(".root");
  return [document.documentElement, ...root.querySelectorAll("*")]
    .filter((element) => element === document.documentElement || element.checkVisibility())
    .filter((element) => !element.closest(".spoken, svg") && getComputedStyle(element).clipPath === "none")
    .filter((element) => element === document.documentElement
      ? element.scrollWidth > innerWidth
      : element.getBoundingClientRect().width && element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => `${element.className || element.localName}: ${element.getBoundingClientRect().right}`);
}"""
CUT_OFF = """() => [...document.querySelector("lotsi-chat").shadowRoot
    .querySelectorAll("p, li, a, button, label, h2, h3, h4")]
  .filter((element) => element.checkVisibility() && !element.closest(".spoken"))
  .filter((element) => getComputedStyle(element).clipPath === "none")
  .filter((element) => getComputedStyle(element).overflow !== "visible")
  .filter((element) => element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1)
  .map((element) => element.textContent.trim())"""
SMALL_TARGETS = """(least) => [...document.querySelector("lotsi-chat").shadowRoot
    .querySelectorAll("a, button, summary, textarea, input")]
  .filter((element) => element.checkVisibility() && !element.closest(".text, .channel-line"))
  .map((element) => [element.textContent.trim() || element.className, element.getBoundingClientRect()])
  .filter(([, box]) => box.width < least || box.height < least)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
FONT_SIZE = """() =>
  parseFloat(getComputedStyle(document.querySelector("lotsi-chat").shadowRoot.querySelector(".text")).fontSize)"""
SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }`);
  const shadow = document.querySelector("lotsi-chat").shadowRoot;
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
}"""
EDGES = """() => {
  const shadow = document.querySelector("lotsi-chat").shadowRoot;
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, alpha = 1] = rgb(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const light = (values) => values.slice(0, 3).map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const ratio = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  return [...shadow.querySelectorAll("textarea, .human-button, .send, .starters button, .chips button, .card, .thumb")]
    .filter((element) => element.checkVisibility())
    .map((element) => {
      const style = getComputedStyle(element);
      const around = ground(element.parentElement);
      const best = Math.max(ratio(rgb(style.borderTopColor), around), ratio(rgb(style.backgroundColor), around),
        element.matches(".thumb") ? ratio(rgb(style.color), around) : 0);
      return [element.className || element.localName, best];
    })
    .filter(([, best]) => best < 3)
    .map(([name, best]) => `${name}: ${best.toFixed(2)}`);
}"""


def fill(chat: Chat) -> None:
    """Put the widest things there are into the conversation."""
    chat.ask(EMERGENCY[chat.language])
    chat.ask("a" * 200)
    chat.ask(QUESTION[chat.language]).locator("summary").click()


def walk(chat: Chat) -> list[str]:
    """What leaves the screen sideways, in conversation, menu, human's sheet and at the end."""
    found = [f"log {line}" for line in chat.page.evaluate(TOO_WIDE)]
    chat.page.locator(".menu-button").click()
    found += [f"menu {line}" for line in chat.page.evaluate(TOO_WIDE)]
    chat.page.keyboard.press("Escape")
    chat.page.locator(".human-button").click()
    found += [f"human {line}" for line in chat.page.evaluate(TOO_WIDE)]
    chat.button("back").click()
    chat.end()
    return found + [f"ended {line}" for line in chat.page.evaluate(TOO_WIDE)]


@pytest.mark.parametrize(("language", "path"), [("sv", "/"), ("fi", "/demo")])
@pytest.mark.parametrize("viewport", [NARROW, ZOOMED], ids=["320px", "400-percent"])
def test_nothing_leaves_a_narrow_screen_sideways(
    open_chat: Browsing, language: str, path: str, viewport: dict[str, int]
) -> None:
    chat = open_chat(language, viewport, path=path)
    assert chat.page.evaluate(TOO_WIDE) == []
    if path == "/demo":
        chat.open()
    fill(chat)
    assert walk(chat) == []


@both
def test_at_400_percent_everything_can_still_be_reached(open_chat: Browsing, language: str) -> None:
    chat = open_chat.in_corner(language, ZOOMED)
    answer = chat.ask(QUESTION[language])
    for part in (answer.locator(".source"), chat.page.locator(".human-button"), chat.page.locator(".send")):
        part.scroll_into_view_if_needed()
        expect(part).to_be_in_viewport()
    chat.page.locator(".close").scroll_into_view_if_needed()
    chat.page.locator(".close").click()
    expect(chat.page.locator(".launcher")).to_be_in_viewport()


@both
def test_the_reader_doubles_the_text_and_nothing_is_cut(open_chat: Browsing, language: str) -> None:
    chat = open_chat.in_corner(language, PHONE)
    chat.ask(QUESTION[language])
    before = chat.page.evaluate(FONT_SIZE)
    chat.page.locator(".menu-button").click()
    larger = chat.page.get_by_role("button", name=chat.say("larger"))
    for _ in range(5):
        larger.click()
    expect(larger).to_have_attribute("aria-disabled", "true")
    chat.page.keyboard.press("Escape")
    assert chat.page.evaluate(FONT_SIZE) == 2 * before
    fill(chat)
    assert chat.page.evaluate(CUT_OFF) == []
    chat.page.reload()
    chat.open() if chat.page.locator(".launcher").is_visible() else None
    expect(chat.field()).to_be_visible()
    assert chat.page.evaluate(FONT_SIZE) == 2 * before
    assert walk(chat) == []


@both
def test_the_readers_own_text_size_counts_on_a_page_of_its_own(open_chat: Browsing, language: str) -> None:
    chat = open_chat(language, PHONE)
    chat.page.evaluate("document.documentElement.style.fontSize = '200%'")
    fill(chat)
    assert chat.page.evaluate(CUT_OFF) == []
    assert walk(chat) == []


@both
def test_wider_spacing_of_text_hides_nothing(open_chat: Browsing, language: str) -> None:
    chat = open_chat(language, PHONE)
    chat.page.evaluate(SPACING)
    fill(chat)
    assert chat.page.evaluate(CUT_OFF) == []
    assert walk(chat) == []


@both
@pytest.mark.parametrize(("viewport", "least"), [(PHONE, 44), (DESKTOP, 24)], ids=["touch", "mouse"])
def test_everything_to_press_is_large_enough(
    open_chat: Browsing, language: str, viewport: dict[str, int], least: int
) -> None:
    chat = open_chat(language, viewport, path="/demo")
    small = chat.page.evaluate(SMALL_TARGETS, least)
    chat.open()
    fill(chat)
    chat.page.locator(".thumb").last.click()
    small += chat.page.evaluate(SMALL_TARGETS, least)
    chat.page.locator(".menu-button").click()
    small += chat.page.evaluate(SMALL_TARGETS, least)
    chat.page.keyboard.press("Escape")
    chat.page.locator(".human-button").click()
    small += chat.page.evaluate(SMALL_TARGETS, least)
    chat.button("back").click()
    chat.end()
    small += chat.page.evaluate(SMALL_TARGETS, least)
    assert small == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_what_can_be_used_stand_out(open_chat: Browsing, scheme: str) -> None:
    chat = open_chat("sv", PHONE, color_scheme=scheme)
    assert chat.page.evaluate(EDGES) == []
    chat.ask(QUESTION["sv"])
    assert chat.page.evaluate(EDGES) == []


def test_dark_follows_the_system_and_the_attribute(open_chat: Browsing) -> None:
    chat = open_chat.in_corner("sv", PHONE, color_scheme="dark")
    root = chat.page.locator(".root")
    expect(root).to_have_attribute("data-theme", "dark")
    chat.page.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-theme", "light")
    chat.page.evaluate("document.querySelector('lotsi-chat').setAttribute('color-scheme', 'dark')")
    expect(root).to_have_attribute("data-theme", "dark")


def test_nothing_moves_for_whoever_wants_no_motion(open_chat: Browsing) -> None:
    moving = """() => document.querySelector("lotsi-chat").shadowRoot.getAnimations({ subtree: true }).length
      || [...document.querySelector("lotsi-chat").shadowRoot.querySelectorAll(".log > *, .dots i")]
        .filter((element) => getComputedStyle(element).animationName !== "none").length"""
    chat = open_chat("sv", PHONE)
    chat.ask(QUESTION["sv"])
    assert chat.page.evaluate(moving) == 0
    chat.page.emulate_media(reduced_motion="no-preference")
    assert chat.page.evaluate(moving) > 0


def test_colours_of_the_system_leave_every_button_an_edge(open_chat: Browsing) -> None:
    chat = open_chat("sv", PHONE, forced_colors="active")
    chat.ask(QUESTION["sv"])
    edgeless = """() => [...document.querySelector("lotsi-chat").shadowRoot.querySelectorAll("button")]
      .filter((element) => element.checkVisibility() && parseFloat(getComputedStyle(element).borderTopWidth) < 1)
      .map((element) => element.className)"""
    assert chat.page.evaluate(edgeless) == []


@both
def test_a_turned_phone_keeps_the_conversation(open_chat: Browsing, language: str) -> None:
    chat = open_chat.in_corner(language, PHONE)
    chat.ask(QUESTION[language])
    chat.page.set_viewport_size({"width": PHONE["height"], "height": PHONE["width"]})
    expect(chat.own()).to_have_count(1)
    chat.field().scroll_into_view_if_needed()
    expect(chat.field()).to_be_in_viewport()
    assert chat.page.evaluate(TOO_WIDE) == []


@both
def test_the_language_of_the_root_follows_the_switch(open_chat: Browsing, language: str) -> None:
    chat = open_chat.in_corner(language, PHONE)
    chat.ask(QUESTION[language])
    other = OTHER[language]
    chat.page.locator(f".languages [data-language={other}]").click()
    root = chat.page.locator(".root")
    expect(root).to_have_attribute("lang", other)
    expect(chat.page.locator("html")).to_have_attribute("lang", language)
    expect(chat.page.locator(".bot .text").last).to_have_attribute("lang", language)
    expect(chat.page.locator(f".languages [lang={language}]")).to_have_text(
        re.compile({"sv": "Svenska", "fi": "Suomi"}[language])
    )


def test_signs_and_words_tell_what_colour_tells(open_chat: Browsing) -> None:
    chat = open_chat("sv", PHONE)
    emergency = chat.ask(EMERGENCY["sv"])
    expect(emergency.locator(".alarm")).to_have_text(chat.say("help_now"))
    expect(emergency.locator(".alarm svg")).to_be_visible()
    answer = chat.ask(QUESTION["sv"])
    up = answer.locator(".thumb").first
    up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
    line = "element => getComputedStyle(element).textDecorationLine"
    assert answer.locator(".text a").first.evaluate(line) == "underline"
