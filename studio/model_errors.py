"""The errors around models: one base, one subclass a cause; each says what was wrong and what would mend it."""

from __future__ import annotations

from collections.abc import Sequence


class ModelError(Exception):
    """Base of the errors around models."""


class ModelNotFound(ModelError):
    """There is no model of that name."""


class ModelForeign(ModelError):
    """An archive is not one that was made here, or not any more what was made here; it is not opened."""


class ModelInUse(ModelError):
    """A model cannot be deleted: it is live, or listens to real turns."""


class PromotionRefused(ModelError):
    """A model may not go live; `lines` says why, sentence by sentence."""

    def __init__(self, lines: Sequence[str], safety: bool = False) -> None:
        """Make the error.

        Args:
            lines: The gate's reasons.
            safety: Whether one of them is about safety, so that no reason of an admin's can overrule it.
        """
        self.lines = tuple(lines)
        self.safety = safety
        super().__init__("\n".join(lines))


class ReasonMissing(ModelError):
    """Whoever overrules the gate writes why."""


class NothingToReturnTo(ModelError):
    """No model was live before this one."""


class TrainingFailed(ModelError):
    """A training came to nothing; `problems` says why, a line each. The live model is as it was."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Make the error.

        Args:
            problems: Those of the training data, or what went wrong.
        """
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class JobRunning(ModelError):
    """A training runs or waits already; one at a time."""


class JobNotFound(ModelError):
    """There is no training of that number."""


class EvaluationImpossible(ModelError):
    """The held-out sentences are missing or broken, so that nothing can be said of a model."""
