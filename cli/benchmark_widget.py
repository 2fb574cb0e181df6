"""`lotsi benchmark widget`: what the widget weighs, and when it can be used, in a real browser."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import shutil
import statistics
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from cli.output import fail

_CODINGS = {"br": "br", "gzip": "gzip", "plain": "identity"}
_PHONE = {"width": 390, "height": 844}
_LAUNCHER_READY = """() => {
  const shown = document.querySelector("lotsi-chat")?.shadowRoot?.querySelector(".launcher")?.checkVisibility();
  return shown ? performance.now() : 0;
}"""
_FIELD_READY = """() => {
  const field = document.querySelector("lotsi-chat").shadowRoot.querySelector(".composer textarea");
  return field?.checkVisibility() ? performance.now() : 0;
}"""
_OPEN = """() => {
  const began = performance.now();
  document.querySelector("lotsi-chat").shadowRoot.querySelector(".launcher").click();
  return began;
}"""


@dataclass(frozen=True)
class Device:
    """What a browser is slowed down to.

    Attributes:
        name: What it stands for.
        latency: Milliseconds that each call takes beside the data.
        throughput: Bytes a second, down and up; -1 is unlimited.
        slowdown: How many times slower the processor is.
    """

    name: str
    latency: int = 0
    throughput: int = -1
    slowdown: int = 1


DEVICES = (
    Device("this machine"),
    Device("old phone, 3G", latency=300, throughput=1_600_000 // 8, slowdown=4),
    Device("old phone, slow 3G", latency=400, throughput=400_000 // 8, slowdown=6),
)


def widget(
    url: Annotated[str, typer.Argument(help="A running Lotsi server.")] = "http://localhost:8080",
    runs: Annotated[int, typer.Option(min=1, help="How often each time is taken; the middle one counts.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the widget's size and, in Chromium, the time until it can be opened and until one can write in it."""
    address = url.rstrip("/")
    try:
        sizes = {f"size_{name}_bytes": _fetch_size(address, coding) for name, coding in _CODINGS.items()}
    except (OSError, ValueError) as error:
        raise fail(f"{address}/widget.js cannot be fetched ({error}); start a server with 'lotsi serve'") from error
    with _open_browser() as browser:
        devices = [_measure(browser, address, device, runs) for device in DEVICES]
        version = browser.version
    report = sizes | {
        "devices": devices,
        "runs": runs,
        "chromium": version,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "date": dt.datetime.now(dt.timezone.utc).date().isoformat(),
    }
    if as_json:
        typer.echo(json.dumps(report))
        return
    for name, size in sizes.items():
        typer.echo(f"{name:18} {size:,}")
    for item in devices:
        typer.echo(
            f"{item['device']:18} opens after {item['launcher_ms']:,} ms, takes words {item['field_ms']:,} ms later"
        )


def _fetch_size(address: str, coding: str) -> int:
    request = urllib.request.Request(f"{address}/widget.js", headers={"Accept-Encoding": coding})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        return len(response.read())


@contextmanager
def _open_browser() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise fail("Chromium is missing; install Debian's package 'chromium'")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise fail("the package 'playwright' is missing; 'make install' brings it") from error
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def _measure(browser: Any, address: str, device: Device, runs: int) -> dict[str, Any]:
    """Return a device's middle times; every run begins with nothing cached."""
    times = [_run(browser, address, device) for _ in range(runs)]
    launcher, field = (round(statistics.median(column)) for column in zip(*times, strict=True))
    return {"device": device.name, "launcher_ms": launcher, "field_ms": field}


def _run(browser: Any, address: str, device: Device) -> tuple[float, float]:
    """Return the milliseconds from the navigation to the launcher, and from its press to a field to write in."""
    context = browser.new_context(viewport=_PHONE, is_mobile=True, has_touch=True)
    try:
        page = context.new_page()
        channel = context.new_cdp_session(page)
        speed = {"downloadThroughput": device.throughput, "uploadThroughput": device.throughput}
        channel.send("Network.enable")
        channel.send("Network.emulateNetworkConditions", {"offline": False, "latency": device.latency, **speed})
        channel.send("Emulation.setCPUThrottlingRate", {"rate": device.slowdown})
        page.goto(f"{address}/demo?lang=sv", wait_until="commit")
        launcher = page.wait_for_function(_LAUNCHER_READY).json_value()
        began = page.evaluate(_OPEN)
        field = page.wait_for_function(_FIELD_READY).json_value()
        return float(launcher), float(field) - float(began)
    finally:
        context.close()
