"""The roles of staff. Nothing is imported here: settings and declarations of access know roles without a database."""

from __future__ import annotations

ROLES = ("counsellor", "admin", "auditor")
"""counsellor reads and answers residents; admin also manages; auditor reads audit log and figures, no transcripts."""

IMPLIED = {"admin": frozenset({"admin", "counsellor"})}
"""What a role brings along."""
