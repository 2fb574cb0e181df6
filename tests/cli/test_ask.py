"""`lotsi ask`: an answer as text, and the contract of `--jsonl`, key by key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ask_lines import BAD, LINES
from processes import Finished

from knowledge.build import read_topics
from web.settings import Settings

KEYS = ["id", "language", "intent", "confidence", "topic", "text", "sources", "buttons"]


@pytest.fixture(scope="module")
def said(invoke, model_path, data):
    """An answer as text."""
    return invoke("ask", "montako kuntaa Soiteen kuuluu", "--data", data, "--model", model_path)


class TestPlainText:
    """One question, read by a person."""

    def test_the_answer_is_printed_with_its_source_and_what_can_be_asked_next(self, said):
        assert said.exit_code == 0
        assert "kahdeksan kuntaa" in said.stdout
        assert "\nLähde: " in said.stdout
        assert said.stdout.splitlines()[-1].startswith("  → ")
        assert said.stderr == ""

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ([], "give a question, or --jsonl"),
            (["hej", "--jsonl"], "give a question, or --jsonl"),
            (["hej", "--language", "en"], "'en' is no language of ours; write sv or fi"),
            (["hej", "--language", "[/b]"], "'[/b]' is no language of ours"),
        ],
    )
    def test_a_wrong_call_is_named_and_ends_with_2(self, invoke, arguments, problem):
        result = invoke("ask", *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert problem in result.stderr

    @pytest.mark.parametrize("text", ["", " \n", "a" * 2001])
    def test_a_text_that_is_no_message_is_named_and_ends_with_2(self, invoke, tmp_path, text):
        result = invoke("ask", text, "--data", tmp_path)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "The message is" in result.stderr

    def test_a_missing_model_is_named_with_what_mends_it(self, invoke, tmp_path):
        result = invoke("ask", "hej", "--data", tmp_path, "--model", tmp_path / "none")
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"there is no trained model in {tmp_path}/none; train one with 'lotsi train'" in result.stderr

    def test_an_archive_that_is_no_model_is_named(self, invoke, tmp_path):
        (tmp_path / "bad.tar.gz").write_bytes(b"no archive")
        result = invoke("ask", "hej", "--data", tmp_path, "--model", tmp_path / "bad.tar.gz")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "bad.tar.gz cannot be used" in result.stderr
        assert "Traceback" not in result.stderr

    @pytest.mark.parametrize("variable", ["LOTSI_PORT", "LOTSI_LANGUAGE", "LOTSI_KNOWLEDGE_URL"])
    def test_a_setting_that_cannot_be_used_is_named_and_ends_with_2(self, invoke, tmp_path, variable):
        result = invoke("ask", "hej", "--data", tmp_path, **{variable: "none"})
        assert (result.exit_code, result.stdout) == (2, "")
        assert variable in result.stderr


@pytest.fixture(scope="module")
def run(ask_started) -> Finished:
    """One process that read all lines."""
    return ask_started.wait()


@pytest.fixture(scope="module")
def written(run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.output.decode("utf-8").split("\n")[:-1]]


@pytest.fixture(scope="module")
def answers(written) -> dict[object, dict[str, Any]]:
    return {item["id"]: item for item in written if "error" not in item}


class TestJsonLines:
    """`--jsonl`, read by a program."""

    def test_each_line_is_answered_in_its_place_and_empty_ones_are_passed_over(self, written):
        asked = {number: line for number, line in enumerate(LINES, start=1) if line}
        assert len(written) == len(asked)
        for item, (number, line) in zip(written, asked.items(), strict=True):
            if line in BAD:
                assert (item["id"], item["line"], item["error"]["code"]) == (BAD[line][0], number, BAD[line][1])
            else:
                assert item["id"] == json.loads(line.decode("utf-8-sig")).get("id")
                assert "error" not in item

    def test_the_run_goes_on_after_bad_lines_and_ends_well(self, run, answers):
        assert run.status == 0
        assert answers["last"]["intent"] == "thanks"

    def test_nothing_but_json_is_on_standard_output_and_nothing_on_standard_error(self, run):
        assert run.output.endswith(b"}\n")
        assert all(isinstance(json.loads(line), dict) for line in run.output.splitlines())
        assert run.errors == b""

    def test_an_answer_has_the_keys_of_the_contract_in_their_order(self, answers):
        for answer in answers.values():
            assert list(answer) == KEYS

    def test_an_answers_values_have_their_types(self, answers):
        topics = set(read_topics())
        for answer in answers.values():
            assert answer["language"] in ("sv", "fi")
            assert isinstance(answer["intent"], str)
            assert 0 <= answer["confidence"] <= 1
            assert answer["topic"] in {None, *topics}
            assert answer["text"].strip()
            for source in answer["sources"]:
                assert list(source) == ["title", "published", "language", "url"]
                assert source["title"]
                assert source["published"]
            for button in answer["buttons"]:
                assert list(button) == ["title", "payload"]
                assert button["payload"].startswith("/")

    @pytest.mark.parametrize(("id", "language"), [("sv", "sv"), ("fi", "fi"), ("detected", "fi")])
    def test_a_question_is_answered_in_its_language_from_its_topic(self, answers, id, language):
        answer = answers[id]
        assert (answer["language"], answer["intent"], answer["topic"]) == (language, "municipalities", "municipalities")
        assert {"sv": "Åtta kommuner", "fi": "kahdeksan kuntaa"}[language] in answer["text"]
        assert answer["sources"]

    def test_the_text_is_all_that_a_resident_reads(self, answers):
        for id in ("sv", "fi", "danger"):
            for source in answers[id]["sources"]:
                assert source["title"] in answers[id]["text"]
        assert "116117" in answers["b2"]["text"], "a channel's number is read as well"
        assert "112" in answers["danger"]["text"]

    def test_an_answer_without_a_topic_has_none_and_no_source(self, answers):
        assert (answers["nothing"]["topic"], answers["nothing"]["sources"]) == (None, [])

    def test_what_a_clarifying_question_offers_are_buttons(self, answers):
        asked = [answer for answer in answers.values() if answer["intent"] == "clarify"]
        assert asked
        for answer in asked:
            *offered, last = (button["payload"].removeprefix("/") for button in answer["buttons"])
            assert (answer["topic"], last) == (None, "deny")
            assert offered
            assert set(offered) <= set(read_topics())

    def test_lines_of_one_conversation_know_of_each_other_and_of_no_other(self, answers):
        assert (answers["a1"]["topic"], answers["a2"]["topic"]) == ("help_button", "help_button")
        assert (answers["b1"]["topic"], answers["b2"]["topic"]) == ("urgent_care", "urgent_care")
        assert (answers["a2"]["language"], answers["b2"]["language"]) == ("sv", "fi")
        assert answers["alone"]["topic"] is None

    def test_an_error_says_what_is_wrong(self, written):
        errors = [item for item in written if "error" in item]
        assert len(errors) == len(BAD)
        for item in errors:
            assert list(item) == ["id", "line", "error"]
            assert list(item["error"]) == ["code", "message", "details"]
            assert item["error"]["message"]

    def test_a_text_that_is_too_long_is_told_the_limit(self, written):
        (error,) = [item["error"] for item in written if item["id"] == "long"]
        assert error["details"] == {"limit": Settings().message_limit, "length": 10_000}

    def test_all_problems_of_a_line_are_named_at_once(self, written):
        (error,) = [item["error"] for item in written if item["id"] == "many"]
        named = [problem.split("'")[1] for problem in error["details"]["problems"]]
        assert named == ["conversation", "text", "language"]
