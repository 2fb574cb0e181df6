"""The Rasa assistant: understanding, dialogue and custom actions. The only room that imports `rasa`."""

from bot.lean_rasa import defer_tensorflow

defer_tensorflow()
