"""The decision on personal data for every column that holds text or JSON; a test fails for one without a decision.

`masked`: what somebody wrote, a `MaskedText` column. `encrypted`: needed as it is, by `conversations.encryption`.
`hashed`: cannot be turned back. `own`: texts, titles, numbers of ours, chosen by nobody else. `code`: one of a few
words, an id, or a time. `derived`: made of masked text alone. `staff`: about somebody who works here.
"""

from __future__ import annotations

MASKED, ENCRYPTED, HASHED = "masked", "encrypted", "hashed"
OWN, CODE, DERIVED, STAFF = "own", "code", "derived", "staff"

DECISIONS: dict[str, dict[str, str]] = {
    "conversation": {"id": CODE, "token_hash": HASHED, "language": CODE, "state": CODE, "channel": CODE},
    "message": {
        **dict.fromkeys(("id", "conversation_id", "sender", "language", "topic", "masked", "model"), CODE),
        **dict.fromkeys(("payload", "sources", "channels", "buttons"), OWN),
        **dict.fromkeys(("intent", "predicted", "outcome", "ranking", "trigger"), DERIVED),
        "text": MASKED,
    },
    "turn": {"conversation_id": CODE, "key": HASHED, "request_hash": HASHED, "response": DERIVED},
    "tracker_event": {"conversation_id": CODE, "event": DERIVED},
    "handoff": {**dict.fromkeys(("id", "conversation_id", "language", "outcome", "origin"), CODE), "taken_by": STAFF},
    "callback": {
        **dict.fromkeys(("id", "conversation_id", "language", "status"), CODE),
        **dict.fromkeys(("phone", "name", "wish"), ENCRYPTED),
        "outcome": MASKED,
        "claimed_by": STAFF,
    },
    "callback_attempt": {
        **dict.fromkeys(("id", "callback_id", "conversation_id", "outcome"), CODE),
        "made_by": STAFF,
        "note": MASKED,
    },
    "presence": {"user_id": CODE, "status": CODE},
    "feedback": {"message_id": CODE, "conversation_id": CODE, "value": CODE, "reason": MASKED},
    "rating": {"conversation_id": CODE, "comment": MASKED},
    "staff_user": {
        **dict.fromkeys(("id", "roles", "language", "theme"), CODE),
        **dict.fromkeys(("name", "display_name", "issuer", "subject"), STAFF),
        **dict.fromkeys(("totp_secret", "totp_pending"), ENCRYPTED),
        **dict.fromkeys(("password_hash", "recovery_codes"), HASHED),
    },
    "staff_session": {
        **dict.fromkeys(("id", "user_id", "stage", "method"), CODE),
        "token_hash": HASHED,
        "agent": STAFF,
    },
    "sign_in_failure": {"key": HASHED},
    "audit_entry": {
        **dict.fromkeys(("action", "object_kind", "object_id", "details"), CODE),
        **dict.fromkeys(("previous_hash", "hash"), HASHED),
        "actor": STAFF,
    },
    "inbox": {
        **dict.fromkeys(("conversation_id", "reasons", "language", "status"), CODE),
        "excerpt": MASKED,
        "assigned_to": STAFF,
    },
    "inbox_mark": {"kind": CODE, "value": DERIVED},
    "inbox_text": {"terms": DERIVED},
    "review": {**dict.fromkeys(("message_id", "conversation_id", "verdict", "topic"), CODE), "reviewer": STAFF},
    "conversation_note": {"id": CODE, "conversation_id": CODE, "author": STAFF, "text": MASKED},
    "saved_view": {"id": CODE, "user_id": CODE, "name": MASKED, "query": DERIVED},
    "example_candidate": {
        **dict.fromkeys(("id", "conversation_id", "message_id", "language", "topic", "state"), CODE),
        **dict.fromkeys(("proposed_by", "decided_by"), STAFF),
        "text": MASKED,
    },
    "knowledge_wish": {
        **dict.fromkeys(("id", "conversation_id", "message_id", "language", "state"), CODE),
        **dict.fromkeys(("proposed_by", "decided_by"), STAFF),
        "text": MASKED,
    },
    "question": dict.fromkeys(("message_id", "conversation_id", "language", "result", "topic"), CODE),
    "job_lease": {"job": CODE, "holder": CODE},
    "studio_topic": {"id": CODE},
    "studio_revision": {
        **dict.fromkeys(("topic_id", "state", "successor", "action"), CODE),
        **dict.fromkeys(("examples_sv", "examples_fi", "note"), MASKED),
        "body": OWN,
        "changed_by": STAFF,
    },
    "studio_service": {"id": CODE},
    "studio_service_revision": {"service_id": CODE, "action": CODE, "record": OWN, "changed_by": STAFF},
    "model": {
        **dict.fromkeys(("name", "origin", "state", "overlay"), CODE),
        **dict.fromkeys(("sha256", "signature", "fingerprint"), HASHED),
        "made_by": STAFF,
    },
    "evaluation": {"model": CODE, "compared_with": CODE, "content": OWN, "gate": OWN},
    "promotion": {
        **dict.fromkeys(("model", "previous", "kind"), CODE),
        "reason": MASKED,
        "promoted_by": STAFF,
    },
    "training_job": {
        **dict.fromkeys(("state", "holder", "step", "model"), CODE),
        "asked_by": STAFF,
        "problems": OWN,
    },
    "training_event": {"kind": CODE, "step": CODE},
    "shadow_turn": dict.fromkeys(("model", "message_id", "live", "language", "live_topic", "shadow_topic"), CODE),
}


def decide(table: str, column: str) -> str:
    """Return the decision on a column; one that holds neither text nor JSON is a code."""
    return DECISIONS.get(table, {}).get(column, CODE)
