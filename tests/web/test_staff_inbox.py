"""The inbox and a conversation's page, as a browser without a screen sees them; the stores have tests of their own."""

from __future__ import annotations

from typing import Any

import pytest
from people import PASSWORD

from conversations.store import NewMessage
from web import keys


def converse(console: Any, text: str = "var finns tandläkaren", language: str = "sv", **values: Any) -> str:
    """A conversation with one question and its answer; return its id."""
    store = console.app[keys.CONVERSATIONS]
    begun, _ = store.insert_conversation(language)
    (asked,) = store.insert_messages(begun.id, [NewMessage("resident", text, language, masked=("phone",))])
    values = {"outcome": "unsure", "confidence": 0.31, "predicted": "counselling", **values}
    ranking = [{"intent": "counselling", "confidence": 0.31}, {"intent": "digipolku", "confidence": 0.3}]
    store.update_understanding(asked.id, ranking=ranking, model="model-1", **values)
    store.insert_messages(begun.id, [NewMessage("bot", "Jag vet inte.", language)])
    return begun.id


def question(console: Any, id: str) -> str:
    return console.app[keys.CONVERSATIONS].fetch_messages(id)[0].id


@pytest.fixture
async def counsellor(console):
    await console.sign_in()
    return console


async def send(console: Any, id: str, path: str, **values: str) -> Any:
    """Send one of the forms of a conversation's page."""
    csrf = (await console.get(f"/staff/conversations/{id}")).csrf
    return await console.post(f"/staff/conversations/{id}/{path}", {"csrf": csrf, **values})


class TestInbox:
    async def test_conversations_are_listed_with_why_in_words(self, counsellor):
        id = converse(counsellor, "ring <b>[phone]</b>")
        page = await counsellor.get("/staff/inbox")
        assert page.status == 200
        assert f"/staff/conversations/{id}" in page.text
        assert "Lotsi visste inte" in page.text
        assert "<b>[phone]" not in page.text
        assert counsellor.actions()[-1] == "inbox.read"

    async def test_filters_narrow_the_list_and_nonsense_is_passed_over(self, counsellor):
        one, two = converse(counsellor), converse(counsellor, "missä neuvola", "fi", outcome="sure", confidence=0.9)
        for query, found in (
            ("language=fi", [two]),
            ("text=tandl%C3%A4kare", [one]),
            ("most=40", [one]),
            ("least=40,5", [two]),
            ("outcome=unsure", [one]),
            ("since=2999-01-01", []),
            ("topic=nothing", []),
            ("since=x&least=x&outcome=x&after=x&status=x&language=xx", [one, two]),
        ):
            page = await counsellor.get(f"/staff/inbox?{query}")
            assert [id for id in (one, two) if id in page.text] == found, query

    async def test_an_empty_inbox_says_what_to_do(self, counsellor):
        assert "Ingenting väntar på dig" in (await counsellor.get("/staff/inbox")).text
        page = await counsellor.get("/staff/inbox?text=xylofon&language=fi")
        assert "Inget samtal passar in" in page.text
        assert "/staff/inbox?text=xylofon&amp;language=fi&amp;status=all" in page.text

    async def test_a_view_is_saved_shown_and_deleted(self, counsellor):
        values = {"name": "Måndagens", "view": "language=fi&text=040 1234567"}
        page = await counsellor.send("/staff/inbox", "/staff/inbox/views", **values)
        assert page.location == "/staff/inbox?text=%5Bphone%5D&language=fi"
        assert "Måndagens" in (await counsellor.get("/staff/inbox")).text
        (view,) = counsellor.app[keys.SAVED_VIEWS].fetch((await user(counsellor)).id)
        await counsellor.send("/staff/inbox", f"/staff/inbox/views/{view.id}/delete")
        assert "Måndagens" not in (await counsellor.get("/staff/inbox")).text
        assert (await counsellor.send("/staff/inbox", "/staff/inbox/views", name=" ")).status == 422


async def user(console: Any) -> Any:
    return console.app[keys.USERS].fetch_by_name("desk")


class TestConversation:
    async def test_the_transcript_shows_how_it_was_understood(self, counsellor):
        id = converse(counsellor, "ring mig på [phone] <script>")
        page = await counsellor.get(f"/staff/conversations/{id}")
        assert page.status == 200
        for text in ('<span class="masked">telefonnummer</span>', "31\u00a0%", "30\u00a0%", "model-1", "Jag vet inte."):
            assert text in page.text
        assert "<script>" not in page.text.partition("<main")[2]
        assert counsellor.actions()[-1] == "conversation.read"

    async def test_every_form_does_what_it_says(self, counsellor):
        id, me = converse(counsellor), (await user(counsellor)).id
        message = question(counsellor, id)
        title = counsellor.app[keys.KNOWLEDGE].fetch_titles("fi")["counselling"]
        for path, values in (
            ("assign", {"person": me, "version": "1"}),
            ("tags", {"tag": "Viktig"}),
            ("notes", {"text": "ring 040 123 4567"}),
            (f"messages/{message}/review", {"topic": title.upper(), "verdict": "wrong", "version": "0"}),
            ("status", {"status": "resolved", "version": "2"}),
        ):
            page = await send(counsellor, id, path, **values)
            assert (page.status, page.location.startswith(f"/staff/conversations/{id}?done=")) == (303, True), path
        found = counsellor.app[keys.REVIEWS].read(id, me)
        assert (found.entry.status, found.entry.assigned_to, found.tags) == ("resolved", me, ("viktig",))
        assert found.notes[0].text == "ring [phone]"
        assert found.reviews[message].topic == "counselling"
        await send(counsellor, id, "tags/remove", tag="viktig")
        assert counsellor.app[keys.REVIEWS].read(id, me).tags == ()

    async def test_what_cannot_be_taken_is_said_and_kept(self, counsellor):
        id = converse(counsellor)
        message = question(counsellor, id)
        for path, values, text in (
            (f"messages/{message}/review", {"topic": "inget sådant", "version": "0"}, "Det finns inget ämne"),
            (f"messages/{message}/review", {"verdict": "x", "version": "0"}, "inget av alternativen"),
            ("tags", {"tag": " "}, "Skriv en etikett"),
            ("notes", {"text": " "}, "Skriv en anteckning"),
            ("assign", {"person": "nobody", "version": "1"}, "kan inte tilldelas"),
        ):
            page = await send(counsellor, id, path, **values)
            assert (page.status, text in page.text) == (422, True), path

    async def test_a_note_that_is_sent_once_more_is_one_note(self, counsellor):
        id = converse(counsellor)
        address, form = f"/staff/conversations/{id}", (await counsellor.get(f"/staff/conversations/{id}")).fields()
        assert len(form["key"]) == 32
        for text in ("ring upp", "ring upp", "ring upp i morgon"):
            assert (await counsellor.post(f"{address}/notes", {**form, "text": text})).status == 303
        notes = counsellor.app[keys.REVIEWS].read(id, "test").notes
        assert [note.text for note in notes] == ["ring upp", "ring upp i morgon"]
        assert counsellor.actions().count("conversation.noted") == 2

    async def test_what_was_written_about_an_erased_conversation_is_given_back(self, counsellor):
        id = converse(counsellor)
        form = (await counsellor.get(f"/staff/conversations/{id}")).fields()
        counsellor.app[keys.CONVERSATIONS].delete_conversation(id)
        page = await counsellor.post(f"/staff/conversations/{id}/notes", {**form, "text": "lång <anteckning>"})
        assert (page.status, "Det du skrev" in page.text, "lång &lt;anteckning&gt;" in page.text) == (404, True, True)

    async def test_two_reviewers_lose_nothing_and_are_told(self, counsellor):
        id = converse(counsellor)
        message = question(counsellor, id)
        me = (await user(counsellor)).id
        for path, version, first, second in (
            (f"messages/{message}/review", "0", {"verdict": "right"}, {"verdict": "unsafe"}),
            ("assign", "1", {"person": ""}, {"person": me}),
            ("status", "2", {"status": "resolved"}, {"status": "in_review"}),
        ):
            for _ in range(2):  # a double click is one change
                assert (await send(counsellor, id, path, version=version, **first)).status == 303, path
            page = await send(counsellor, id, path, version=version, **second)
            assert (page.status, "Någon annan har hunnit" in page.text) == (409, True), path
        actions = counsellor.actions()
        done = ("message.reviewed", "conversation.assigned", "conversation.status")
        assert [actions.count(action) for action in done] == [1, 1, 1]

    async def test_the_second_reviewer_sees_the_firsts_verdict_and_what_was_not_saved(self, counsellor):
        id = converse(counsellor)
        path = f"/staff/conversations/{id}/messages/{question(counsellor, id)}/review"
        other = counsellor.another()
        counsellor.app[keys.USERS].insert("desk-2", "Rådgivare Två", ["counsellor"], "sv", PASSWORD)
        await other.sign_in("desk-2")
        forms = [(await browser.get(f"/staff/conversations/{id}")).csrf for browser in (counsellor, other)]
        first = await counsellor.post(path, {"csrf": forms[0], "version": "0", "verdict": "right"})
        second = await other.post(path, {"csrf": forms[1], "version": "0", "verdict": "unsafe"})
        assert (first.status, second.status) == (303, 409)
        for text in ("Någon annan har hunnit", "Du hade valt: Farligt svar.", "Rätt svar – Rådgivare Ett"):
            assert text in second.text
        reviews = counsellor.app[keys.REVIEWS].read(id, "test").reviews
        assert [review.verdict for review in reviews.values()] == ["right"]
        await other.close()

    async def test_a_form_that_is_forged_or_sent_once_more_changes_nothing(self, counsellor):
        id = converse(counsellor)
        review = f"messages/{question(counsellor, id)}/review"
        form = {"csrf": (await counsellor.get(f"/staff/conversations/{id}")).csrf, "version": "0", "verdict": "right"}
        for forged in ({**form, "csrf": "x" * 64}, {**form, "csrf": ""}):
            page = await counsellor.post(f"/staff/conversations/{id}/{review}", forged)
            assert (page.status, "Formuläret togs inte emot" in page.text) == (403, True)
        page = await counsellor.post(f"/staff/conversations/{id}/{review}", form, Origin="https://evil.example")
        assert page.status == 403
        statuses = [(await counsellor.post(f"/staff/conversations/{id}/{review}", form)).status for _ in range(2)]
        assert statuses == [303, 303]
        await counsellor.post("/staff/sign-out", {"csrf": form["csrf"]})
        await counsellor.sign_in()
        page = await counsellor.post(f"/staff/conversations/{id}/{review}", {**form, "version": "1"})
        assert page.status == 403
        (kept,) = counsellor.app[keys.REVIEWS].read(id, "test").reviews.values()
        assert (kept.verdict, kept.version) == ("right", 1)

    async def test_the_next_one_follows_the_view_and_the_last_leads_back(self, counsellor):
        one, two = converse(counsellor), converse(counsellor, "missä", "fi", outcome="sure", confidence=0.99)
        page = await send(counsellor, one, "status", status="resolved", version="1", go="next")
        assert page.location.startswith(f"/staff/conversations/{two}")
        assert (await counsellor.get(f"/staff/conversations/{two}/next")).location == "/staff/inbox?last=1"
        page = await counsellor.get(f"/staff/conversations/{one}/next?view=language%3Dsv")
        assert page.location == "/staff/inbox?language=sv&last=1"

    async def test_an_erased_conversation_in_an_open_tab_is_said_to_be_gone(self, counsellor):
        id = converse(counsellor)
        csrf = (await counsellor.get(f"/staff/conversations/{id}")).csrf
        counsellor.app[keys.CONVERSATIONS].delete_conversation(id)
        for path in ("notes", "tags", "status", "assign"):
            form = {"csrf": csrf, "text": "x", "tag": "x", "status": "resolved", "version": "1"}
            page = await counsellor.post(f"/staff/conversations/{id}/{path}", form)
            assert (page.status, "Samtalet finns inte längre" in page.text) == (404, True), path
        assert (await counsellor.get(f"/staff/conversations/{id}/next")).location == "/staff/inbox?erased=1"

    async def test_a_note_is_kept_under_a_key_until_it_is_taken(self, counsellor):
        id = converse(counsellor)
        assert f'data-draft="note-{id}"' in (await counsellor.get(f"/staff/conversations/{id}")).text
        page = await counsellor.get((await send(counsellor, id, "notes", text="x")).location.partition("#")[0])
        assert f'data-draft-taken="note-{id}"' in page.text


class TestLearning:
    async def test_an_admin_decides_once_and_a_counsellor_may_not(self, console):
        console.add("boss", "admin")
        await console.sign_in("boss")
        id = converse(console)
        await send(console, id, f"messages/{question(console, id)}/review", verdict="missing", version="0")
        (wish,) = console.app[keys.LEARNING].fetch("wish")
        assert "tandläkaren" in (await console.get("/staff/wishes")).text
        page = await console.send("/staff/wishes", f"/staff/wishes/{wish.id}", decision="accept")
        assert page.location == "/staff/wishes?done=accept"
        page = await console.send("/staff/wishes", f"/staff/wishes/{wish.id}", decision="decline")
        assert (page.status, "redan avgjort" in page.text) == (409, True)
        page = await console.send("/staff/candidates", "/staff/candidates/none", decision="accept")
        assert (page.status, "finns inte längre" in page.text) == (404, True)
        assert "tandläkaren" in (await console.get("/staff/wishes?state=accepted")).text
        other = console.another()
        await other.sign_in("desk")
        assert (await other.get("/staff/wishes")).status == 403
        await other.close()
