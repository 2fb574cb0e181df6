"""Where a request comes from: the page that sent it, and the address of whoever sent it."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from web import keys

_OWN_SITES = ("same-origin", "none")


def is_own_origin(request: web.Request) -> bool:
    """Say whether one of our own pages sent a request, by what the browser itself says of it.

    A browser sends `Origin` with every form and script that changes something; an old one may send `Referer` alone.
    `null` is what a page in a sandbox sends. Source: OWASP, Cross-Site Request Forgery Prevention.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in _OWN_SITES:
        return False
    stated = request.headers.get("Origin")
    if stated is not None:
        return _is_own(request, stated)
    referer = request.headers.get("Referer")
    return referer is None or _is_own(request, referer)


def own_path(request: web.Request, address: str) -> str | None:
    """Return path and query of an address if it is one of ours."""
    parts = urlsplit(address)
    if not _is_own(request, address):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _is_own(request: web.Request, address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    own = request.app[keys.SETTINGS].public_origin
    if own:
        return f"{parts.scheme}://{parts.netloc}".lower() == own
    # Behind a proxy that ends TLS the scheme is not known here, so hosts are compared.
    return bool(parts.netloc) and parts.netloc.lower() == request.host.lower()


def client_address(request: web.Request) -> str:
    """Return the address of whoever sent a request.

    As many proxies as the setting says append to `X-Forwarded-For`; what stands before them can be forged.
    """
    proxies = request.app[keys.SETTINGS].proxies
    forwarded = [part.strip() for value in request.headers.getall("X-Forwarded-For", []) for part in value.split(",")]
    if 0 < proxies <= len(forwarded):
        return forwarded[-proxies]
    return request.remote or ""


def describe_browser(request: web.Request) -> str:
    """Return the browser's kind and system as its user knows them, such as `Firefox, Windows`."""
    agent = request.headers.get("User-Agent", "")
    browsers = ("Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/")
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
    browser = next((name for name in browsers if name in agent), "").removesuffix("/")
    system = next((name for name in systems if name in agent), "")
    return ", ".join(filter(None, ({"Edg": "Edge", "OPR": "Opera"}.get(browser, browser), system)))
