"""The errors of the studio: one base, one subclass a cause; each says what would mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.findings import Finding


class StudioError(Exception):
    """Base of all errors of the studio."""


class TopicNotFound(StudioError):
    """There is no topic of that id."""


class TopicExists(StudioError):
    """The id is another topic's already."""


class TopicRefused(StudioError):
    """A topic cannot be kept as it was given; carries every reason at once."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, findings)))


class DraftChanged(StudioError):
    """Somebody else has changed the draft since it was looked at; nothing was overwritten.

    Attributes:
        version: The newest version, which the caller shows beside what was to be saved.
    """

    def __init__(self, id: str, version: int) -> None:
        self.id = id
        self.version = version
        super().__init__(f"somebody else has changed '{id}' meanwhile; look at version {version} and save again")


class UploadRefused(StudioError):
    """A file of examples cannot be read, or holds something wrong; carries every problem, and nothing was taken."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, findings)))


class PublicationRefused(StudioError):
    """The drafts cannot be made public; says why, and what is public stays as it is. Carries every problem found."""

    def __init__(self, text: str, findings: Sequence[Finding] = ()) -> None:
        self.findings = tuple(findings)
        super().__init__(text)
