"""The cookies of staff, and the tokens that a form must send back.

The session's cookie holds a random token. A form's token is derived from it, so that a page of another origin can
neither know nor set it (OWASP's synchroniser token, kept on neither side). Whoever is not signed in yet has a cookie
too, encrypted: it holds the form's token, and what the county's directory must send back.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass, field, fields

from aiohttp import web

from web import keys

_SESSION, _ENTRANCE = "lotsi_staff", "lotsi_entrance"
_HOST_PREFIX = "__Host-"
_ENTRANCE_SECONDS = 8 * 60 * 60
FIELD, HEADER = "csrf", "X-CSRF-Token"


@dataclass(frozen=True)
class Entrance:
    """What is known of somebody who is about to sign in."""

    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    next: str = ""
    state: str = ""
    nonce: str = ""
    verifier: str = ""
    expires: float = field(default_factory=lambda: time.time() + _ENTRANCE_SECONDS)


def read_session_token(request: web.Request) -> str:
    """Return the token of the session's cookie; empty if there is none."""
    return request.cookies.get(_name(request, _SESSION), "")


def write_session_token(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Give the browser a session's token; the cookie goes with the browser, the session has limits on the server."""
    _write(request, response, _SESSION, token)


def delete_session_token(request: web.Request, response: web.StreamResponse) -> None:
    """Take the session's token away from the browser."""
    _delete(request, response, _SESSION)


def derive_form_token(session_token: str) -> str:
    """Return the token that the forms of a session send back."""
    return hmac.new(session_token.encode(), b"form", hashlib.sha256).hexdigest()


def read_entrance(request: web.Request) -> Entrance | None:
    """Return what the entrance's cookie holds; None if there is none, it is forged or it is too old."""
    sealed = request.cookies.get(_name(request, _ENTRANCE), "")
    try:
        opened = request.app[keys.CIPHER].decrypt(base64.urlsafe_b64decode(sealed).decode("ascii"))
        values = json.loads(opened or "{}")
    except (ValueError, binascii.Error):
        return None
    if set(values) != {item.name for item in fields(Entrance)} or values["expires"] < time.time():
        return None
    return Entrance(**values)


def write_entrance(request: web.Request, response: web.StreamResponse, entrance: Entrance) -> None:
    """Give the browser the entrance's cookie."""
    sealed = request.app[keys.CIPHER].encrypt(json.dumps(asdict(entrance)))
    _write(request, response, _ENTRANCE, base64.urlsafe_b64encode(sealed.encode("ascii")).decode("ascii"))


def delete_entrance(request: web.Request, response: web.StreamResponse) -> None:
    """Take the entrance's cookie away."""
    _delete(request, response, _ENTRANCE)


async def read_sent_token(request: web.Request) -> str:
    """Return the token that a form or a script has sent; empty if there is none."""
    if HEADER in request.headers:
        return request.headers[HEADER]
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return ""
    value = (await request.post()).get(FIELD, "")
    return value if isinstance(value, str) else ""


def is_same(sent: str, expected: str) -> bool:
    """Compare two tokens without telling by the time where they differ; an empty one is never right."""
    return bool(expected) and hmac.compare_digest(sent.encode("utf-8", "replace"), expected.encode())


def _name(request: web.Request, name: str) -> str:
    """With HTTPS a name that only this very host can set, and only by HTTPS (RFC 6265 bis, section 4.1.3.2)."""
    return _HOST_PREFIX + name if request.app[keys.SETTINGS].is_https else name


def _write(request: web.Request, response: web.StreamResponse, name: str, value: str) -> None:
    secure = request.app[keys.SETTINGS].is_https
    response.set_cookie(_name(request, name), value, path="/", httponly=True, samesite="Lax", secure=secure)


def _delete(request: web.Request, response: web.StreamResponse, name: str) -> None:
    secure = request.app[keys.SETTINGS].is_https
    response.del_cookie(_name(request, name), path="/", httponly=True, samesite="Lax", secure=secure)
