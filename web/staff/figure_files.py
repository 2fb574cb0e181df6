"""Tables of figures as files, CSV or JSON."""

from __future__ import annotations

from aiohttp import web

from web.errors import ApiError
from web.staff.figure_cells import Table, to_json, write_csv
from web.staff.figure_scope import Wish

FORMATS = ("csv", "json")


def read_format(request: web.Request) -> str | None:
    """Return the format of a file that is asked for; None for the page.

    Raises:
        ApiError: There is no such format.
    """
    format = request.query.get("format")
    if format is not None and format not in FORMATS:
        raise ApiError("query_invalid", f"The format must be {' or '.join(FORMATS)}.")
    return format


def write_file(request: web.Request, format: str, tables: dict[str, Table], wish: Wish) -> web.Response:
    """Return the table that the request names; as JSON all of them where it names none.

    Args:
        request: Of a member of staff.
        format: One of `FORMATS`.
        tables: By their ids.
        wish: What they are of.

    Raises:
        ApiError: There is no such table.
    """
    name = request.query.get("table", "" if format == "json" else next(iter(tables)))
    if name and name not in tables:
        raise ApiError("query_invalid", f"The table must be one of {', '.join(tables)}.")
    period = wish.scope.period
    file = f"lotsi-{name or 'figures'}-{period.first}-{period.last}.{format}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    if format == "csv":
        return web.Response(body=write_csv(tables[name]), headers=headers, content_type="text/csv", charset="utf-8")
    chosen = [tables[name]] if name else list(tables.values())
    scope = {"since": str(period.first), "until": str(period.last)}
    scope |= {key: value for key, value in wish.view.items() if key in ("language", "topic")}
    return web.json_response({**scope, "tables": [to_json(table) for table in chosen]}, headers=headers)
