"""The pages of models and trainings, as a browser without a screen sees them; no model is loaded here."""

from __future__ import annotations

from typing import Any

import pytest
from evaluations import evaluation, make_model, reviewed, safety, utterances

from conversations.store import NewMessage
from studio.gate import Rules, judge
from studio.shadow import Heard
from web import keys

MUST = "reviewed sv fire"
REASON = "Vi behöver ämnet i dag, rådgivningen vet om det"


@pytest.fixture
async def admin(open_console, tmp_path) -> Any:
    """An admin at a console whose models are files, which nothing opens."""
    own = tmp_path / "own" / "lotsi-own.tar.gz"
    own.parent.mkdir()
    own.write_bytes(b"the installation's own")
    console = await open_console()
    studio = console.app[keys.STUDIO]
    studio.models._base = own.parent
    studio.promoter._try_out = lambda archive: None
    console.app[keys.SWAPPER].follow = lambda: True
    console.add("chief", "admin", language="sv")
    await console.sign_in("chief")
    return console


def measured(console: Any, name: str = "lotsi-1", **values: Any) -> None:
    """A candidate and the live model, both measured on the same sentences."""
    models = console.app[keys.STUDIO].models
    make_model(models, name)
    live = evaluation("lotsi-own")
    models.store_evaluation("lotsi-own", live, judge(live, None, Rules()))
    found = evaluation(name, **values)
    models.store_evaluation(name, found, judge(found, live, Rules()))


def live(console: Any) -> str:
    return str(console.app[keys.STUDIO].models.live_name())


class TestModels:
    async def test_models_are_listed_with_what_is_live_and_what_the_test_said(self, admin):
        measured(admin)
        measured(admin, "lotsi-2", safety=safety([MUST]))
        page = await admin.get("/admin/models")
        assert page.status == 200
        assert '<p class="live-name">lotsi-own</p>' in page.text
        assert "Godkänd" in page.text and "Underkänd" in page.text

    async def test_a_model_that_passes_goes_live_with_one_button(self, admin):
        measured(admin)
        page = await admin.get("/admin/models/lotsi-1")
        assert "Ta modellen i bruk<" in page.text
        answer = await admin.send("/admin/models/lotsi-1", "/admin/models/lotsi-1/promote")
        assert (answer.status, answer.location) == (303, "/admin/models?done=promoted")
        assert live(admin) == "lotsi-1"
        assert "model.promoted" in admin.actions()

    async def test_a_refusal_names_its_sentences_and_offers_to_overrule_it_with_a_reason(self, admin):
        measured(admin, utterances=utterances([("fi", "mission", 3)]))
        page = await admin.get("/admin/models/lotsi-1")
        assert "mission fi 3" in page.text
        assert "Ta modellen i bruk trots testet" in page.text
        assert "Ta modellen i bruk<" not in page.text

    async def test_the_button_of_one_that_passed_does_not_overrule_the_gate(self, admin):
        measured(admin, utterances=utterances([("fi", "mission", 3)]))
        answer = await admin.send("/admin/models/lotsi-1", "/admin/models/lotsi-1/promote")
        assert (answer.status, live(admin)) == (409, "lotsi-own")

    async def test_a_reason_overrules_the_gate_and_is_kept(self, admin):
        measured(admin, utterances=utterances([("fi", "mission", 3)]))
        path = "/admin/models/lotsi-1"
        assert (await admin.send(path, f"{path}/promote", reason="nej")).status == 422
        assert live(admin) == "lotsi-own"
        assert (await admin.send(path, f"{path}/promote", reason=REASON)).status == 303
        assert live(admin) == "lotsi-1"
        assert "model.promoted_anyway" in admin.actions()
        assert REASON in (await admin.get("/admin/models")).text

    async def test_no_reason_overrules_safety(self, admin):
        measured(admin, safety=safety([MUST]))
        path = "/admin/models/lotsi-1"
        page = await admin.get(path)
        assert MUST in page.text
        assert "<textarea" not in page.text
        assert (await admin.send(path, f"{path}/promote", reason=REASON)).status == 409
        assert live(admin) == "lotsi-own"

    async def test_a_model_that_was_never_measured_does_not_go_live(self, admin):
        make_model(admin.app[keys.STUDIO].models)
        path = "/admin/models/lotsi-1"
        assert "har inte testats" in (await admin.get(path)).text
        csrf = (await admin.get("/staff/account")).csrf
        assert (await admin.post(f"{path}/promote", {"csrf": csrf, "reason": REASON})).status == 409
        assert live(admin) == "lotsi-own"

    async def test_an_archive_that_was_changed_does_not_go_live(self, admin):
        measured(admin)
        admin.app[keys.STUDIO].models.archives.path("lotsi-1").write_bytes(b"planted")
        assert (await admin.send("/admin/models/lotsi-1", "/admin/models/lotsi-1/promote")).status == 409
        assert live(admin) == "lotsi-own"

    async def test_one_click_goes_back_and_another_one_does_not_come_forward_again(self, admin):
        measured(admin)
        await admin.send("/admin/models/lotsi-1", "/admin/models/lotsi-1/promote")
        answer = await admin.send("/admin/models", "/admin/models/rollback")
        assert (answer.location, live(admin)) == ("/admin/models?done=rollback", "lotsi-own")
        assert (await admin.send("/admin/models", "/admin/models/rollback")).status == 409
        assert live(admin) == "lotsi-own"

    async def test_a_live_model_is_not_deleted_and_a_candidate_is(self, admin):
        measured(admin)
        measured(admin, "lotsi-2")
        await admin.send("/admin/models/lotsi-1", "/admin/models/lotsi-1/promote")
        assert (await admin.send("/admin/models", "/admin/models/lotsi-1/delete")).status == 409
        assert (await admin.send("/admin/models", "/admin/models/lotsi-2/delete")).status == 303
        assert (await admin.get("/admin/models/lotsi-2")).status == 404

    async def test_reviewed_questions_are_shown_by_their_masked_words_and_the_reading_is_recorded(self, admin):
        store, models = admin.app[keys.CONVERSATIONS], admin.app[keys.STUDIO].models
        begun, _ = store.insert_conversation("sv")
        (asked,) = store.insert_messages(begun.id, [NewMessage("resident", "ring mig på 040 123 4567", "sv")])
        line = reviewed(True)[0].__class__(asked.id, "sv", "mission", "mission", True)
        wrong = reviewed(True)[0].__class__(asked.id, "sv", "mission", "vision", False)
        measured(admin, reviewed=(wrong,))
        own = evaluation("lotsi-own", reviewed=(line,))
        models.store_evaluation("lotsi-own", own, judge(own, None, Rules()))
        page = await admin.get("/admin/models/lotsi-1")
        assert "ring mig på" in page.text and "4567" not in page.text
        assert "model.read" in admin.actions()
        store.delete_conversation(begun.id)
        assert "Samtalet har raderats" in (await admin.get("/admin/models/lotsi-1")).text

    async def test_a_model_that_is_none_is_a_page_that_says_so(self, admin):
        for path in ("/admin/models/lotsi-9", "/admin/models/..%2Fsecret"):
            page = await admin.get(path)
            assert (page.status, "Lotsi" in page.text) == (404, True)

    @pytest.mark.parametrize("role", ["counsellor", "auditor"])
    async def test_nobody_but_an_admin_sees_them(self, open_console, role: str):
        console = await open_console()
        console.add("desk", role)
        await console.sign_in()
        for path in ("/admin/models", "/admin/training"):
            assert (await console.get(path)).status == 403

    async def test_everything_is_in_finnish_too(self, admin):
        measured(admin, utterances=utterances([("fi", "mission", 3)]))
        csrf = (await admin.get("/staff/account")).csrf
        await admin.post("/staff/preferences", {"csrf": csrf, "language": "fi"})
        page = await admin.get("/admin/models/lotsi-1")
        assert "Oikeat vastaukset, suomi" in page.text
        assert "Ota malli silti käyttöön" in page.text


class TestTraining:
    async def test_a_training_is_asked_for_shown_and_cancelled(self, admin):
        jobs = admin.app[keys.STUDIO].jobs
        assert (await admin.send("/admin/training")).location == "/admin/training?done=asked"
        (job,) = jobs.fetch_newest()
        page = await admin.get("/admin/training")
        assert f'data-training="{job.number}" data-open' in page.text
        assert (await admin.send("/admin/training")).status in (303, 409)
        await admin.send("/admin/training", f"/admin/training/{job.number}/cancel")
        assert jobs.fetch(job.number).state in ("cancelled", "training")

    async def test_progress_is_told_in_words_from_where_one_has_read(self, admin):
        jobs = admin.app[keys.STUDIO].jobs
        job = jobs.ask("chief", take=True)
        jobs.note(job.number, "step", "LinearIntentClassifier", 3, 6)
        jobs.note(job.number, "step", "held_out", 10, 40, "evaluating")
        async with admin.client.get(f"/admin/training/{job.number}/progress?after=0") as answer:
            found = await answer.json()
        assert (found["label"], found["done"], found["of"], found["open"]) == ("Testas", 10, 40, True)
        assert [line["text"] for line in found["log"]] == ["Ställer testfrågorna till kandidaten"]

    @pytest.mark.parametrize("number", ["9", "x", "-1", "9" * 30])
    async def test_a_training_that_is_none_is_not_found(self, admin, number: str):
        async with admin.client.get(f"/admin/training/{number}/progress") as answer:
            assert answer.status == 404
        csrf = (await admin.get("/admin/training")).csrf
        assert (await admin.post(f"/admin/training/{number}/cancel", {"csrf": csrf})).status == 404

    async def test_how_a_training_ended_is_said_with_what_went_wrong(self, admin):
        jobs = admin.app[keys.STUDIO].jobs
        job = jobs.ask("chief", take=True)
        jobs.finish(job.number, "failed", problems=["overlay/sv/admins.yml:7: too few <examples>"])
        page = await admin.get("/admin/training")
        assert "Modellen i bruk är oförändrad" in page.text
        assert "too few &lt;examples&gt;" in page.text


class TestShadow:
    async def test_a_candidate_listens_to_a_share_and_its_differences_are_shown_without_words(self, admin):
        measured(admin)
        path = "/admin/models/lotsi-1"
        assert (await admin.send(path, f"{path}/shadow", share="20")).status == 303
        assert admin.app[keys.STUDIO].models.find_shadow() == ("lotsi-1", 20)
        store, runs = admin.app[keys.CONVERSATIONS], admin.app[keys.SHADOW_RUNS]
        begun, _ = store.insert_conversation("sv")
        asked = store.insert_messages(begun.id, [NewMessage("resident", text, "sv") for text in ("ett", "två")])
        for message, intent in zip(asked, ("mission", "vision"), strict=True):
            runs.record("lotsi-1", message.id, "lotsi-own", "sv", Heard("mission", 0.9), Heard(intent, 0.8))
        page = await admin.get(path)
        assert "1 av 2 meddelanden" in page.text
        store.delete_conversation(begun.id)
        assert runs.summarise("lotsi-1").total == 0
        runs.record("lotsi-1", asked[0].id, "lotsi-own", "sv", Heard("mission", 0.9), Heard("mission", 0.8))
        assert runs.summarise("lotsi-1").total == 0

    @pytest.mark.parametrize("share", ["101", "-1", "", "many", "9" * 20])
    async def test_a_share_that_is_none_is_refused(self, admin, share: str):
        measured(admin)
        path = "/admin/models/lotsi-1"
        assert (await admin.send(path, f"{path}/shadow", share=share)).status == 400
        assert admin.app[keys.STUDIO].models.find_shadow() is None


class TestTryOut:
    async def test_the_page_says_what_it_does_and_takes_no_empty_question(self, admin):
        measured(admin)
        path = "/admin/models/lotsi-1/try"
        assert "Ingenting sparas" in (await admin.get(path)).text
        assert (await admin.send(path, text="  ")).status == 422

    async def test_a_model_that_cannot_be_used_is_said_to_be_so(self, admin):
        measured(admin)
        page = await admin.send("/admin/models/lotsi-1/try", text="hej")
        assert (page.status, "Modellen kan inte användas" in page.text) == (409, True)
