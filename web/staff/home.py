"""`/staff/`: where everybody lands; says what one's role may do."""

from __future__ import annotations

from aiohttp import web

from web.auth.access import public, requires
from web.staff.frame import PREFIX, render_staff_page


@public
async def open_console(request: web.Request) -> web.Response:
    """`/staff`: the address that people type."""
    raise web.HTTPSeeOther(f"{PREFIX}/")


@requires()
async def show_home(request: web.Request) -> web.Response:
    """Show the landing page."""
    return render_staff_page(request, "home.html")
