"""The addresses of signing in and of the own account."""

from __future__ import annotations

from aiohttp import web

from web.auth import account, directory_pages, second_factor, sign_in
from web.auth.account import ACCOUNT
from web.auth.directory import RETURN
from web.auth.guard import PASSWORD, SIGN_IN
from web.auth.second_factor import SECOND_FACTOR
from web.auth.sign_in import CODE

ROUTES = [
    web.get(SIGN_IN, sign_in.show_sign_in),
    web.post(SIGN_IN, sign_in.sign_in),
    web.get(CODE, sign_in.show_code),
    web.post(CODE, sign_in.check_code),
    web.get(f"{SIGN_IN}/directory", directory_pages.ask_directory),
    web.get(RETURN, directory_pages.return_from_directory),
    web.post("/staff/sign-out", sign_in.sign_out),
    web.post("/staff/preferences", account.change_preferences),
    web.get(ACCOUNT, account.show_account),
    web.get(PASSWORD, account.show_password),
    web.post(PASSWORD, account.change_password),
    web.post(f"{ACCOUNT}/sessions/end", account.end_other_sessions),
    web.post(f"{ACCOUNT}/sessions/{{id}}/end", account.end_session),
    web.get(SECOND_FACTOR, second_factor.show_second_factor),
    web.post(SECOND_FACTOR, second_factor.turn_on),
    web.post(f"{SECOND_FACTOR}/off", second_factor.turn_off),
    web.post(f"{SECOND_FACTOR}/codes", second_factor.renew_recovery_codes),
]
