"""The safety triggers on sentences as residents write them, and their phrase grammar on small data."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.nlu.patterns import PhraseIndex, find_hints, fold
from bot.nlu.triggers import INTENTS, LINES, TriggerError, TriggerSet, load_triggers

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "bot" / "data" / "safety"
HEAD = "trigger: fire\nintent: danger_fire\npriority: 2\nreviewed: null\nlines: [emergency_number]\n"


def _sentences(part: str) -> list[Any]:
    """Return all sentences of one part (`fires`, `harmless`, `missed`) with their file, as test parameters."""
    params = []
    for path in sorted(HERE.glob("*/*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        name = f"{path.parent.name}/{path.stem}"
        params += [pytest.param(path.stem, text, id=f"{name}: {text}") for text in content.get(part, [])]
    return params


def _intents(category: str) -> set[str]:
    """Return the intents that are right for a category: for a danger, any danger."""
    dangers = {intent for intent in INTENTS if intent.startswith("danger_")}
    return {category} if category == "medical_advice" else dangers


def _load(folder: Path, sv: str, fi: str = "  fires: [palaa]", common: str = "words: {}") -> TriggerSet:
    """Load one trigger, whose Swedish and Finnish blocks are given."""
    (folder / "_common.yml").write_text(common, encoding="utf-8")
    (folder / "fire.yml").write_text(f"{HEAD}sv:\n{sv}\nfi:\n{fi}\n", encoding="utf-8")
    return load_triggers(folder)


@pytest.fixture(scope="module")
def triggers() -> TriggerSet:
    return load_triggers(FOLDER)


@pytest.mark.parametrize(("category", "text"), _sentences("fires"))
def test_danger_fires(triggers: TriggerSet, category: str, text: str) -> None:
    assert _intents(category) & {match.intent for match in triggers.match(text)}


@pytest.mark.parametrize(("category", "text"), _sentences("harmless"))
def test_harmless_message_does_not_fire(triggers: TriggerSet, category: str, text: str) -> None:
    assert triggers.match(text) == []


def test_the_index_leaves_out_nothing_that_could_match(triggers: TriggerSet) -> None:
    indexes = [(trigger.fires, PhraseIndex(trigger.fires)) for trigger in triggers.triggers]
    for param in (*_sentences("fires"), *_sentences("harmless")):
        hints = find_hints(fold(param.values[1]))
        for phrases, index in indexes:
            assert index.find_possible(hints) == [phrase for phrase in phrases if phrase.may_match(hints)]


@pytest.mark.parametrize(("category", "text"), _sentences("missed"))
def test_known_miss_is_still_missed(triggers: TriggerSet, category: str, text: str) -> None:
    """A sentence that fires now belongs among the `fires` of its file."""
    assert triggers.match(text) == []


def test_sentence_files_state_their_folders_language_and_are_the_same_in_both() -> None:
    for path in HERE.glob("*/*.yml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["language"] == path.parent.name
    assert {path.name for path in HERE.glob("sv/*.yml")} == {path.name for path in HERE.glob("fi/*.yml")}
    assert {path.stem for path in FOLDER.glob("[!_]*.yml")} <= {path.stem for path in HERE.glob("sv/*.yml")}


def test_danger_fires_in_capitals_and_without_diacritics(triggers: TriggerSet) -> None:
    quiet = []
    for param in _sentences("fires"):
        category, text = param.values
        plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        if not _intents(category) & {match.intent for match in triggers.match(plain.upper() + "!!!")}:
            quiet.append(plain)
    assert quiet == []


@pytest.mark.parametrize(
    "text", ["my husband cant breathe", "I want to kill myself", "the house is on fire", "he hits me", "he's drowning"]
)
def test_english_danger_fires(triggers: TriggerSet, text: str) -> None:
    assert triggers.match(text)


@pytest.mark.parametrize(
    "text",
    [
        "när ska man ringa 112, min man andas inte",
        "vad är nollinjen? min man slår mig",
        "brandvarnare piper och det brinner i köket",
        "jag dör av skratt men mamma är medvetslös",
        "pappa dog i hjärtinfarkt förra året och nu har mamma fått en hjärtinfarkt",
        "milloin soitetaan 112, mies ei hengitä",
        "mikä on nollalinja, mies lyö mua",
        "tapan hermoni ja sitten tapan itseni",
        "onko päivystys auki, isä makaa tajuttomana",
        "kuolen nauruun sanoi veli ja nyt se ei hengitä",
        "pappa slår mig när han är full",
        "han slog mig i ansiktet",
        "mannen fick en hjärtinfarkt för tio minuter sedan och ligger medvetslös",
        "det brinner för fullt i köket",
        "tänker hänga mig på vinden",
        "min anhörig hotar med självmord",
        "jag orkar inte leva och kan inte ringa",
        "drack klorin i stället för vatten",
        "aion tehdä itsemurhan, läheiset pärjää kyllä",
        "en jaksa elää enkä odottaa",
        "lapsi itkee kun isä lyö mua",
        "se löi pääni seinään ja uhkaa tappaa mut",
        "hengenahdistus ei helpota",
        "äiti ei herää aamulla vaikka ravistelen",
        "sai sydäninfarktin kaksi tuntia sitten",
    ],
)
def test_harmless_phrase_hides_no_danger_in_the_same_message(triggers: TriggerSet, text: str) -> None:
    assert any(match.intent.startswith("danger_") for match in triggers.match(text))


def test_matches_come_by_priority_with_their_topics(triggers: TriggerSet) -> None:
    matches = triggers.match("det brinner i köket, mamma är medvetslös och min man slår mig")
    assert [match.trigger for match in matches] == ["life", "fire", "violence"]
    assert [match.priority for match in matches] == sorted(match.priority for match in matches)
    assert matches[2].lines[0] == "violence_line"
    assert matches[0].matched == "medvetslos"
    assert matches[0].language == "sv"
    assert all(line in LINES for match in matches for line in match.lines)


@pytest.mark.parametrize("text", ["", "   ", "???", "\u200b", "🔥🔥", "приве́т"])
def test_message_without_words_does_not_fire(triggers: TriggerSet, text: str) -> None:
    assert triggers.match(text) == []


@pytest.mark.parametrize(
    "text", ["a " * 10_000, "x" * 20_000, "min man slår " * 2_000, "ei saa " * 3_000, "." * 20_000]
)
def test_long_repetition_returns(triggers: TriggerSet, text: str) -> None:
    triggers.match(text)


@pytest.mark.parametrize(
    ("phrase", "fires", "quiet"),
    [
        (
            "elden är lös",
            ["ELDEN, är... lös!", "elden ar los", "Elden\nÄr lös", "eldennn är lös"],
            ["elden lös", "är lös"],
        ),
        ("brand*", ["brand", "branden", "brandkår"], ["skogsbrand", "bran"]),
        ("*brand", ["skogsbrand", "brand"], ["branden"]),
        ("*brand*", ["skogsbranden"], ["bra nd"]),
        ("(hus|en stor lada) brinner", ["hus brinner", "en stor lada brinner"], ["lada brinner", "hus en brinner"]),
        ("hus .. brinner", ["hus brinner", "hus a b c d brinner"], ["hus a b c d e brinner", "brinner hus"]),
        ("hus & brinner", ["brinner hus", "hus 1 2 3 4 5 6 7 8 brinner"], ["hus 1 2 3 4 5 6 7 8 9 brinner", "hus"]),
        ("röd & rök & här", ["här röd rök", "rök röd här", "rök x här y röd"], ["röd rök", "rök rök här"]),
        ("<inte> ut", ["int ut", "inte ut"], ["ut", "in ut"]),
        ("(kom <inte>|går) ut", ["kom int ut", "går ut"], ["kom ut", "int ut"]),
        ("can't stop", ["cant stop", "can’t stop"], ["can t stop"]),
        ("ex-man", ["ex-man", "ex man", "Ex-Man"], ["exman"]),
    ],
)
def test_phrase_grammar(tmp_path: Path, phrase: str, fires: list[str], quiet: list[str]) -> None:
    found = _load(tmp_path, f'  fires: ["{phrase}"]', common="words: {sv: {inte: [int, inte]}}")
    assert [text for text in fires if not found.match(text)] == []
    assert [text for text in quiet if found.match(text)] == []


def test_alone_must_be_the_whole_message(tmp_path: Path) -> None:
    found = _load(tmp_path, "  fires: [eldsvåda nu]\n  alone: [brand, (hjälp|akut) brand]")
    assert found.match("Brand!")
    assert found.match("hjälp, BRAND")
    assert not found.match("brand i fjol")


def test_held_down_letters_of_short_and_long_vowels_make_no_difference(tmp_path: Path) -> None:
    found = _load(tmp_path, "  fires: [hjälp]")
    assert found.match("hjääääälp")
    assert found.match("täällä palaaaaa")


def test_harmless_phrase_takes_out_its_own_words_only(tmp_path: Path) -> None:
    found = _load(tmp_path, "  fires: [brinner]\n  harmless: [brinner för, efter .. branden]")
    assert not found.match("jag brinner för mitt arbete")
    assert found.match("jag brinner för mitt arbete och huset brinner")
    assert found.match("efter att det brinner kom branden"), "words in a gap are not taken out"


def test_harmless_phrases_of_common_count_for_every_trigger(tmp_path: Path) -> None:
    found = _load(tmp_path, "  fires: [brinner]", common="fi:\n  harmless: [brinner teaterissa]\n")
    assert not found.match("brinner teaterissa")


def test_all_faults_of_all_files_are_listed_at_once(tmp_path: Path) -> None:
    (tmp_path / "_common.yml").write_text("words: {sv: {inte: [no]}}\nsv:\n  harmless: ['a (b']\n", encoding="utf-8")
    (tmp_path / "fire.yml").write_text(
        "trigger: fires\nintent: fire\npriority: high\nreviewed: yesterday\nlines: [police]\n"
        "sv:\n  fires: ['.. a', 'a ..', '<who> a', '(a|)', 'a*b', 12, 'a & ', 'a & b & c & d']\n  firs: [a]\n"
        "fi:\n  fires: ['a .. .. b', 'x | y', 7]\nde:\n  fires: [feuer]\n",
        encoding="utf-8",
    )
    (tmp_path / "life.yml").write_text("- just a list\n", encoding="utf-8")
    (tmp_path / "child.yml").write_text("sv: [unclosed\n", encoding="utf-8")
    with pytest.raises(TriggerError) as caught:
        load_triggers(tmp_path)
    problems = caught.value.problems
    text = str(caught.value)
    assert text == "\n".join(problems)
    assert all(problem.split(": ")[0] in ("_common.yml", "fire.yml", "life.yml", "child.yml") for problem in problems)
    for fault in (
        "_common.yml: words sv inte False is no text",
        "_common.yml: sv harmless 'a (b'",
        "fire.yml: 'trigger' must be 'fire'",
        "fire.yml: 'intent' must be one of",
        "fire.yml: 'priority' must be a whole number",
        "fire.yml: 'reviewed' must be null",
        "fire.yml: 'lines' must be a list",
        "fire.yml: 'sv' must be one of",
        "fire.yml: fi fires 7 is no text",
        "fire.yml: fi fires 'a .. .. b'",
        "fire.yml: fi fires 'x | y'",
        "fire.yml: 'de' must be one of",
        "life.yml: must hold keys",
        "child.yml: cannot be read",
    ):
        assert fault in text


@pytest.mark.parametrize("phrase", [".. a", "a ..", "<who> a", "(a|)", "a*b", "*", "a & ", "a & b & c & d", "(a", "a)"])
def test_faulty_phrase_is_named(tmp_path: Path, phrase: str) -> None:
    with pytest.raises(TriggerError) as caught:
        _load(tmp_path, f'  fires: [brinner, "{phrase}"]')
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(f"fire.yml: sv fires '{phrase}' ")


def test_empty_folder_is_no_trigger_set(tmp_path: Path) -> None:
    with pytest.raises(TriggerError, match="holds no trigger file"):
        load_triggers(tmp_path)


def test_project_triggers_cover_every_intent_in_both_languages(triggers: TriggerSet) -> None:
    assert {trigger.intent for trigger in triggers.triggers} == set(INTENTS)
    for trigger in triggers.triggers:
        assert {"sv", "fi"} <= {phrase.language for phrase in trigger.fires}
