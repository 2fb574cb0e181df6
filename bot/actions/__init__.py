"""Custom actions (rasa_sdk), one task a file. They read answers from `knowledge` and phrases from `domain.yml`."""
