"""What a topic's id may be: it is an intent's name in files, rules and addresses, so plain ASCII in snake_case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from studio.findings import STOP, Finding

_FORM = re.compile(r"[a-z][a-z0-9_]{1,62}[a-z0-9]")
RESERVED_PREFIXES = ("danger_", "utter_", "action_", "follow_up_", "validate_", "extract_", "slot_", "form_")
RESERVED = frozenset(
    {
        *("restart", "back", "session_start", "nlu_fallback", "out_of_scope", "clarify", "foreign_language"),
        *(
            "near_danger",
            "danger",
            "fallback",
            "none",
            "null",
            "true",
            "false",
            "all",
            "new",
            "check",
            "publish",
            "common",
        ),
    }
)
"""Words of Rasa's, of its rules, and of the console's addresses."""
PROTECTED = frozenset(
    {
        *("counselling", "contact_details", "emergency_number", "urgent_care"),
        *("crisis_line", "violence_line", "poison_line", "child_youth_line"),
    }
)
"""Topics that actions and safety triggers lead to by their ids; they can be edited, but neither renamed nor retired."""
_LOOK_ALIKES = str.maketrans("аеорсухіјѕԁһӏкмтвнгαορνικτ", "aeopcyxijsdhlkmtbhraopvikt")


def check_id(id: str, taken: Collection[str] = ()) -> list[Finding]:
    """Return everything that keeps `id` from being a topic's id, with what would do.

    Args:
        id: As somebody typed it.
        taken: Intents that are no topics.
    """
    findings = []
    strange = sorted({char for char in id if ord(char) > 127})
    if strange:
        named = ", ".join(f"{char} ({unicodedata.name(char, f'U+{ord(char):04X}')})" for char in strange)
        text = "the id '{id}' has letters other than a–z: {named}; write '{suggested}'"
        findings.append(Finding(STOP, "id", text, {"id": id, "named": named, "suggested": suggest_id(id)}))
    elif not _FORM.fullmatch(id):
        text = "'{id}' is no id; write small letters a–z, digits and _, beginning with a letter: '{suggested}'"
        findings.append(Finding(STOP, "id", text, {"id": id, "suggested": suggest_id(id)}))
    plain = suggest_id(id)
    if plain in RESERVED or plain in taken or plain.startswith(RESERVED_PREFIXES):
        text = "'{id}' is a name that Lotsi itself uses; write for example 'topic_{plain}'"
        findings.append(Finding(STOP, "id", text, {"id": id, "plain": plain}))
    return findings


def suggest_id(text: str) -> str:
    """Return the id that is nearest to what somebody typed."""
    folded = unicodedata.normalize("NFKD", text.lower().translate(_LOOK_ALIKES).replace("ß", "ss"))
    plain = re.sub(r"[^a-z0-9]+", "_", "".join(char for char in folded if not unicodedata.combining(char))).strip("_")
    return (plain if plain[:1].isalpha() else f"topic_{plain}".strip("_"))[:64].strip("_")
