"""What is the resident's own: saving, copying, erasing, reloading; and several tabs of one conversation."""

from __future__ import annotations

import io
import json
import urllib.error
from typing import Any

import pytest
from chats import DESKTOP, OTHER_QUESTION, PHONE, QUESTION, Browsing, Chat
from playwright.sync_api import expect
from pypdf import PdfReader

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
both = pytest.mark.parametrize("language", ["sv", "fi"])
pairs = pytest.mark.parametrize(
    ("language", "viewport"), [("sv", PHONE), ("fi", DESKTOP)], ids=["sv-phone", "fi-desktop"]
)


def save(chat: Chat, format: str) -> bytes:
    """Save from the menu; return the file."""
    chat.page.locator(".menu-button").click()
    with chat.page.expect_download() as waiting:
        chat.page.locator(f".menu [data-format={format}]").click()
    download = waiting.value
    assert download.suggested_filename.endswith(f".{format}")
    expect(chat.page.locator(".toast")).to_have_text(chat.say("saved"))
    return download.path().read_bytes()


def second_tab(chat: Chat) -> Chat:
    """The same conversation in another tab, as a browser that duplicates a tab opens it."""
    page = chat.page.context.new_page()
    page.add_init_script(f"sessionStorage.setItem(`lotsi:${{location.origin}}`, {json.dumps(json.dumps(chat.kept()))})")
    other = Chat(page, chat.url, chat.language)
    page.goto(chat.page.url)
    expect(other.own()).to_have_count(chat.own().count())
    return other


@pairs
def test_the_exchange_can_be_saved_in_each_format(open_chat: Browsing, language: str, viewport: dict[str, int]) -> None:
    chat = open_chat.in_corner(language, viewport)
    answer = chat.ask(QUESTION[language]).locator(".text").inner_text()
    words = answer.split(".")[0]
    text = save(chat, "txt").decode()
    assert QUESTION[language] in text
    assert words in text
    page = save(chat, "html").decode()
    assert f'<html lang="{language}"' in page
    assert QUESTION[language] in page
    assert "<script" not in page
    pdf = save(chat, "pdf")
    read = " ".join("".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages).split())
    assert QUESTION[language] in read
    assert QUESTION[language] in json.dumps(json.loads(save(chat, "json")), ensure_ascii=False)


def test_an_ended_conversation_can_still_be_saved(open_chat: Browsing) -> None:
    chat = open_chat()
    chat.ask(QUESTION["sv"])
    chat.end()
    assert QUESTION["sv"] in save(chat, "txt").decode()


def test_without_a_network_the_text_on_the_screen_is_saved(open_chat: Browsing) -> None:
    chat = open_chat()
    chat.ask(QUESTION["sv"])
    chat.page.context.set_offline(True)
    assert QUESTION["sv"] in save(chat, "txt").decode()
    chat.page.locator(".menu-button").click()
    chat.page.locator(".menu [data-format=pdf]").click()
    expect(chat.page.locator(".toast")).to_have_text(chat.say("not_saved"))


def test_the_conversation_can_be_copied(open_chat: Browsing) -> None:
    chat = open_chat(permissions=["clipboard-read", "clipboard-write"])
    chat.ask(QUESTION["sv"])
    chat.menu("copy")
    expect(chat.page.locator(".toast")).to_have_text(chat.say("copied"))
    copied = chat.page.evaluate("navigator.clipboard.readText()")
    assert f"{chat.say('you')}: {QUESTION['sv']}" in copied


@both
def test_erasing_asks_first_and_leaves_nothing(open_chat: Browsing, language: str) -> None:
    chat = open_chat.in_corner(language, PHONE)
    chat.ask(QUESTION[language])
    known = chat.kept()
    chat.menu("erase")
    expect(chat.page.get_by_role("heading", name=chat.say("erase_title"))).to_be_focused()
    chat.button("keep").click()
    assert chat.resident_texts() == [QUESTION[language]]
    chat.menu("erase")
    chat.page.locator(".sheet .danger").click()
    expect(chat.page.locator(".notice")).to_have_text(chat.say("erased"))
    expect(chat.own()).to_have_count(0)
    assert chat.kept()["token"] is None
    with pytest.raises(urllib.error.HTTPError, match="404"):
        chat.call(path="/messages", id=known["id"], token=known["token"])
    expect(chat.ask(QUESTION[language]).locator(".source")).to_be_visible()


def test_starting_over_leaves_the_screen_empty_and_begins_a_new_conversation(open_chat: Browsing) -> None:
    chat = open_chat()
    chat.ask(QUESTION["sv"])
    before = chat.kept()["id"]
    chat.menu("start_over")
    chat.page.locator(".sheet .primary").click()
    expect(chat.own()).to_have_count(0)
    expect(chat.page.locator(".starters")).to_be_visible()
    chat.ask(OTHER_QUESTION["sv"])
    assert chat.kept()["id"] != before


@pairs
def test_a_reload_keeps_conversation_and_judgement(
    open_chat: Browsing, language: str, viewport: dict[str, int]
) -> None:
    chat = open_chat(language, viewport)
    chat.ask(QUESTION[language]).locator(".thumb").first.click()
    expect(chat.page.get_by_text(chat.say("thanks"))).to_be_visible()
    shown = chat.page.locator(".log .text").all_inner_texts()
    chat.page.reload()
    expect(chat.page.locator(".log .text")).to_have_text(shown, use_inner_text=True)
    expect(chat.page.locator(".thumb").first).to_have_attribute("aria-pressed", "true")


def test_two_tabs_show_the_same_conversation(open_chat: Browsing) -> None:
    chat = open_chat()
    chat.ask(QUESTION["sv"])
    other = second_tab(chat)
    other.ask(OTHER_QUESTION["sv"])
    expect(chat.own()).to_have_text([QUESTION["sv"], OTHER_QUESTION["sv"]])
    expect(chat.page.locator(".bot .source")).to_have_count(2)
    chat.ask("tack")
    expect(other.own()).to_have_text([QUESTION["sv"], OTHER_QUESTION["sv"], "tack"])
    assert len(chat.resident_texts()) == 3
    other.check()


@both
def test_what_another_tab_erased_is_gone_here_too(open_chat: Browsing, language: str) -> None:
    chat = open_chat(language)
    chat.ask(QUESTION[language])
    other = second_tab(chat)
    other.menu("erase")
    other.page.locator(".sheet .danger").click()
    expect(other.own()).to_have_count(0)
    expect(chat.own()).to_have_count(0)
    expect(chat.page.locator(".notice")).to_have_text(chat.say("erased"))
    expect(chat.ask(QUESTION[language]).locator(".source")).to_be_visible()


def test_what_another_device_erased_while_one_waited_is_said_live(open_chat: Browsing) -> None:
    chat = open_chat()
    chat.ask(QUESTION["sv"])
    with chat.page.expect_response("**/events"):  # Whoever follows only later hears that there is nothing any more.
        chat.join_queue()
    chat.call("DELETE")
    expect(chat.page.locator(".notice")).to_have_text(chat.say("erased"))
    chat.reach("bot")
    expect(chat.own()).to_have_count(0)


@both
def test_a_stale_key_leads_calmly_to_a_new_conversation(open_chat: Browsing, language: str) -> None:
    chat = open_chat(language)
    chat.ask(QUESTION[language])
    chat.page.evaluate("""() => {
      const key = `lotsi:${location.origin}`;
      sessionStorage.setItem(key, JSON.stringify({ ...JSON.parse(sessionStorage.getItem(key)), token: "stale" }));
    }""")
    chat.page.reload()
    expect(chat.page.locator(".notice")).to_have_text(chat.say("expired"))
    expect(chat.ask(QUESTION[language]).locator(".source")).to_be_visible()
    assert chat.resident_texts() == [QUESTION[language]]


@both
def test_a_message_to_an_ended_conversation_can_go_into_a_new_one(open_chat: Browsing, language: str) -> None:
    chat = open_chat(language)
    chat.ask(QUESTION[language])
    chat.call("POST", "/end")
    failed = chat.ask(OTHER_QUESTION[language])
    expect(failed.locator(".failure")).to_contain_text(chat.say("conversation_over"))
    failed.get_by_role("button", name=chat.say("send_anew")).click()
    expect(chat.page.locator(".bot .source")).to_be_visible()
    assert chat.resident_texts() == [OTHER_QUESTION[language]]


@both
def test_a_rating_with_a_comment_is_thanked_for_once(open_chat: Browsing, language: str) -> None:
    chat = open_chat(language)
    chat.ask(QUESTION[language])
    chat.end()
    ended = chat.page.locator(".ended")
    chat.button("send_rating").click()
    expect(ended.get_by_role("radio").first).to_be_focused()
    fourth = ended.get_by_role("radio").nth(3)
    expect(fourth).to_have_accessible_name(chat.say("stars", count=4))
    fourth.check(force=True)
    ended.get_by_label(chat.say("comment")).fill("Bra")
    chat.button("send_rating").click()
    expect(ended.get_by_text(chat.say("thanks"))).to_be_visible()
    chat.page.reload()
    expect(ended.get_by_text(chat.say("thanks"))).to_be_visible()
    expect(ended.get_by_role("radio")).to_have_count(0)


def test_nothing_is_kept_outside_the_tab(open_chat: Browsing) -> None:
    chat = open_chat()
    chat.ask(QUESTION["sv"])
    kept: dict[str, Any] = chat.page.evaluate(
        """async () => ({ local: localStorage.length, cookie: document.cookie,
          bases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
          keys: Object.keys(sessionStorage) })"""
    )
    assert kept | {"keys": []} == {"local": 0, "cookie": "", "bases": 0, "caches": 0, "keys": []}
    assert [key.split(":")[0] for key in kept["keys"]] == ["lotsi"]
    assert chat.page.context.cookies() == []
