"""The page of the audit log: who has read and changed what, for auditors and admins alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from conversations.store import NewMessage
from knowledge.engine import for_writing
from web import keys
from web.staff.audit_words import load_audit_words

AUDIT = "/staff/audit"
ROOMS = Path(__file__).resolve().parents[2]


@pytest.fixture
async def auditor(open_console):
    """`checker`, signed in; `desk` is a counsellor."""
    console = await open_console()
    console.add("desk")
    console.add("checker", "auditor")
    await console.sign_in("checker")
    return console


def do(console: Any, count: int = 1, actor: str = "desk") -> str:
    """Let a counsellor read a conversation; return its id."""
    begun, _ = console.app[keys.CONVERSATIONS].insert_conversation("sv")
    console.app[keys.CONVERSATIONS].insert_messages(begun.id, [NewMessage("resident", "om tandläkare", "sv")])
    user = console.app[keys.USERS].fetch_by_name(actor)
    for _ in range(count):
        console.app[keys.REVIEWS].read(begun.id, user.id)
    return begun.id


def rows(page: Any) -> list[str]:
    return re.findall(r"(?s)<tr>\s*<td.*?</tr>", page.text)


async def test_an_auditor_reads_in_words_who_did_what_and_no_transcript(auditor):
    id = do(auditor)
    page = await auditor.get(AUDIT)
    read = rows(page)[0]
    for said in ("Rådgivare Ett", "läste", "Samtal", id):
        assert said in read
    assert ("tandläkare" in page.text, f"/staff/conversations/{id}" in page.text) == (False, False)
    assert f'href="{AUDIT}"' in (await auditor.get("/staff/")).text
    assert auditor.actions()[-1] == "audit.read"


async def test_entries_are_narrowed_by_person_kind_object_and_day(auditor):
    id, other = do(auditor), do(auditor)
    desk = auditor.app[keys.USERS].fetch_by_name("desk").id
    for query, shown in (
        (f"who={desk}", [id, other]),
        (f"kind=conversation&object={id}", [id]),
        ("who=system", []),
        ("kind=user", []),
        ("since=2999-01-01", []),
        ("until=2000-01-01", []),
        ("who=somebody+else&kind=nonsense&since=2999-01-01+or+so&until=2&object=%3Cb%3E&before=x", [id, other]),
    ):
        page = await auditor.get(f"{AUDIT}?{query}")
        assert (page.status, [item for item in (id, other) if any(item in row for row in rows(page))]) == (200, shown)


async def test_older_entries_come_page_by_page(auditor):
    do(auditor, 60)
    first = await auditor.get(f"{AUDIT}?kind=conversation")
    (older,) = re.findall(r'href="(/staff/audit\?[^"]*before=\d+)"', first.text)
    second = await auditor.get(older.replace("&amp;", "&"))
    assert (len(rows(first)), len(rows(second))) == (50, 10)
    assert set(rows(first)).isdisjoint(rows(second))


async def test_the_chain_is_checked_and_a_later_check_knows_the_mark(auditor):
    page = await auditor.send(AUDIT, f"{AUDIT}/verify")
    (mark,) = re.findall(r"\d+:[0-9a-f]{64}", page.text)
    assert (page.status, "ingen av dem har ändrats" in page.text) == (200, True)
    assert (await auditor.send(AUDIT, f"{AUDIT}/verify", head=mark)).status == 200
    assert (await auditor.send(AUDIT, f"{AUDIT}/verify", head="nonsense")).status == 422
    forged = mark[:-4] + ("0000" if mark[-4:] != "0000" else "1111")
    assert (await auditor.send(AUDIT, f"{AUDIT}/verify", head=forged)).status == 409


async def test_an_entry_that_was_changed_behind_the_databases_back_is_found(auditor):
    do(auditor)
    with for_writing(auditor.app[keys.ENGINE]).begin() as connection:
        for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            if name.startswith("audit"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE position = 2"))
    page = await auditor.send(AUDIT, f"{AUDIT}/verify")
    assert (page.status, "inte sådan som den skrevs" in page.text, "entry 2" in page.text) == (409, True, True)
    assert auditor.actions()[-2] == "audit.broken"


async def test_a_counsellor_does_not_read_it_and_an_admin_gets_to_the_conversation(open_console):
    console = await open_console()
    console.add("desk")
    console.add("chief", "admin")
    await console.sign_in()
    assert (await console.get(AUDIT)).status == 403
    other = console.another()
    await other.sign_in("chief")
    id = do(console)
    assert f'href="/staff/conversations/{id}"' in (await other.get(AUDIT)).text
    await other.close()


def recorded() -> set[str]:
    """Every action that some module names as a whole where it appends to the log."""
    found: set[str] = set()
    for room in ("conversations", "web", "studio", "cli"):
        for path in (ROOMS / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("append", "_record"):
                    found |= {
                        item.value
                        for item in node.args[1:3]
                        if isinstance(item, ast.Constant)
                        and isinstance(item.value, str)
                        and re.fullmatch(r"[a-z_]+\.[a-z_]+", item.value)
                    }
    return found


def test_every_action_that_is_recorded_has_words():
    words = load_audit_words("fi")
    missing = {
        action
        for action in recorded()
        if action not in words.actions and action.rpartition(".")[2] not in words.actions
    }
    assert "conversation.read" in recorded()
    assert missing == set()
    assert {action.partition(".")[0] for action in recorded()} <= {*words.kinds, "sign_in", "access", "presence"}
