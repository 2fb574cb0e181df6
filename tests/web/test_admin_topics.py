"""The studio's pages of topics, as a browser without a screen sees them; the stores have tests of their own."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import pytest
from aiohttp import FormData
from console import HTML
from ferry import EXAMPLES, TOPIC, make_ferry
from openpyxl import Workbook

from conversations.store import NewMessage
from studio.evaluation import Evaluation, Utterance
from studio.quality import Quality, compute_quality
from web import keys
from web.admin.forms import fill_topic_form
from web.admin.hours import read_hours, write_hours

ADDRESS = f"/admin/topics/{TOPIC}"
SERVICE = "/admin/services/counselling"


@pytest.fixture
async def admin(console: Any) -> Any:
    console.add("chief", "admin")
    await console.sign_in("chief")
    return console


@pytest.fixture
async def ferry(admin: Any) -> Any:
    """An admin, and a draft."""
    admin.app[keys.TOPICS].add(TOPIC, make_ferry(), "0" * 32)
    return admin


async def send(console: Any, path: str, page: str = "/admin/topics", **values: str) -> Any:
    return await console.post(path, {"csrf": (await console.get(page)).csrf, **values})


def fields(**values: str) -> dict[str, str]:
    return {**fill_topic_form(make_ferry()), **values}


class TestAdding:
    async def test_a_new_topic_is_a_draft_with_both_languages(self, admin):
        sent = await send(admin, "/admin/topics/new", id=TOPIC, **fields())
        assert (sent.status, sent.location) == (303, f"{ADDRESS}?done=saved")
        page = await admin.get(sent.location)
        assert "Sparat som utkast." in page.text
        assert EXAMPLES["fi"][0] in page.text
        assert admin.app[keys.TOPICS].fetch(TOPIC).content == make_ferry(document="ferry-timetable")
        assert admin.actions()[-1] == "topic.added"

    async def test_what_is_wrong_is_said_in_the_readers_language_and_what_was_typed_stays(self, admin):
        sent = await send(admin, "/admin/topics/new", id="fеrry", **fields(published="i maj"))
        assert sent.status == 422
        assert "har andra bokstäver än a–z" in sent.text
        assert "”i maj” är inget datum" in sent.text
        assert EXAMPLES["sv"][3] in sent.text
        assert "fеrry" not in admin.app[keys.TOPICS].fetch_all()

    async def test_an_id_is_made_from_the_title_where_none_is_given(self, admin):
        sent = await send(admin, "/admin/topics/new", id="", **fields())
        assert sent.location == "/admin/topics/nar_gar_farjan?done=saved"

    async def test_an_id_that_is_taken_is_refused(self, ferry):
        sent = await send(ferry, "/admin/topics/new", id=TOPIC, **fields())
        assert (sent.status, "finns redan ett ämne" in sent.text) == (409, True)

    async def test_markup_in_a_topic_is_shown_as_text(self, admin):
        values = fields(title_sv="<script>x</script>", answer_sv="<img src=x>")
        sent = await send(admin, "/admin/topics/new", id=TOPIC, **values)
        page = await admin.get(sent.location)
        assert "<script>x" not in page.text
        assert "<img src=x" not in page.text


class TestEditing:
    async def test_a_topic_is_shown_with_its_answer_as_a_resident_sees_it(self, admin):
        page = await admin.get("/admin/topics/counselling")
        assert page.status == 200
        assert "Du får råd om tjänsterna" in page.text
        assert "november 2023" in page.text
        assert "marraskuu 2023" in page.text

    async def test_of_two_admins_the_second_sees_both_texts_and_loses_nothing(self, ferry):
        first = fields(version="1", answer_sv="Den förstas svar.")
        assert (await send(ferry, ADDRESS, **first)).status == 303
        second = await send(ferry, ADDRESS, **fields(version="1", answer_sv="Den andras svar."))
        assert second.status == 409
        assert "Den förstas svar." in second.text
        assert "Den andras svar." in second.text
        assert 'name="version" value="2"' in second.text
        assert ferry.app[keys.TOPICS].fetch(TOPIC).content.sides["sv"].answer == "Den förstas svar."

    @pytest.mark.parametrize("version", ["", "-1", "x", "99999999999", "²"])
    async def test_a_version_that_is_none_is_a_conflict(self, ferry, version):
        assert (await send(ferry, ADDRESS, **fields(version=version, answer_sv="X."))).status == 409

    async def test_an_unknown_topic_is_not_found(self, admin):
        for path in ("/admin/topics/no_such", "/admin/topics/no_such/history", "/admin/services/no_such"):
            assert (await admin.get(path)).status == 404

    async def test_an_edit_keeps_what_the_form_does_not_show(self, admin):
        store = admin.app[keys.TOPICS]
        before = store.fetch("counselling").content
        values = {**fill_topic_form(before), "title_sv": "Vem ger råd?", "version": "0"}
        assert (await send(admin, "/admin/topics/counselling", **values)).status == 303
        after = store.fetch("counselling").content
        assert after == before.with_side("sv", title="Vem ger råd?")


class TestChecking:
    async def check(self, console: Any, **values: str) -> Any:
        csrf = (await console.get("/admin/topics")).csrf
        headers = {"X-CSRF-Token": csrf, "Origin": console.origin, "Accept": "application/json"}
        async with console.client.post("/admin/topics/check", data=fields(**values), headers=headers) as answer:
            return answer.status, await answer.json()

    async def test_what_is_typed_is_checked_and_shown(self, admin):
        typed = "\n".join([*EXAMPLES["sv"], "familjecentret", "ring 040 123 4567"])
        status, found = await self.check(admin, id=TOPIC, examples_sv=typed, answer_sv="Nytt <b>svar</b>.")
        assert status == 200
        assert "finns redan under ”family_centre”" in found["findings"]
        assert "4567" not in found["findings"]
        assert found["counts"] == {"sv": 12, "fi": 10}
        assert "Nytt &lt;b&gt;svar&lt;/b&gt;." in found["previews"]["sv"]
        assert admin.app[keys.TOPICS].fetch_all().get(TOPIC) is None

    async def test_a_complete_topic_has_nothing_to_mend(self, admin):
        _, found = await self.check(admin, id=TOPIC)
        assert "finding-stop" not in found["findings"]


class TestList:
    async def test_topics_are_listed_with_their_examples_and_their_use(self, ferry):
        store = ferry.app[keys.CONVERSATIONS]
        begun, _ = store.insert_conversation("sv")
        store.insert_messages(begun.id, [NewMessage("bot", "Färjan", "sv", topic=TOPIC)])
        page = await ferry.get("/admin/topics?state=draft")
        assert TOPIC in page.text
        assert "counselling" not in page.text
        assert '<td class="number">1</td>' in page.text

    async def test_a_topic_is_found_by_either_title(self, ferry):
        for text in ("lautta", "FARJAN", "ferry"):
            assert ADDRESS in (await ferry.get(f"/admin/topics?text={text}")).text
        assert ADDRESS not in (await ferry.get("/admin/topics?text=vision")).text

    async def test_a_counsellor_and_an_auditor_may_not(self, console):
        for name, role in (("desk", None), ("book", "auditor")):
            if role:
                console.add(name, role)
            browser = console.another()
            await browser.sign_in(name)
            assert (await browser.get("/admin/topics")).status == 403
            await browser.close()

    async def test_whoever_is_not_signed_in_comes_back_here_afterwards(self, console):
        console.add("chief", "admin")
        page = await console.get(ADDRESS)
        assert page.status == 303
        assert (await console.sign_in("chief", next=ADDRESS)).location == ADDRESS


def test_quality_says_what_a_topic_is_taken_for() -> None:
    def heard(intent: str, got: str, language: str = "sv") -> Utterance:
        return Utterance("…", language, intent, got, intent == got, got, 0.5)

    lines = (heard("fees", "fees"), heard("fees", "staff"), heard("fees", "staff"), heard("fees", "fees", "fi"))
    evaluation = Evaluation.__new__(Evaluation)
    object.__setattr__(evaluation, "utterances", lines)
    assert compute_quality(evaluation) == {
        ("fees", "sv"): Quality(1, 3, "staff"),
        ("fees", "fi"): Quality(1, 1, None),
    }


class TestHistory:
    async def test_every_version_says_who_and_what_and_can_be_taken_back(self, ferry):
        await send(ferry, ADDRESS, **fields(version="1", answer_sv="Nytt svar."))
        page = await ferry.get(f"{ADDRESS}/history")
        assert "Chief" in page.text
        assert "+ Nytt svar." in page.text
        done = await send(ferry, f"{ADDRESS}/history", version="2", revision="1")
        assert done.status == 303
        assert ferry.app[keys.TOPICS].fetch(TOPIC).content == make_ferry(document="ferry-timetable")

    async def test_undoing_what_has_changed_meanwhile_changes_nothing(self, ferry):
        assert (await send(ferry, f"{ADDRESS}/history", version="7", revision="1")).status == 409
        assert (await send(ferry, f"{ADDRESS}/history", version="1", revision="x")).status == 404


class TestReshaping:
    @pytest.mark.parametrize(
        ("values", "location"),
        [
            ({"what": "rename", "target": "ferry"}, "/admin/topics/ferry?done=renamed"),
            ({"what": "merge", "target": "vision"}, "/admin/topics/vision?done=merged"),
            ({"what": "retire", "target": ""}, f"{ADDRESS}?done=retired"),
            (
                {
                    "what": "split",
                    "target": "price",
                    "title_sv": "Pris",
                    "title_fi": "Hinta",
                    "move_sv": EXAMPLES["sv"][5],
                },
                "/admin/topics/price?done=moved",
            ),
        ],
    )
    async def test_a_topic_is_reshaped(self, ferry, values, location):
        sent = await send(ferry, f"{ADDRESS}/reshape", version="1", **values)
        assert (sent.status, sent.location) == (303, location)
        assert (await ferry.get(location)).status == 200

    @pytest.mark.parametrize("target", ["", "no such", "greet", "no_such"])
    async def test_a_merge_with_nothing_is_refused_in_words(self, ferry, target):
        sent = await send(ferry, f"{ADDRESS}/reshape", version="1", what="merge", target=target)
        assert (sent.status, "Ingenting har ändrats." in sent.text) == (422, True)

    async def test_what_lotsi_relies_on_stays(self, admin):
        sent = await send(admin, "/admin/topics/counselling/reshape", version="0", what="retire", target="")
        assert (sent.status, "Lotsi själv leder" in sent.text) == (422, True)


class TestTakingIn:
    async def upload(self, console: Any, name: str, content: bytes, **values: str) -> Any:
        form = FormData()
        csrf = (await console.get(ADDRESS)).csrf
        for key, value in {"csrf": csrf, "version": "1", **values}.items():
            form.add_field(key, value)
        form.add_field("file", content, filename=name)
        headers = {**HTML, "Origin": console.origin}
        address = f"{ADDRESS}/upload"
        async with console.client.post(address, data=form, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def test_a_spreadsheet_adds_its_examples(self, ferry):
        book = Workbook()
        for row in (["sv", "fi"], ["båten till ön", "laiva saarelle"]):
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        assert (await self.upload(ferry, "a.xlsx", stream.getvalue()))[0] == 303
        content = ferry.app[keys.TOPICS].fetch(TOPIC).content
        assert content.sides["fi"].examples[-1] == "laiva saarelle"

    async def test_a_bad_file_changes_nothing_and_says_why(self, ferry):
        status, text = await self.upload(ferry, "a.csv", b"sv;fi;x\na;b;c\n")
        assert status == 422
        assert "kolumn 3 heter ”x”" in text
        assert ferry.app[keys.TOPICS].fetch(TOPIC).version == 1

    async def test_a_large_file_is_taken_and_a_huge_one_refused(self, ferry):
        large = "\n".join(f"fråga nummer {number} om färjan" for number in range(1900)).encode()
        assert (await self.upload(ferry, "a.txt", large, language="sv"))[0] == 303
        assert (await self.upload(ferry, "a.txt", b"x" * 6_000_000, language="sv"))[0] == 413

    async def test_a_counsellors_candidate_becomes_an_example(self, ferry):
        store = ferry.app[keys.CONVERSATIONS]
        begun, _ = store.insert_conversation("sv")
        (asked,) = store.insert_messages(begun.id, [NewMessage("resident", "kör färjan på julafton", "sv")])
        store.update_understanding(asked.id, ranking=[], model="m", outcome="unsure", confidence=0.1, predicted=None)
        store.insert_messages(begun.id, [NewMessage("bot", "Jag vet inte.", "sv")])
        ferry.app[keys.REVIEWS].write_review(begun.id, asked.id, "0" * 32, "wrong", TOPIC, 0)
        page = await ferry.get(ADDRESS)
        assert "kör färjan på julafton" in page.text
        assert ferry.actions()[-1] == "candidate.read"
        (candidate,) = ferry.app[keys.LEARNING].fetch("candidate")
        sent = await send(ferry, f"{ADDRESS}/candidates/{candidate.id}", decision="accept")
        assert sent.status == 303
        assert ferry.app[keys.TOPICS].fetch(TOPIC).content.sides["sv"].examples[-1] == "kör färjan på julafton"
        assert (await send(ferry, f"{ADDRESS}/candidates/{candidate.id}", decision="accept")).status == 409


class TestKnowledge:
    async def test_a_number_is_edited_and_published_without_training(self, open_console, tmp_path):
        console = await open_console(knowledge_url=f"sqlite:///{tmp_path / 'own.db'}")
        console.add("chief", "admin")
        await console.sign_in("chief")
        page = await console.get("/admin/services/counselling")
        values = {**page.fields(), "channel_0_number": "06 826 4500", "channel_0_hours": "mon-fri 8.00–15.00"}
        record = console.app[keys.SERVICE_DRAFTS].fetch("counselling").record
        values["channel_1_hours"] = ""
        sent = await console.post("/admin/services/counselling", values)
        assert sent.status == 303, record
        assert "06 826 4500" in (await console.get("/admin/knowledge")).text
        assert "06 826 4500" not in console.app[keys.KNOWLEDGE].fetch_numbers()
        await send(console, "/admin/topics/publish")
        assert "06 826 4500" in console.app[keys.KNOWLEDGE].fetch_numbers()

    async def test_hours_that_cannot_be_read_are_refused_with_what_could(self, admin):
        page = await admin.get("/admin/services/counselling")
        sent = await admin.post("/admin/services/counselling", {**page.fields(), "channel_0_hours": "vardagar 8-15"})
        assert (sent.status, "vardagar 8-15" in sent.text) == (422, True)

    async def test_documents_that_do_not_fit_together_are_not_published_and_why_is_said_in_the_admins_language(
        self, open_console, tmp_path
    ):
        console = await open_console(knowledge_url=f"sqlite:///{tmp_path / 'own.db'}")
        console.add("chief", "admin")
        await console.sign_in("chief")
        store = console.app[keys.SERVICE_DRAFTS]
        record = store.fetch("counselling").record
        twin = {**record["channels"][0], "id": "emergency_112_phone"}
        store.save("counselling", {**record, "channels": [twin]}, 0, "0" * 32)
        said = "kanalens id ”emergency_112_phone” finns också i"
        sent = await send(console, "/admin/topics/publish")
        assert (sent.status, said in sent.text) == (422, True)
        assert said in (await console.get("/admin/knowledge")).text

    async def test_a_due_review_is_listed(self, ferry):
        ferry.app[keys.TOPICS].save(TOPIC, make_ferry(review_by="2020-01-01"), 1, "0" * 32)
        page = await ferry.get("/admin/knowledge")
        assert "skulle ha setts över senast 1.1.2020" in page.text

    async def test_a_channel_is_added_and_removed_without_a_script(self, admin):
        page = await admin.get(SERVICE)
        more = await admin.post(SERVICE, {**page.fields(), "names_sv": "Rådgivning", "add": "phone"})
        assert (more.status, "counselling_phone_2" in more.text, 'value="Rådgivning"' in more.text) == (200, True, True)
        store = admin.app[keys.SERVICE_DRAFTS]
        assert store.fetch("counselling").version == 0
        place = next(name for name, value in more.fields().items() if value == "counselling_phone_2")[: -len("_id")]
        values = {f"{place}_name_sv": "Jour", f"{place}_name_fi": "Päivystys", f"{place}_number": "06 826 4501"}
        values |= {f"{place}_languages": "sv", f"{place}_hours": "mån-fre 8-16", f"{place}_charge": "free"}
        sent = await admin.post(SERVICE, {**more.fields(), **values, "channel_1_removed": "1"})
        assert sent.status == 303, sent.text
        channels = {item["id"]: item for item in store.fetch("counselling").record["channels"]}
        assert list(channels) == ["counselling_phone", "counselling_phone_2"]
        assert channels["counselling_phone_2"] == {
            "id": "counselling_phone_2",
            "type": "phone",
            "names": {"sv": "Jour", "fi": "Päivystys"},
            "languages": ["sv"],
            "number": "06 826 4501",
            "charge": "free",
            "hours": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "16:00"}],
        }

    async def test_what_the_knowledge_reader_finds_is_said_in_the_admins_language_all_at_once(self, console):
        console.add("chief", "admin", language="fi")
        await console.sign_in("chief")
        fields = (await console.get(SERVICE)).fields()
        wrong = {"summaries_fi": "", "published": "viime kuussa", "review": "pian", "channel_1_url": "soite.fi"}
        sent = await console.post(SERVICE, {**fields, **wrong, "channel_0_hours": "ma 8-25"})
        assert sent.status == 422
        for text in (
            "”Yhdellä virkkeellä” puuttuu jommallakummalla kielellä",
            "”viime kuussa” ei ole päivämäärä",
            "”pian” ei ole päivämäärä",
            "osoite on ”soite.fi”; sen pitää alkaa https://",
            "kirjoita kellonajat väliltä",
        ):
            assert text in sent.text
        assert console.app[keys.SERVICE_DRAFTS].fetch("counselling").version == 0

    async def test_a_form_cannot_take_another_services_channel(self, admin):
        fields = (await admin.get(SERVICE)).fields()
        foreign = {"channel_2_id": "emergency_112_phone", "channel_2_type": "phone"}
        names = {"channel_2_name_sv": "A", "channel_2_name_fi": "B"}
        assert (await admin.post(SERVICE, {**fields, **foreign, **names})).status == 303
        record = admin.app[keys.SERVICE_DRAFTS].fetch("counselling").record
        assert record["channels"][2]["id"] == "counselling_phone_2"

    async def test_reviews_that_are_due_are_counted_on_the_start_page_and_in_the_navigation(self, ferry):
        assert "att se över" not in (await ferry.get("/staff/")).text
        ferry.app[keys.TOPICS].save(TOPIC, make_ferry(review_by="2020-01-01"), 1, "0" * 32)
        fields = (await ferry.get(SERVICE)).fields()
        today = dt.date.today().isoformat()
        assert (await ferry.post(SERVICE, {**fields, "review": today})).status == 303
        page = await ferry.get("/staff/")
        assert "1 uppgift borde redan ha setts över." in page.text
        assert "1 uppgift ska ses över den här månaden." in page.text
        assert re.search(r'class="count">2<span class="visually-hidden"> att se över', page.text)
        assert SERVICE in (await ferry.get("/admin/knowledge")).text

    @pytest.mark.parametrize("language", ["sv", "fi"])
    @pytest.mark.parametrize(
        "text",
        ["", "always", "mon-fri 08:00-16:00", "mon,tue 8-12 2026-12-01..2026-12-31\nsat 10.00-12.00 ..2027-06-30"],
    )
    def test_hours_come_back_as_they_were(self, text, language):
        hours = read_hours(text)
        assert read_hours(write_hours(hours, language)) == hours

    @pytest.mark.parametrize("text", ["mån–fre 8–16", "ma-pe 8-16", "mon-fri 08:00-16:00", "mån,tis,ons,tor,fre 8-16"])
    def test_days_may_be_named_in_either_language(self, text):
        assert write_hours(read_hours(text), "sv") == "mån-fre 08:00-16:00"
