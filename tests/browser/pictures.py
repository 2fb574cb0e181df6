"""Pictures for the documentation, in few colours so that the repository stays small; `make screenshots` takes them."""

from __future__ import annotations

import io
import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WANTED = bool(os.environ.get("LOTSI_SCREENSHOTS"))


def save_picture(page: Page, path: Path, limit: int, colours: int = 64) -> None:
    """Picture what the window shows.

    Args:
        page: As it stands.
        path: Where to; the folder is made.
        limit: Bytes that the file may have.
        colours: How many it may have.
    """
    shot = _reduce(page.screenshot(animations="disabled", caret="hide"), colours)
    assert len(shot) < limit, f"{path.name} has {len(shot)} bytes; {limit} are allowed"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(shot)


def _reduce(shot: bytes, colours: int) -> bytes:
    try:
        from PIL import Image
    except ImportError:
        return shot
    out = io.BytesIO()
    picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
