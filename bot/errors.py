"""What can go wrong between a message and its answer, in words that say what mends it."""


class AssistantError(Exception):
    """Base of the assistant's errors."""


class ModelMissing(AssistantError):
    """No trained model stands where one was looked for."""


class ModelUnusable(AssistantError):
    """A model archive could not be loaded or did not answer."""


class PayloadInvalid(AssistantError):
    """A button's payload names no intent of the model."""
