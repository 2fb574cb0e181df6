"""Who may use a route: every handler declares it, and `web.auth.guard` holds every request against the declaration.

    @public                          anybody: residents' pages, health checks
    @resident                        whoever holds the conversation's token; the handler itself checks it
    @entrance                        anybody who is about to sign in; a form needs the token of its page
    @requires("counsellor", …)       staff who are signed in and have one of the roles; a form needs its token

`@requires()` without a role is for everybody who is signed in. A route without a declaration answers nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from conversations.roles import ROLES

Handler = TypeVar("Handler", bound=Callable[..., Any])
_ATTRIBUTE = "lotsi_access"


@dataclass(frozen=True)
class Access:
    """A declaration. `kind` is `public`, `resident`, `entrance` or `staff`.

    `roles` are those of which one is enough; `with_old_password` lets in who must first change the password;
    `unattended` is asked for by a page that nobody may be sitting at, and does not keep the session from ending.
    `body_limit` is how many bytes may be sent, where it is more than elsewhere.
    """

    kind: str
    roles: frozenset[str] = frozenset()
    with_old_password: bool = False
    unattended: bool = False
    body_limit: int = 0


def find_access(handler: object) -> Access | None:
    """Return what a handler declares; None if nothing."""
    found = getattr(handler, _ATTRIBUTE, None)
    return found if isinstance(found, Access) else None


def public(handler: Handler) -> Handler:
    """Declare that anybody may use a handler's route."""
    return _declare(handler, Access("public"))


def resident(handler: Handler) -> Handler:
    """Declare that a handler itself checks the conversation's token."""
    return _declare(handler, Access("resident"))


def entrance(handler: Handler) -> Handler:
    """Declare that a handler belongs to signing in: for anybody, but a form must come from its own page."""
    return _declare(handler, Access("entrance"))


def requires(
    *roles: str, with_old_password: bool = False, unattended: bool = False, body_limit: int = 0
) -> Callable[[Handler], Handler]:
    """Declare that a handler is for staff.

    Args:
        roles: One of them is enough; none at all is everybody who is signed in.
        with_old_password: Whether somebody may use it who must first change the password.
        unattended: Whether a page asks for it by itself, so that it is no sign of somebody's work.
        body_limit: How many bytes may be sent, where it is more than elsewhere.

    Raises:
        ValueError: A role is none of ours.
    """
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} is no role; roles are {', '.join(ROLES)}")
    access = Access("staff", frozenset(roles), with_old_password, unattended, body_limit)
    return lambda handler: _declare(handler, access)


def _declare(handler: Handler, access: Access) -> Handler:
    setattr(handler, _ATTRIBUTE, access)
    return handler
