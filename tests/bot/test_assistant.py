"""What a resident gets, turn by turn, from the trained model and the project's own knowledge."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from trackers import OpenTrackerEvents

from bot.assistant import Assistant, PayloadInvalid
from bot.reply import BotMessage, Reply
from conversations.database import open_database
from knowledge.engine import sqlite_url
from knowledge.languages import LANGUAGES, Language

RESULTS = {
    "sv": "Resultat av projektet Framtidens social- och hälsocentral",
    "fi": "Tulevaisuuden sosiaali- ja terveyskeskus -hankkeen tulokset",
}
QUESTIONS = [
    ("sv", "Vart ska jag ringa om mamma inte klarar sig hemma?", "help_for_relative", RESULTS["sv"], "2023-11"),
    ("fi", "Mist mä saan apua ku äiti ei pärjää kotona", "help_for_relative", RESULTS["fi"], "2023-11"),
    ("sv", "jag behöver tid till tandläkaren", "oral_health", RESULTS["sv"], "2023-11"),
    ("fi", "hammaslaakarille aika", "oral_health", RESULTS["fi"], "2023-11"),
    ("sv", "hur många kommuner hör till Soite", "municipalities", None, "2021-06-29"),
    ("fi", "Kuinka monta kuntaa Soiteen kuuluu?", "municipalities", None, "2021-06-29"),
]
VAGUE: dict[Language, tuple[str, ...]] = {
    "sv": ("utveckling", "Vart ska jag ringa?", "jag vill ha stöd", "projektet", "finansiering", "föräldrar", "person"),
    "fi": (
        "rahoitus",
        "vanhemmat",
        "apua",
        "tukea arkeen",
        "henkilö",
        "lomake",
        "kehittäminen",
        "kuka päättää",
        "raha",
    ),
}
"""Words that may mean several things; some of them lead to a clarifying question with every model."""

_NUMBERS = itertools.count()


@pytest.fixture
def conversation() -> str:
    """An id that no other test uses."""
    return f"assistant-{next(_NUMBERS)}"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_database(sqlite_url(tmp_path_factory.mktemp("stored") / "conversations.db"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def stored(knowledge, model_path, engine) -> Iterator[Assistant]:
    """An assistant that keeps its dialogue state in a database."""
    loaded = Assistant(knowledge, OpenTrackerEvents(engine))
    loaded.load(model_path)
    yield loaded
    loaded.close()


def only(reply: Reply) -> BotMessage:
    (message,) = reply.messages
    return message


def ask_until_unsure(assistant: Assistant, language: Language) -> tuple[str, Reply]:
    """Ask vague questions, each in a conversation of its own, until one leads to a clarifying question."""
    for text in VAGUE[language]:
        id = f"vague-{next(_NUMBERS)}"
        reply = assistant.reply_sync(id, text, language=language)
        if reply.understanding.outcome == "between" and only(reply).buttons[-1]["payload"] == "/deny":
            return id, reply
    pytest.fail(f"none of {VAGUE[language]} led to a clarifying question")


class TestAnswers:
    """Questions in both languages."""

    @pytest.mark.parametrize(("language", "text", "topic", "title", "published"), QUESTIONS)
    def test_a_question_gets_its_topic_in_its_language_with_source_and_date(
        self, assistant, conversation, language, text, topic, title, published
    ):
        message = only(assistant.reply_sync(conversation, text))
        assert (message.language, message.topic) == (language, topic)
        assert message.sources[0]["published"] == published
        assert title is None or message.sources[0]["title"] == title
        assert message.sources[0]["line"] in message.full_text
        assert {"sv": "Källa: ", "fi": "Lähde: "}[language] in message.full_text

    def test_the_language_of_the_words_counts_and_not_that_of_the_page(self, assistant, conversation):
        reply = assistant.reply_sync(conversation, "Mihin soitan, kun äiti ei pärjää kotona?", language="sv")
        assert (reply.language, only(reply).language) == ("fi", "fi")

    def test_where_the_words_do_not_tell_the_language_of_the_page_counts(self, assistant):
        for language in LANGUAGES:
            assert assistant.reply_sync(f"page-{language}", "112", language=language).language == language

    def test_once_there_is_a_conversation_its_language_counts_and_not_that_of_the_page(self, assistant, conversation):
        assistant.reply_sync(conversation, "jag behöver tid till tandläkaren", language="sv")
        assert assistant.reply_sync(conversation, "👍", language="fi").language == "sv"

    @pytest.mark.parametrize("text", ["hälsostationens telefonnummer", "terveysaseman ajanvaraus"])
    def test_composed_and_decomposed_letters_are_the_same(self, assistant, conversation, text):
        composed = assistant.reply_sync(conversation, unicodedata.normalize("NFC", text))
        decomposed = assistant.reply_sync(f"{conversation}-d", unicodedata.normalize("NFD", text))
        assert only(decomposed).topic == only(composed).topic is not None

    def test_a_reply_says_how_it_was_understood(self, assistant, conversation, model_path):
        reply = assistant.reply_sync(conversation, "jag behöver tid till tandläkaren")
        understanding = reply.understanding
        assert (understanding.intent, understanding.predicted, understanding.outcome) == (
            *("oral_health", "oral_health"),
            "sure",
        )
        assert understanding.ranking[0] == ("oral_health", understanding.confidence)
        assert reply.model == model_path.name.removesuffix(".tar.gz")

    def test_parsing_alone_understands_the_same(self, assistant, conversation):
        text = "jag behöver tid till tandläkaren"
        assert assistant.parse_sync(text) == assistant.reply_sync(conversation, text).understanding

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_conversation_opens_with_greeting_and_disclosure(self, assistant, language):
        greeting, disclosure = assistant.opening(language)
        assert "Lotsi" in greeting.text
        assert "112" in disclosure.text
        assert {"sv": "automat", "fi": "automaatti"}[language] in disclosure.text
        assert greeting.language == disclosure.language == language


class TestConversation:
    """What the bot remembers."""

    @pytest.mark.parametrize(
        ("question", "request_", "first", "second"),
        [
            ("jag behöver tid till tandläkaren", "voitko vastata suomeksi?", "sv", "fi"),
            ("tarvitsen ajan hammaslääkärille", "kan du svara på svenska?", "fi", "sv"),
            ("tarvitsen ajan hammaslääkärille", "på svenska tack", "fi", "sv"),
            ("jag behöver tid till tandläkaren", "kan du svara på finska?", "sv", "fi"),
            ("tarvitsen ajan hammaslääkärille", "puhutko ruotsia?", "fi", "sv"),
        ],
    )
    def test_a_change_of_language_repeats_the_last_answer(
        self, assistant, conversation, question, request_, first, second
    ):
        before = only(assistant.reply_sync(conversation, question))
        after = only(assistant.reply_sync(conversation, request_))
        assert (before.language, after.language) == (first, second)
        assert before.topic == after.topic == "oral_health"
        assert after.sources[0]["title"] == RESULTS[second]

    def test_after_a_change_of_language_short_messages_are_read_in_it(self, assistant, conversation):
        assistant.reply_sync(conversation, "jag behöver tid till tandläkaren", language="sv")
        assistant.reply_sync(conversation, "voitko vastata suomeksi?")
        assert assistant.reply_sync(conversation, "112").language == "fi"

    def test_without_an_answer_to_repeat_the_new_language_is_confirmed(self, assistant, conversation):
        message = only(assistant.reply_sync(conversation, "puhutko ruotsia?"))
        assert (message.language, message.text) == ("sv", "Nu svarar jag på svenska. Vad kan jag hjälpa dig med?")

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_each_button_of_an_answer_leads_to_its_topic(self, assistant, conversation, language):
        shown = only(assistant.reply_sync(conversation, payload="/counselling", language=language))
        assert shown.buttons
        for button in shown.buttons:
            reply = assistant.reply_sync(conversation, payload=button["payload"])
            assert only(reply).topic == button["payload"].lstrip("/")
            assert (reply.understanding.outcome, reply.language) == ("payload", language)

    def test_a_button_can_open_a_conversation_in_the_language_of_the_page(self, assistant, conversation):
        assert only(assistant.reply_sync(conversation, payload="/fees", language="fi")).language == "fi"
        assert assistant.reply_sync(conversation, "112", language="sv").language == "fi"

    def test_a_payload_may_carry_values(self, assistant, conversation):
        reply = assistant.reply_sync(conversation, payload='/counselling{"language": "fi"}', language="sv")
        assert only(reply).language == "fi"

    @pytest.mark.parametrize(
        "payload", ["/no_such_intent", "counselling", "", "/", "/counselling{", "/counselling{]}", "/ counselling"]
    )
    def test_a_payload_that_names_no_intent_is_refused(self, assistant, conversation, payload):
        with pytest.raises(PayloadInvalid):
            assistant.reply_sync(conversation, payload=payload)

    @pytest.mark.parametrize("payload", ['/counselling{"language": ["fi"]}', '/counselling{"language": {}}'])
    def test_a_payload_with_odd_values_still_gets_an_answer(self, assistant, conversation, payload):
        assert only(assistant.reply_sync(conversation, payload=payload)).topic == "counselling"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_vague_question_is_answered_by_a_question_with_titles(self, assistant, knowledge, language):
        _, reply = ask_until_unsure(assistant, language)
        message = only(reply)
        titles = {f"/{topic}": title for topic, title in knowledge.fetch_titles(language).items()}
        *offered, none = message.buttons
        assert message.text == {"sv": "Menade du något av det här?", "fi": "Tarkoititko jotakin näistä?"}[language]
        assert 1 <= len(offered) <= 3
        assert all(titles[button["payload"]] == button["title"] for button in offered if button["payload"] in titles)
        assert none == {"title": {"sv": "Inget av det här", "fi": "En mitään näistä"}[language], "payload": "/deny"}

    @pytest.mark.parametrize(("language", "yes"), [("sv", "ja"), ("sv", "ja tack"), ("fi", "kyllä"), ("fi", "joo")])
    def test_a_typed_yes_takes_the_first_of_the_offered_topics(self, assistant, language, yes):
        id, question = ask_until_unsure(assistant, language)
        message = only(assistant.reply_sync(id, yes))
        assert f"/{message.topic}" == only(question).buttons[0]["payload"]
        assert message.language == language

    @pytest.mark.parametrize(
        ("question", "follow_up"), [("rådgivning", "vad är numret?"), ("palveluohjaus", "entä puhelinnumero?")]
    )
    def test_a_follow_up_gives_the_contact_of_the_last_topic(self, assistant, conversation, question, follow_up):
        before = only(assistant.reply_sync(conversation, question))
        after = only(assistant.reply_sync(conversation, follow_up))
        assert before.topic == after.topic == "counselling"
        assert before.language == after.language
        assert {channel["service"] for channel in after.channels} == {"counselling"}
        assert "soite.fi" in after.full_text

    def test_a_follow_up_gives_a_number_where_one_is_known(self, assistant, conversation):
        assistant.reply_sync(conversation, payload="/urgent_care", language="sv")
        message = only(assistant.reply_sync(conversation, "vad är numret?"))
        assert "116117" in message.full_text

    @pytest.mark.parametrize(
        ("question", "again", "number"),
        [
            ("rådgivning", "vi börjar om", "vad är numret?"),
            ("palveluohjaus", "aloitetaan alusta", "entä puhelinnumero?"),
        ],
    )
    def test_starting_over_forgets_the_topic_and_keeps_the_language(
        self, assistant, conversation, question, again, number
    ):
        language = assistant.reply_sync(conversation, question).language
        assert assistant.reply_sync(conversation, again).understanding.intent == "start_over"
        message = only(assistant.reply_sync(conversation, number))
        assert (message.topic, message.language) == (None, language)

    def test_two_conversations_do_not_mix(self, assistant, conversation):
        first, second = f"{conversation}-1", f"{conversation}-2"
        assistant.reply_sync(first, "rådgivning", language="sv")
        assistant.reply_sync(second, "tarvitsen ajan hammaslääkärille", language="fi")
        one = only(assistant.reply_sync(first, "vad är numret?"))
        other = only(assistant.reply_sync(second, "entä puhelinnumero?"))
        assert (one.topic, one.language) == ("counselling", "sv")
        assert (other.topic, other.language) == ("oral_health", "fi")

    async def test_an_erased_conversation_begins_anew(self, assistant, conversation):
        await assistant.reply(conversation, "tarvitsen ajan hammaslääkärille", language="fi")
        await assistant.erase(conversation)
        reply = await assistant.reply(conversation, "vad är numret?", language="sv")
        assert (only(reply).topic, reply.language) == (None, "sv")

    async def test_erasing_an_unknown_conversation_is_no_error(self, assistant, stored):
        await assistant.erase("nobody")
        await stored.erase("nobody")


class TestLimits:
    """What lies outside the documents, and what needs a human being at once."""

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize(
        "text",
        [
            "What services do you offer for elderly people?",
            "Как мне записаться к врачу?",
            "كيف يمكنني حجز موعد مع الطبيب",
            "我怎么预约医生",
        ],
    )
    def test_another_language_is_met_politely_with_112(self, assistant, conversation, language, text):
        assistant.reply_sync(conversation, payload="/fees", language=language)
        reply = assistant.reply_sync(conversation, text)
        message = only(reply)
        assert (reply.understanding.outcome, reply.language, message.topic) == ("foreign", language, None)
        assert "112" in message.text
        assert "svenska" in message.text
        assert "suomeksi" in message.text
        assert "Swedish and Finnish" in message.text or "Finnish and Swedish" in message.text

    @pytest.mark.parametrize(
        ("language", "text", "opening"),
        [
            ("sv", "Vem vann ishockey-VM?", "Tyvärr finns det inget svar"),
            ("fi", "mikä on Ranskan pääkaupunki", "Valitettavasti asiakirjoissani"),
        ],
    )
    def test_a_question_outside_the_documents_is_declined_with_a_way_on(
        self, assistant, conversation, language, text, opening
    ):
        message = only(assistant.reply_sync(conversation, text, language=language))
        assert message.text.startswith(opening)
        assert (message.topic, message.sources) == (None, ())
        assert [button["payload"] for button in message.buttons] == ["/counselling", "/human_handoff"]

    @pytest.mark.parametrize(
        ("language", "text"), [("sv", "Jag vill tala med en människa"), ("fi", "Haluan puhua ihmisen kanssa")]
    )
    def test_who_asks_for_a_human_gets_the_way_to_one(self, assistant, conversation, language, text):
        message = only(assistant.reply_sync(conversation, text, language=language))
        assert (message.handoff, message.language) == (True, language)
        numbers = [channel.get("number") for channel in message.channels]
        assert {"116117", "112"} <= set(numbers)

    @pytest.mark.parametrize(
        ("language", "text", "trigger"),
        [
            ("sv", "Min pappa andas inte!", "life"),
            ("fi", "Isä ei hengitä!", "life"),
            ("sv", "jag vill inte leva längre", "suicide"),
            ("fi", "en halua enää elää", "suicide"),
        ],
    )
    def test_danger_is_met_with_112_first_and_the_line_of_the_language(
        self, assistant, conversation, language, text, trigger
    ):
        assistant.reply_sync(conversation, payload="/fees", language=language)
        reply = assistant.reply_sync(conversation, text)
        message = only(reply)
        assert (reply.understanding.outcome, reply.understanding.trigger) == ("safety", trigger)
        assert (message.emergency, message.language) == (True, language)
        assert "112" in message.text.split("\n")[0]
        assert message.channels[0]["number"] == "112"
        assert all(language in channel["languages"] for channel in message.channels)
        if trigger == "suicide":
            assert "crisis_line" in {button["payload"].lstrip("/") for button in message.buttons}
            assert len(message.channels) > 1

    def test_danger_is_met_in_the_middle_of_a_clarifying_question(self, assistant):
        id, _ = ask_until_unsure(assistant, "sv")
        assert only(assistant.reply_sync(id, "Min pappa andas inte!")).emergency
