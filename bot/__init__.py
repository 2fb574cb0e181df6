"""The Rasa assistant: understanding, dialogue and custom actions. The only room that imports `rasa`."""
