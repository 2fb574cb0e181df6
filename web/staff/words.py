"""How the console says the codes that are stored: reasons, outcomes, verdicts, states."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from knowledge.languages import Language
from web.locales import load_catalogue


@dataclass(frozen=True)
class Words:
    """Words by code, in one language."""

    reasons: dict[str, str]
    outcomes: dict[str, str]
    verdicts: dict[str, str]
    statuses: dict[str, str]
    ratings: dict[str, str]
    states: dict[str, str]
    senders: dict[str, str]
    kinds: dict[str, str]
    languages: dict[str, str]
    intents: dict[str, str]
    triggers: dict[str, str]


@functools.lru_cache(maxsize=2)
def load_words(language: Language) -> Words:
    """Return the words of a language."""
    gettext = load_catalogue(language).gettext
    triggers = _load_triggers(gettext)
    return Words(
        reasons={
            "emergency": gettext("Emergency"),
            "thumbs_down": gettext("Resident dissatisfied"),
            "human": gettext("Asked for a human"),
            "dont_know": gettext("Lotsi did not know"),
            "repeated": gettext("Asked again"),
            "near_tie": gettext("Between two topics"),
            "low_confidence": gettext("Unsure answer"),
            "language_switch": gettext("Two languages"),
        },
        outcomes={
            "sure": gettext("Answered"),
            "between": gettext("Asked which topic"),
            "unsure": gettext("Not understood"),
            "safety": gettext("Safety trigger"),
            "foreign": gettext("Other language"),
            "payload": gettext("Button pressed"),
        },
        verdicts={
            "right": gettext("Right answer"),
            "wrong": gettext("Wrong answer"),
            "missing": gettext("Missing knowledge"),
            "unsafe": gettext("Unsafe answer"),
        },
        statuses={
            "open": gettext("Open"),
            "new": gettext("New"),
            "in_review": gettext("In review"),
            "resolved": gettext("Resolved"),
            "all": gettext("All"),
        },
        ratings={
            "up": gettext("Thumb up"),
            "down": gettext("Thumb down"),
            "1": gettext("1 star"),
            **{str(stars): gettext("{number} stars").format(number=stars) for stars in range(2, 6)},
        },
        states={
            "bot": gettext("Lotsi answers"),
            "waiting": gettext("Waits for a human"),
            "human": gettext("A counsellor answers"),
            "ended": gettext("Ended"),
        },
        senders={
            "resident": gettext("Resident"),
            "bot": gettext("Lotsi (automatic)"),
            "human": gettext("Counsellor (human)"),
            "system": gettext("Notice"),
        },
        kinds={
            "email": gettext("e-mail address"),
            "iban": gettext("account number"),
            "identity_code": gettext("personal identity code"),
            "account": gettext("account number"),
            "card": gettext("card number"),
            "phone": gettext("phone number"),
            "address": gettext("address"),
        },
        languages={"sv": gettext("Swedish"), "fi": gettext("Finnish")},
        intents={**_load_intents(gettext), **{f"danger_{kind}": text for kind, text in triggers.items()}},
        triggers=triggers,
    )


def _load_triggers(gettext: Callable[[str], str]) -> dict[str, str]:
    return {
        "life": gettext("Danger to life"),
        "suicide": gettext("Danger of suicide"),
        "violence": gettext("Violence"),
        "poisoning": gettext("Poisoning"),
        "child": gettext("A child in danger"),
        "fire": gettext("Fire"),
    }


def _load_intents(gettext: Callable[[str], str]) -> dict[str, str]:
    """Return the intents that are no topic of the knowledge; a test holds them against `domain.yml`."""
    return {
        "greet": gettext("Greeting"),
        "thanks": gettext("Thanks"),
        "goodbye": gettext("Goodbye"),
        "are_you_a_robot": gettext("Asks whether Lotsi is a robot"),
        "what_can_you_do": gettext("Asks what Lotsi can do"),
        "bot_privacy": gettext("Privacy in the chat"),
        "change_language": gettext("Change of language"),
        "human_handoff": gettext("Wants to talk to a human"),
        "out_of_scope": gettext("Not among the topics"),
        "medical_advice": gettext("Asks for medical advice"),
        "anger": gettext("Is angry"),
        "override_rules": gettext("Tries to change the rules"),
        "affirm": gettext("Answers yes"),
        "deny": gettext("Answers no"),
        "start_over": gettext("Wants to start over"),
        "follow_up_contact": gettext("Asks on: contact details"),
        "follow_up_more": gettext("Asks on: more about it"),
        "clarify": gettext("Asked which topic"),
        "nlu_fallback": gettext("Not understood"),
        "foreign_language": gettext("Other language"),
    }
