"""The table that maps each paragraph of the source documents to the topics that restate it."""

from __future__ import annotations

from pathlib import Path

from knowledge.build import KNOWLEDGE_FOLDER
from knowledge.reader import read_documents

_HEAD = """# Which topic answers which paragraph

Made by `lotsi knowledge coverage --write docs/coverage.md`; a test keeps it up to date. A paragraph is a line of the
source file that is not empty, counted from 1. A paragraph of page furniture (navigation, labels) says so.
"""


def render_coverage(folder: Path = KNOWLEDGE_FOLDER) -> str:
    """Return the table as Markdown, one part a source document.

    Args:
        folder: Holds `documents/`.
    """
    documents = [item for item in read_documents(folder / "documents")[0] if item.language == "sv" and item.source_file]
    parts = [_HEAD]
    for document in sorted(documents, key=lambda item: str(item.source_file)):
        parts.append(f"\n## {document.source_file}\n\nDocument `{document.id}`.\n\n| paragraph | topics |\n|---|---|\n")
        topics: dict[int, list[str]] = {}
        for section in document.sections:
            for number in section.paragraphs:
                topics.setdefault(number, []).append(section.topic)
        for number in range(1, document.paragraph_count + 1):
            named = ", ".join(f"`{topic}`" for topic in topics.get(number, ()))
            parts.append(f"| {number} | {named or 'page furniture'} |\n")
    return "".join(parts)
