"""Names of what our components write on a message; they reach the tracker as parse data."""

from typing import Final

LANGUAGE: Final = "language"
"""The served language (`sv` or `fi`) in which the message is read and answered."""

DETECTED: Final = "detected_language"
"""The language that the message is written in: `sv`, `fi` or another that we only recognise."""

SAFETY: Final = "safety"
"""The safety trigger that fired: `{"trigger", "intent", "matched", "lines"}`."""

DECISION: Final = "decision"
"""How the intent was decided: `{"outcome", "predicted", "candidates", "caution"}`; see `bot.nlu.decision`."""

PRIOR: Final = "language"
"""Key in the incoming message's metadata: the conversation's or page's language."""

AUGMENTED: Final = "augmented"
"""Key in a training example's metadata: the written example of which it is a variant (`bot.augmentation`)."""

VALIDATION: Final = "validation"
"""Key in the metadata of an utterance that the confidence is fitted on and nothing is trained on (`bot/validation`)."""

DANGEROUS: Final = "dangerous"
"""Key in the metadata of a validation sentence that only the detector of danger is fitted on: whether it is one."""

GROUP: Final = "group"
"""Key in a training example's metadata: the name of the file that it stands in, without its ending."""

DANGER: Final = "danger"
"""What the detector says of a message: `{"intent", "probability"}`, the likeliest danger and that of any danger."""
