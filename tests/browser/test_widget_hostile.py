"""Pages and input that mean no good: strict policies, odd style sheets, frames without storage, pasted pictures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from chats import DESKTOP, PHONE, QUESTION, Browsing, Chat
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
both = pytest.mark.parametrize("language", ["sv", "fi"])

STRICT = (
    "default-src 'none'; script-src {server}; connect-src {server}; require-trusted-types-for 'script'; trusted-types"
)
"""Nothing but what docs/widget.md asks a web team to allow."""
PLACES = """() => {
  const shadow = document.querySelector("lotsi-chat").shadowRoot;
  const look = (selector) => {
    const element = shadow.querySelector(selector);
    const { display, fontSize, color, backgroundColor, direction, textAlign, position, letterSpacing, textTransform }
      = getComputedStyle(element);
    const { x, y, width, height } = element.getBoundingClientRect();
    return [selector, display, fontSize, color, backgroundColor, direction, textAlign, position, letterSpacing,
      textTransform, ...[x, y, width, height].map(Math.round)];
  };
  return [".panel", ".header", ".title", ".duty", ".answer", ".human-button", "textarea", ".send"].map(look);
}"""
PASTE = """(field) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array([137, 80, 78, 71])], "bild.png", { type: "image/png" }));
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true, composed: true });
  field.dispatchEvent(event);
  return event.defaultPrevented;
}"""
WIDGET = '<lotsi-chat lang="{language}" open></lotsi-chat>'

Host = Callable[..., str]


@pytest.fixture(scope="module")
def host(server: Any) -> Iterator[Host]:
    """A site of somebody else's, on an origin of its own: pages by path, each with a policy."""
    pages: dict[str, tuple[str, str]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page, policy = pages.get(self.path, ("", ""))
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    site = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()

    def put(body: str, policy: str = "", head: str = "", html: str = '<html lang="sv">') -> str:
        address = f"/{len(pages)}.html"
        script = f'<script src="{server.url}/widget.js" defer></script>'
        page = f'<!doctype html>{html}<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        page += f"<title>Värd</title>{head}{script}</head><body>{body}</body></html>"
        pages[address] = (page, policy.format(server=server.url))
        return f"http://127.0.0.1:{site.server_port}{address}"

    yield put
    site.shutdown()
    site.server_close()


@pytest.fixture
def visit(browser: Browser, server: Any) -> Iterator[Callable[..., Chat]]:
    """Open somebody else's page; in the end there may be no error on it."""
    browsing = Browsing(browser, server.url)

    def go(address: str, language: str = "sv", viewport: dict[str, int] = DESKTOP, ready: bool = True) -> Chat:
        chat = Chat(browsing.new_page(viewport), server.url, language)
        browsing.opened.append(chat)
        chat.page.goto(address)
        if ready:
            expect(chat.field()).to_be_visible()
        return chat

    yield go
    for chat in browsing.opened:
        chat.page.context.close()
        assert [problem for problem in chat.problems if not problem.startswith(chat.expected)] == []
        assert len({host.rpartition(":")[2] for host in chat.hosts if host}) <= 2  # Theirs and ours.


class TestPages:
    undisturbed: ClassVar[list[Any]] = []
    """How the widget looks on a page that does nothing to it."""

    @both
    def test_a_strict_policy_is_enough(self, visit: Callable[..., Chat], host: Host, language: str) -> None:
        chat = visit(host(WIDGET.format(language=language), STRICT), language)
        expect(chat.ask(QUESTION[language]).locator(".source")).to_be_visible()
        expect(chat.page.locator(".panel")).to_have_css("position", "fixed")
        chat.join_queue()
        chat.page.locator(".menu-button").click()
        with chat.page.expect_download():
            chat.page.locator(".menu [data-format=txt]").click()
        chat.menu("erase")
        chat.page.locator(".sheet .danger").click()
        expect(chat.own()).to_have_count(0)

    @pytest.mark.parametrize(
        ("head", "html"),
        [
            ("<style>* { all: unset !important; }</style>", '<html lang="sv">'),
            ("<style>lotsi-chat { all: initial !important; display: none !important; }</style>", '<html lang="sv">'),
            ("<style>html { font-size: 60px; } * { font-size: 60px !important; }</style>", '<html lang="sv">'),
            ("<style>html { font-size: 2px; }</style>", '<html lang="sv">'),
            ("", '<html lang="sv" dir="rtl">'),
            (
                "<style>* { letter-spacing: 1em !important; text-transform: uppercase !important;"
                " color: red !important; box-sizing: content-box !important; line-height: 4 !important;"
                " float: right !important; }</style>",
                '<html lang="sv">',
            ),
            (
                "<style>lotsi-chat { position: absolute; inset: 40% 0 0 0; width: 10px; opacity: 0.1 }</style>",
                '<html lang="sv">',
            ),
        ],
        ids=["unset", "initial", "huge", "tiny", "rtl", "odd", "element"],
    )
    def test_odd_style_sheets_do_not_reach_in(
        self, visit: Callable[..., Chat], host: Host, head: str, html: str
    ) -> None:
        if not self.undisturbed:
            self.undisturbed.extend(visit(host(WIDGET.format(language="sv"))).page.evaluate(PLACES))
        odd = visit(host(WIDGET.format(language="sv"), head=head, html=html))
        assert odd.page.evaluate(PLACES) == self.undisturbed
        expect(odd.ask(QUESTION["sv"]).locator(".source")).to_be_visible()

    @both
    def test_a_sandboxed_frame_without_storage(self, visit: Callable[..., Chat], host: Host, language: str) -> None:
        inner = host('<lotsi-chat lang="' + language + '" position="page"></lotsi-chat>')
        frame = f'<iframe title="chat" sandbox="allow-scripts" src="{inner}" width="400" height="700"></iframe>'
        chat = visit(host(frame), language, ready=False)
        inside = chat.page.frame_locator("iframe")
        field = inside.locator(".composer textarea")
        field.fill(QUESTION[language])
        field.press("Enter")
        expect(inside.locator(".source")).to_be_visible()
        inside.locator(".menu-button").click()
        inside.locator(".menu").get_by_role("button", name=chat.say("erase")).click()
        inside.locator(".sheet .danger").click()
        expect(inside.locator(".notice")).to_have_text(chat.say("erased"))

    def test_a_frame_of_another_site_keeps_its_conversation(self, visit: Callable[..., Chat], host: Host) -> None:
        inner = host(WIDGET.format(language="sv")).replace("127.0.0.1", "localhost")
        chat = visit(host(f'<iframe title="chat" src="{inner}" width="400" height="700"></iframe>'), ready=False)
        inside = chat.page.frame_locator("iframe")
        inside.locator(".composer textarea").fill(QUESTION["sv"])
        inside.locator(".composer textarea").press("Enter")
        expect(inside.locator(".source")).to_be_visible()

    def test_several_share_one_conversation_unless_told_otherwise(self, visit: Callable[..., Chat], host: Host) -> None:
        inline = '<lotsi-chat lang="{}" position="inline"{}></lotsi-chat>'
        body = inline.format("sv", ' id="a"') + inline.format("fi", ' id="b"')
        chat = visit(host(body + inline.format("sv", ' id="c" conversation="other"')), ready=False)
        first, second, third = (chat.page.locator(f"#{name}") for name in "abc")
        first.locator("textarea").fill(QUESTION["sv"])
        first.locator("textarea").press("Enter")
        expect(first.locator(".source")).to_be_visible()
        expect(second.locator(".source")).to_be_visible()
        expect(second.locator(".text").last).to_have_attribute("lang", "sv")
        expect(third.locator(".source")).to_have_count(0)
        third.locator("textarea").fill("hej")
        third.locator("textarea").press("Enter")
        expect(third.locator(".bot")).to_have_count(3)
        expect(first.locator(".resident")).to_have_count(1)
        ids = chat.page.evaluate("""() => [...document.querySelectorAll("lotsi-chat")]
          .flatMap(({ shadowRoot }) => [...shadowRoot.querySelectorAll("[id]")].map(({ id }) => id))""")
        assert len(ids) == len(set(ids))

    def test_taking_the_element_away_and_putting_it_back_keeps_the_conversation(
        self, visit: Callable[..., Chat], host: Host
    ) -> None:
        chat = visit(host(WIDGET.format(language="sv")))
        chat.ask(QUESTION["sv"])
        chat.page.evaluate("""() => {
          const element = document.querySelector("lotsi-chat");
          element.remove();
          document.body.append(element);
        }""")
        expect(chat.own()).to_have_text(QUESTION["sv"])

    def test_the_page_hears_of_messages_but_not_what_they_say(self, visit: Callable[..., Chat], host: Host) -> None:
        chat = visit(host(WIDGET.format(language="sv")))
        chat.page.evaluate("""() => {
          window.heard = [];
          for (const type of ["lotsi-open", "lotsi-close", "lotsi-message"])
            document.addEventListener(type, ({ detail }) =>
              window.heard.push([type, Object.keys(detail ?? {}).sort().join()]));
        }""")
        chat.ask(QUESTION["sv"])
        chat.page.locator(".close").click()
        chat.page.locator(".launcher").click()
        heard = chat.page.evaluate("window.heard")
        assert ["lotsi-message", "id,position,sender"] in heard
        assert [kind for kind, _ in heard][-2:] == ["lotsi-close", "lotsi-open"]


class TestInput:
    @both
    def test_a_pasted_picture_is_refused_calmly(self, open_chat: Browsing, language: str) -> None:
        chat = open_chat(language)
        assert chat.field().evaluate(PASTE) is True
        expect(chat.page.locator(".note")).to_have_text(chat.say("no_files"))
        expect(chat.field()).to_have_value("")
        expect(chat.ask(QUESTION[language]).locator(".source")).to_be_visible()
        expect(chat.page.locator(".note")).to_have_text("")

    @both
    def test_a_pasted_novel_is_kept_and_said_to_be_too_long(self, open_chat: Browsing, language: str) -> None:
        chat = open_chat(language)
        novel = "Det var en gång. " * 10_000
        chat.field().fill(novel)
        chat.field().press("Enter")
        expect(chat.page.locator(".note")).to_contain_text(chat.say("over", count=len(novel) - 2000))
        expect(chat.field()).to_have_value(novel)
        expect(chat.own()).to_have_count(0)
        chat.page.reload()
        expect(chat.field()).to_have_value(novel)

    @pytest.mark.parametrize(
        "text",
        [
            "<script>document.title='hit'</script>",
            "<img src=x onerror=\"document.title='hit'\">",
            "javascript:document.title='hit'//https://example.com",
            "[x](javascript:document.title='hit') ${7*7} {{7*7}}",
            "'; DROP TABLE message; --",
            "/restart",
            "🙂 ﷽ Ωmega ",
        ],
        ids=["script", "image", "link", "template", "sql", "command", "unicode"],
    )
    def test_script_is_shown_as_it_was_typed(self, open_chat: Browsing, text: str) -> None:
        chat = open_chat(viewport=PHONE)
        chat.ask(text)
        expect(chat.own()).to_have_text(text)
        chat.page.reload()
        expect(chat.own()).to_have_text(text)
        expect(chat.page.locator(".log script, .log img, .resident a")).to_have_count(0)
        assert chat.page.title() != "hit"
        expect(chat.ask(QUESTION["sv"]).locator(".source")).to_be_visible()

    def test_white_space_alone_is_not_sent(self, open_chat: Browsing) -> None:
        chat = open_chat()
        for text in ("", "   ", "\n\n"):
            chat.field().fill(text)
            chat.field().press("Enter")
        expect(chat.own()).to_have_count(0)
