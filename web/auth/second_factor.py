"""`/staff/account/second-factor`: turning the second factor on and off, and new recovery codes."""

from __future__ import annotations

import asyncio
from io import BytesIO

import segno
from aiohttp import web
from markupsafe import Markup

from conversations.second_factor import provisioning_uri
from web import keys
from web.auth.access import requires
from web.auth.account import ACCOUNT, confirm_password
from web.errors import ApiError
from web.staff.frame import read_form, render_staff_page

SECOND_FACTOR = f"{ACCOUNT}/second-factor"
_INVALID, _TOO_MANY = 422, 429


@requires()
async def show_second_factor(request: web.Request) -> web.Response:
    """Show how to turn it on, or how to turn it off."""
    return await _render(request)


@requires()
async def turn_on(request: web.Request) -> web.Response:
    """Turn it on once a code shows that the app has the secret; show the recovery codes, this once."""
    user, form = request[keys.USER], await read_form(request)
    if user.has_second_factor:
        raise web.HTTPSeeOther(SECOND_FACTOR)
    minutes, right = await confirm_password(request, form.get("password", ""))
    if minutes or not right:
        return await _render(request, _TOO_MANY if minutes else _INVALID, "wait" if minutes else "password", minutes)
    codes = await asyncio.to_thread(
        request.app[keys.SECOND_FACTOR].confirm, user.id, form.get("code", ""), request[keys.SESSION].id
    )
    if codes is None:
        return await _render(request, _INVALID, "code")
    await asyncio.to_thread(request.app[keys.AUDIT].append, user.id, "user.second_factor_on", "user", user.id)
    return render_staff_page(request, "recovery_codes.html", codes=codes)


@requires()
async def turn_off(request: web.Request) -> web.Response:
    """Turn it off; the password must be known."""
    user, form = request[keys.USER], await read_form(request)
    minutes, right = await confirm_password(request, form.get("password", ""))
    if minutes or not right:
        return await _render(request, _TOO_MANY if minutes else _INVALID, "wait" if minutes else "password", minutes)
    await asyncio.to_thread(request.app[keys.SECOND_FACTOR].turn_off, user.id, request[keys.SESSION].id)
    await asyncio.to_thread(request.app[keys.AUDIT].append, user.id, "user.second_factor_off", "user", user.id)
    raise web.HTTPSeeOther(f"{ACCOUNT}?done=second_factor_off")


@requires()
async def renew_recovery_codes(request: web.Request) -> web.Response:
    """Make new recovery codes and show them, this once; the password must be known."""
    user, form = request[keys.USER], await read_form(request)
    if not user.has_second_factor:
        raise ApiError("not_found")
    minutes, right = await confirm_password(request, form.get("password", ""))
    if minutes or not right:
        return await _render(request, _TOO_MANY if minutes else _INVALID, "wait" if minutes else "password", minutes)
    codes = await asyncio.to_thread(request.app[keys.SECOND_FACTOR].renew_recovery_codes, user.id)
    await asyncio.to_thread(request.app[keys.AUDIT].append, user.id, "user.recovery_codes_renewed", "user", user.id)
    return render_staff_page(request, "recovery_codes.html", codes=codes)


async def _render(request: web.Request, status: int = 200, problem: str = "", minutes: int = 0) -> web.Response:
    user = request[keys.USER]
    if user.from_directory:  # the county's directory has a second factor of its own
        raise ApiError("not_found")
    values = {"problem": problem, "minutes": minutes, "secret": "", "qr": ""}
    if not user.has_second_factor:
        secret = await asyncio.to_thread(request.app[keys.SECOND_FACTOR].begin, user.id)
        values |= {"secret": _group(secret), "qr": _draw(provisioning_uri(secret, user.name))}
    return render_staff_page(request, "second_factor.html", status, **values)


def _group(secret: str) -> str:
    """Return a secret as one types it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _draw(uri: str) -> Markup:
    """Return a QR code as SVG, dark on light in either theme, because many apps read no other."""
    drawn = BytesIO()
    code = segno.make(uri, error="m", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, svgclass="qr", lineclass=None, light="#fff")
    return Markup(drawn.getvalue().decode("ascii"))  # noqa: S704 (made here, from numbers alone)
