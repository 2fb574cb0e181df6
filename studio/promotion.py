"""Makes a model live, or takes it back: the gate's word, the answers of its drafts, the row that all servers follow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from studio.errors import PublicationRefused
from studio.gate import Reason, Rules, Verdict, judge
from studio.model_errors import ModelError, NothingToReturnTo, PromotionRefused, ReasonMissing
from studio.models import Models, Promotion
from studio.words import say_reason

LEAST_REASON = 10
TryOut = Callable[[Path], None]
"""Loads a model and asks it what every model must answer; raises where it fails."""
Publish = Callable[[Path, str], None]
"""Makes the answers public that go with a model, given the snapshot of its drafts and who decides."""


class Promoter:
    """Decides what is live, for the models of one database."""

    def __init__(self, models: Models, rules: Rules, try_out: TryOut, publish: Publish) -> None:
        """Set up.

        Args:
            models: The registry.
            rules: The gate's.
            try_out: See `TryOut`.
            publish: See `Publish`.
        """
        self._models = models
        self._rules = rules
        self._try_out = try_out
        self._publish = publish

    def judge(self, name: str) -> Verdict | None:
        """Return what the gate says of a model beside the one that is live now; None if it was never measured."""
        measured = self._models.fetch_evaluation(name)
        if measured is None:
            return None
        live = self._models.live_name()
        if live in ("", name):
            return judge(measured.evaluation, None, self._rules)
        other = self._models.fetch_evaluation(live)
        if other is None:
            return Verdict(live, (Reason("not_compared", {"live": live}),))
        return judge(measured.evaluation, other.evaluation, self._rules)

    def promote(self, name: str, by: str, reason: str | None = None) -> Promotion:
        """Make a model live.

        The answers that it was trained with become public first, then the row is written that all servers follow:
        whatever ends the process in between, no model answers with a topic that has no answer.

        Args:
            name: The model.
            by: Who decides.
            reason: Why the gate is overruled, in an admin's words; None to go by the gate.

        Raises:
            ModelNotFound: There is none of that name.
            ModelForeign: Its archive is not what was made here.
            PromotionRefused: The gate refuses, and no reason is given, or it is about safety.
            ReasonMissing: The reason says nothing.
        """
        archive = self._models.find_archive(name)
        if name == self._models.live_name():
            raise PromotionRefused([f"{name} is live already"], safety=True)
        verdict = self.judge(name)
        if verdict is None:
            raise PromotionRefused([f"{name} has not been evaluated; train once more"], safety=True)
        if verdict.safety or (not verdict.passed and reason is None):
            lines = [line for item in verdict.reasons for line in say_reason(item)]
            raise PromotionRefused(lines, verdict.safety)
        if reason is not None and not verdict.passed and len(reason.strip()) < LEAST_REASON:
            raise ReasonMissing(f"write why the gate is overruled, in at least {LEAST_REASON} characters")
        self._try(name, archive)
        try:
            self._publish(self._models.archives.snapshot(name), by)
        except PublicationRefused as error:
            lines = str(error).splitlines()
            raise PromotionRefused(["its answers cannot be made public", *lines], safety=True) from error
        overruled = reason is not None and not verdict.passed
        return self._models.make_live(
            name, by, "override" if overruled else "promotion", reason.strip() if overruled and reason else None
        )

    def roll_back(self, by: str) -> Promotion:
        """Make the model live that was live before; topics that it does not know are drafts again, answers stay.

        Raises:
            NothingToReturnTo: There was none.
            ModelForeign: Its archive is not what was made here.
            ModelNotFound: Its archive is gone.
        """
        previous = self.previous()
        if not previous:
            raise NothingToReturnTo("no model was live before this one")
        self._try(previous, self._models.find_archive(previous))
        change = self._models.make_live(previous, by, "rollback")
        self._publish(self._models.archives.snapshot(previous), by)
        return change

    def previous(self) -> str:
        """Return the model that a rollback would make live; empty if there is none.

        A rollback takes the last promotion away: one after it goes on to the model before, and not back again.
        """
        changes = self._models.fetch_promotions(limit=1000)[::-1]
        stack = [changes[0].previous] if changes else []
        for change in changes:
            if change.kind == "rollback" and len(stack) > 1:
                stack.pop()
            elif change.kind != "rollback":
                stack.append(change.model)
        return stack[-2] if len(stack) > 1 else ""

    def _try(self, name: str, archive: Path) -> None:
        try:
            self._try_out(archive)
        except ModelError:
            raise
        except Exception as error:
            raise PromotionRefused([f"{name} cannot be used: {error}"], safety=True) from error
