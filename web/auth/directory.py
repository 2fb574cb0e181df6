"""The county's own directory by OpenID Connect: authorization code with PKCE, state and nonce.

Authlib does the protocol, joserfc the signatures. Sources: OpenID Connect Core 1.0 section 3.1 and Discovery 1.0,
RFC 7636 (PKCE), RFC 9207 (`iss` of the answer), RFC 9700 (best practice).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from web.auth.tokens import Entrance
from web.setting_values import check_issuer, parse_role_map
from web.settings import Settings

RETURN = "/staff/sign-in/directory/return"
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures that the directory alone can make: no shared secret, and never `none`."""
_SECONDS = 10
_KEPT_SECONDS = 3600
_LEEWAY = 60
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class DirectoryError(Exception):
    """The directory did not vouch for anybody; says why, for the log."""


@dataclass(frozen=True)
class Identity:
    """Whom the directory vouches for."""

    issuer: str
    subject: str
    name: str
    display_name: str
    roles: tuple[str, ...]


class Directory:
    """Lotsi as a client of the county's directory. Its calls wait for the network: make them in a thread."""

    def __init__(self, settings: Settings) -> None:
        """Take up the settings `oidc_…` and `public_url`.

        Raises:
            SettingInvalid: The file with the client's secret cannot be read.
        """
        self._settings = settings
        self._roles = parse_role_map(settings.oidc_roles)
        self._secret = settings.read_client_secret()
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, Any] = {}
        self._fetched = 0.0

    def begin(self, entrance: Entrance) -> tuple[str, Entrance]:
        """Return the address that the browser goes to, and the entrance with what must come back.

        Raises:
            DirectoryError: The directory cannot be reached.
        """
        state, nonce, verifier = (generate_token(48) for _ in range(3))
        with self._client(state) as client, _explained():
            endpoint = self._describe(client)["authorization_endpoint"]
            url, _ = client.create_authorization_url(endpoint, state=state, nonce=nonce, code_verifier=verifier)
        return str(url), Entrance(entrance.form_token, entrance.next, state, nonce, verifier)

    def finish(self, entrance: Entrance, answer: str) -> Identity:
        """Return whom the directory vouches for.

        Args:
            entrance: What `begin` returned.
            answer: The address that the browser came back to, with its query.

        Raises:
            DirectoryError: The answer is none to our question, is forged, or names nobody.
        """
        if not entrance.state:
            raise DirectoryError("nobody has asked")
        with self._client(entrance.state) as client, _explained():
            metadata = self._describe(client)
            self._check_answer(answer, metadata)
            token = client.fetch_token(
                metadata["token_endpoint"], authorization_response=answer, code_verifier=entrance.verifier
            )
            claims = self._read_claims(client, token, entrance.nonce)
            claims |= self._fetch_more(client, claims)
        return self._identify(claims)

    def _client(self, state: str) -> OAuth2Session:
        methods = self._metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        posts = "client_secret_basic" not in methods and "client_secret_post" in methods
        method = "none" if not self._secret else "client_secret_post" if posts else "client_secret_basic"
        return OAuth2Session(
            self._settings.oidc_client_id,
            self._secret or None,
            token_endpoint_auth_method=method,
            scope=self._settings.oidc_scopes,
            redirect_uri=self._settings.public_origin + RETURN,
            state=state,
            code_challenge_method="S256",
            default_timeout=_SECONDS,
        )

    def _describe(self, client: OAuth2Session) -> dict[str, Any]:
        """Return the directory's description of itself, kept for an hour."""
        if time.monotonic() - self._fetched < _KEPT_SECONDS and self._metadata:
            return self._metadata
        issuer = self._settings.oidc_issuer
        found = _get(client, issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise DirectoryError(f"the description is another issuer's: {found.get('issuer')}")
        for name in _ENDPOINTS:
            check_issuer(str(found.get(name) or "missing").partition("?")[0])
        self._metadata, self._keys, self._fetched = found, {}, time.monotonic()
        return found

    def _check_answer(self, answer: str, metadata: Mapping[str, Any]) -> None:
        query = parse_qs(urlsplit(answer).query)
        if "error" in query:
            raise DirectoryError(f"the directory refused: {query['error'][0][:80]!r}")
        expected = metadata.get("authorization_response_iss_parameter_supported", False)
        if (expected or "iss" in query) and query.get("iss") != [metadata["issuer"]]:
            raise DirectoryError("the answer is another issuer's")

    def _read_claims(self, client: OAuth2Session, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """Return the claims of the ID token, its signature and every one of them checked."""
        sealed = str(token.get("id_token") or "")
        registry = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
        try:
            opened = jwt.decode(sealed, self._key_set(client), registry=registry)
        except InvalidKeyIdError:  # the directory has new keys
            self._keys = {}
            opened = jwt.decode(sealed, self._key_set(client), registry=registry)
        options = {"iss": {"essential": True, "value": self._metadata["issuer"]}}
        options["aud"] = {"essential": True, "value": self._settings.oidc_client_id}
        parameters = {"nonce": nonce, "client_id": self._settings.oidc_client_id}
        parameters["access_token"] = str(token.get("access_token", ""))
        claims = CodeIDToken(opened.claims, opened.header, options, parameters)
        claims.validate(leeway=_LEEWAY)
        return dict(claims)

    def _key_set(self, client: OAuth2Session) -> KeySet:
        self._keys = self._keys or _get(client, self._metadata["jwks_uri"])
        return KeySet.import_key_set(self._keys)  # type: ignore[arg-type]

    def _fetch_more(self, client: OAuth2Session, claims: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the ID token leaves out: many directories give groups by the userinfo endpoint alone."""
        endpoint = self._metadata.get("userinfo_endpoint")
        wanted = (self._settings.oidc_name_claim, self._settings.oidc_roles_claim)
        if not endpoint or all(find_claim(claims, name) is not None for name in wanted):
            return {}
        answer = client.get(endpoint)
        answer.raise_for_status()
        found = answer.json()
        if found.get("sub") != claims["sub"]:
            raise DirectoryError("the userinfo endpoint speaks of somebody else")
        return {name: value for name, value in found.items() if name not in claims}

    def _identify(self, claims: Mapping[str, Any]) -> Identity:
        groups = find_claim(claims, self._settings.oidc_roles_claim) or []
        named = {str(group) for group in ([groups] if isinstance(groups, str) else groups)}
        roles = tuple(dict.fromkeys(role for group, role in self._roles.items() if group in named))
        name = str(find_claim(claims, self._settings.oidc_name_claim) or claims["sub"])
        return Identity(str(claims["iss"]), str(claims["sub"]), name, str(claims.get("name") or name), roles)


class _explained:  # noqa: N801 (used as a function)
    """Turns what the libraries raise into a `DirectoryError`."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        known = (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError, TypeError)
        if isinstance(error, known):
            raise DirectoryError(f"{type(error).__name__}: {str(error)[:200]}") from error


def find_claim(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim; a name with dots such as `realm_access.roles` is looked up step by step too."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _get(client: OAuth2Session, address: str) -> dict[str, Any]:
    answer = client.request("GET", address, withhold_token=True)
    answer.raise_for_status()
    return dict(answer.json())
