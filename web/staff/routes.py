"""The addresses of the console's pages."""

from __future__ import annotations

from aiohttp import web

from web.staff import home
from web.staff.frame import PREFIX, staff_static_file

ROUTES = [
    web.get(PREFIX, home.open_console),
    web.get(f"{PREFIX}/", home.show_home),
    web.get("/static/staff/{file}", staff_static_file),
]
