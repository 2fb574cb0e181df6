"""What stands in the audit log, in words: what was done, and to what."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from conversations.audit import Entry
from knowledge.languages import Language
from web.locales import load_catalogue


@dataclass(frozen=True)
class AuditWords:
    """Words of one language; a kind or an action without one is shown by its code."""

    kinds: dict[str, str]
    actions: dict[str, str]

    def describe(self, entry: Entry) -> str:
        """Return what was done: an action's own words, else those of what is done to anything."""
        verb = entry.action.rpartition(".")[2]
        return self.actions.get(entry.action) or self.actions.get(verb) or entry.action


@functools.lru_cache(maxsize=2)
def load_audit_words(language: Language) -> AuditWords:
    """Return the words of a language."""
    gettext = load_catalogue(language).gettext
    return AuditWords(
        kinds={
            "conversation": gettext("Conversation"),
            "message": gettext("Answer"),
            "inbox": gettext("Inbox"),
            "queue": gettext("Queue"),
            "callback": gettext("Call-back"),
            "candidate": gettext("Example candidate"),
            "wish": gettext("Knowledge wish"),
            "figures": gettext("Figures"),
            "topic": gettext("Topic"),
            "service": gettext("Service record"),
            "knowledge": gettext("Knowledge"),
            "model": gettext("Model"),
            "training": gettext("Training"),
            "user": gettext("Account"),
            "session": gettext("Session"),
            "route": gettext("Page"),
            "audit": gettext("Audit log"),
        },
        actions={
            "read": gettext("looked at it"),
            "exported": gettext("exported it"),
            "erased": gettext("erased it"),
            "conversation.expired": gettext("erased what had been kept for long enough"),
            "conversation.status": gettext("changed its stage"),
            "conversation.assigned": gettext("assigned it"),
            "conversation.tagged": gettext("added a tag"),
            "conversation.untagged": gettext("removed a tag"),
            "conversation.noted": gettext("wrote a note"),
            "message.reviewed": gettext("judged it"),
            "conversation.taken_over": gettext("took it over"),
            "conversation.answered": gettext("answered the resident"),
            "conversation.handed_back": gettext("handed it back to Lotsi"),
            "conversation.ended": gettext("ended it"),
            "conversation.transferred": gettext("passed it on"),
            "conversation.dropped": gettext("put it back into the queue, the counsellor was gone"),
            "conversation.released": gettext("took it out of the queue, the service hours had ended"),
            "callback.claimed": gettext("took on the call"),
            "callback.released": gettext("gave the call back"),
            "callback.reported": gettext("reported the outcome"),
            "accepted": gettext("accepted it"),
            "declined": gettext("declined it"),
            "sign_in.succeeded": gettext("signed in"),
            "sign_in.refused": gettext("did not let somebody sign in"),
            "sign_out": gettext("signed out"),
            "access.refused": gettext("was not let in"),
            "presence.present": gettext("came to the desk"),
            "presence.away": gettext("went away from the desk"),
            "session.ended": gettext("ended a session"),
            "session.ended_elsewhere": gettext("ended the other sessions"),
            "user.password_changed": gettext("changed the password"),
            "user.second_factor_on": gettext("turned the second factor on"),
            "user.second_factor_off": gettext("turned the second factor off"),
            "user.recovery_codes_renewed": gettext("made new recovery codes"),
            "user.disabled": gettext("closed the account"),
            "user.enabled": gettext("opened the account again"),
            "user.reset": gettext("reset the account"),
            "user.roles_changed": gettext("changed the roles"),
            "added": gettext("added it"),
            "edited": gettext("changed it"),
            "restored": gettext("restored an older version"),
            "retired": gettext("retired it"),
            "renamed": gettext("renamed it"),
            "merged": gettext("merged it"),
            "split": gettext("split it"),
            "imported": gettext("imported it"),
            "uploaded": gettext("uploaded examples"),
            "published": gettext("published the changes"),
            "trained": gettext("trained it"),
            "promoted": gettext("took it into use"),
            "promoted_anyway": gettext("took it into use against the gate"),
            "rolled_back": gettext("went back to it"),
            "shadow": gettext("let it listen"),
            "deleted": gettext("deleted it"),
            "training.asked": gettext("asked for a training"),
            "training.cancelled": gettext("cancelled the training"),
            "training.interrupted": gettext("found the training broken off"),
            "training.done": gettext("finished the training"),
            "training.failed": gettext("could not finish the training"),
            "audit.verified": gettext("checked the hash chain"),
            "audit.broken": gettext("found the hash chain broken"),
        },
    )
