"""Every setting of Lotsi, in one table: name, default, help. `docs/settings.md` lists them (kept by a test).

A setting comes from the command line, else from the environment (`LOTSI_<NAME>` in capitals), else the default.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from knowledge.engine import sqlite_url
from web.deployment import DEPLOYMENT_FILE
from web.setting_values import (
    check_issuer,
    is_redis_url,
    parse_dates,
    parse_origin,
    parse_origins,
    parse_points,
    parse_role_map,
    parse_weekly_hours,
)

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_DATABASES = ("sqlite", "postgresql")


class Setting(NamedTuple):
    """One setting; the type of `default` is the setting's type."""

    name: str
    default: str | int
    help: str


SETTINGS = (
    Setting("host", "127.0.0.1", "Address that the server listens on; 0.0.0.0 for all."),
    Setting("port", 8080, "Port that the server listens on; 0 takes a free one."),
    Setting("data", "var", "Folder of all state: databases, and models that are made later."),
    Setting("database_url", "", "Conversations database; empty is SQLite in the data folder."),
    Setting("knowledge_url", "", "Knowledge database; empty is SQLite in the data folder."),
    Setting("model", "", "Model archive or folder that serves while the studio has promoted none; empty: bot/models."),
    Setting("language", "sv", "Language of a page whose reader shows no preference: sv or fi."),
    Setting("message_limit", 2000, "Characters that a resident's message may have."),
    Setting("messages_per_minute", 30, "Messages that one conversation may send in a minute."),
    Setting("conversations_per_minute", 60, "Conversations that one address may begin in a minute."),
    Setting("ready_timeout", 120, "Seconds that a message waits for a model that is still loading."),
    Setting("deployment", "", "File of the organisation's facts; empty is web/deployment.yml."),
    Setting("retention_days", 90, "Days that a conversation is kept after its last message."),
    Setting("log_level", "INFO", "Least level of the log: DEBUG, INFO, WARNING, ERROR."),
    Setting("allowed_origins", "*", "Sites whose pages may hold the chat: origins such as https://soite.fi; * is all."),
    Setting("redis_url", "", "Redis through which server processes wake each other; empty is none."),
    Setting(
        "service_hours", "mon-fri 8-16", "When a human being answers in the chat; empty: never; always: all hours."
    ),
    Setting("closed_days", "", "Dates without service, beside public holidays: 2026-12-31, 2027-01-04."),
    Setting("secret_key_file", "", "Key of call-back requests; empty is secret.key in the data folder."),
    Setting("public_url", "", "Address at which people reach Lotsi, such as https://chat.example.fi; empty: unknown."),
    Setting("proxies", 0, "Proxies in front that append to X-Forwarded-For; 0: the connection's address counts."),
    Setting("session_idle_minutes", 30, "Minutes without a request after which staff are signed out."),
    Setting("session_hours", 10, "Hours after which staff are signed out, whatever they do."),
    Setting("oidc_issuer", "", "OpenID Connect issuer of the county's directory; empty: passwords alone."),
    Setting("oidc_client_id", "", "Lotsi's client id in the directory."),
    Setting("oidc_client_secret_file", "", "File with the client's secret; empty: a public client, by PKCE alone."),
    Setting("oidc_scopes", "openid profile", "Scopes asked for."),
    Setting("oidc_name_claim", "preferred_username", "Claim with the name that a user gets in Lotsi."),
    Setting("oidc_roles_claim", "groups", "Claim with the groups that give roles."),
    Setting("oidc_roles", "", "Groups and their roles: Lotsi-staff=counsellor, Lotsi-admins=admin."),
    Setting(
        "evaluation_folder", "", "Folder with nlu, safety, safety_held_out for the gate; empty: the checkout's tests."
    ),
    Setting("gate_language_drop", "0.5", "Points that a language's right answers may fall by a new model."),
    Setting("gate_parity_gap", "2", "Points that may lie between the languages, unless as many do already."),
    Setting("gate_topic_drop", "30", "Points that one topic's right answers may fall by a new model."),
    Setting("gate_alarm_rise", "1", "Points by which false alarms may rise by a new model."),
    Setting("gate_calibration_rise", "3", "Points by which a language's calibration error may grow by a new model."),
    Setting("gate_latency_factor", "2", "How many times the live model's p95 a turn with a new model may take."),
    Setting("gate_reviewed", 200, "Reviewed questions of residents, the newest, that a new model is asked."),
    Setting("models_kept", 5, "Models that are kept beside the live one and the one before it."),
    Setting("training_memory_mb", 6000, "Memory that a training may take, in MB; 0 is no bound."),
    Setting(
        "metrics_token_file", "", "File with the token that /metrics asks for; empty: this machine alone reads it."
    ),
)


class SettingInvalid(ValueError):
    """A setting's value cannot be used; says which and what would."""


@dataclass(frozen=True)
class Settings:
    """The values in force; a field for each row of `SETTINGS`."""

    host: str = "127.0.0.1"
    port: int = 8080
    data: str = "var"
    database_url: str = ""
    knowledge_url: str = ""
    model: str = ""
    language: str = "sv"
    message_limit: int = 2000
    messages_per_minute: int = 30
    conversations_per_minute: int = 60
    ready_timeout: int = 120
    deployment: str = ""
    retention_days: int = 90
    log_level: str = "INFO"
    allowed_origins: str = "*"
    redis_url: str = ""
    service_hours: str = "mon-fri 8-16"
    closed_days: str = ""
    secret_key_file: str = ""
    public_url: str = ""
    proxies: int = 0
    session_idle_minutes: int = 30
    session_hours: int = 10
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret_file: str = ""
    oidc_scopes: str = "openid profile"
    oidc_name_claim: str = "preferred_username"
    oidc_roles_claim: str = "groups"
    oidc_roles: str = ""
    evaluation_folder: str = ""
    gate_language_drop: str = "0.5"
    gate_parity_gap: str = "2"
    gate_topic_drop: str = "30"
    gate_alarm_rise: str = "1"
    gate_calibration_rise: str = "3"
    gate_latency_factor: str = "2"
    gate_reviewed: int = 200
    models_kept: int = 5
    training_memory_mb: int = 6000
    metrics_token_file: str = ""

    @property
    def data_folder(self) -> Path:
        """The data folder as a path."""
        return Path(self.data)

    @property
    def conversations_database(self) -> str:
        """The URL of the conversations database."""
        return self.database_url or sqlite_url(self.data_folder / "conversations.db")

    @property
    def knowledge_database(self) -> str:
        """The URL of the knowledge database."""
        return self.knowledge_url or sqlite_url(self.data_folder / "knowledge.db")

    @property
    def deployment_file(self) -> Path:
        """The file of the organisation's facts."""
        return Path(self.deployment) if self.deployment else DEPLOYMENT_FILE

    @property
    def model_path(self) -> Path:
        """The installation's own model: an archive, or a folder whose newest one serves while none is promoted."""
        return Path(self.model) if self.model else PROJECT_FOLDER / "bot" / "models"

    @property
    def evaluation_path(self) -> Path:
        """The folder of held-out sentences that new models are measured on."""
        return Path(self.evaluation_folder) if self.evaluation_folder else PROJECT_FOLDER / "tests"

    @property
    def secret_key_path(self) -> Path:
        """The file with the key that call-back requests and staff's second factors are encrypted with."""
        return Path(self.secret_key_file) if self.secret_key_file else self.data_folder / "secret.key"

    @functools.cached_property
    def origins(self) -> frozenset[str]:
        """The sites that may call the API from a browser."""
        return parse_origins(self.allowed_origins)

    @property
    def public_origin(self) -> str:
        """The origin of `public_url` as a browser writes it; empty if it is unknown."""
        return parse_origin(self.public_url) if self.public_url else ""

    def read_client_secret(self) -> str:
        """Return Lotsi's secret in the county's directory; empty if there is none.

        Raises:
            SettingInvalid: The file cannot be read.
        """
        return _read_secret("oidc_client_secret_file", self.oidc_client_secret_file)

    def read_metrics_token(self) -> str:
        """Return what whoever reads the metrics must bring; empty if this machine alone may read them.

        Raises:
            SettingInvalid: The file cannot be read, or is empty.
        """
        token = _read_secret("metrics_token_file", self.metrics_token_file)
        if self.metrics_token_file and not token:
            raise SettingInvalid(f"LOTSI_METRICS_TOKEN_FILE: {self.metrics_token_file} is empty; write a token into it")
        return token

    @property
    def is_https(self) -> bool:
        """Whether people reach Lotsi by HTTPS alone, so that its cookies may be told to travel by it alone."""
        return self.public_origin.startswith("https://")


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else ""
    except OSError as error:
        raise SettingInvalid(f"LOTSI_{name.upper()}: cannot read {path}: {error.strerror}") from error


def load_settings(given: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in force.

    Args:
        given: Values from the command line; None means not given.
        environment: The process's environment if left out.

    Raises:
        SettingInvalid: A value is of the wrong type or out of its range.
    """
    names = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        variable = f"LOTSI_{setting.name.upper()}"
        value = (given or {}).get(setting.name)
        if value is None:
            value = names.get(variable, setting.default)
        try:
            values[setting.name] = int(str(value)) if isinstance(setting.default, int) else str(value)
        except ValueError as error:
            raise SettingInvalid(f"{variable} is '{value}'; it must be a whole number") from error
    values["log_level"] = values["log_level"].upper()
    settings = Settings(**values)
    _check_range(settings)
    for name in ("database_url", "knowledge_url"):
        _check_url(name, getattr(settings, name))
    for name, parse in _PARSED.items():
        try:
            parse(str(getattr(settings, name)))
        except ValueError as error:
            raise SettingInvalid(f"LOTSI_{name.upper()} cannot be used: {error}") from error
    if settings.redis_url and not is_redis_url(settings.redis_url):  # not said: it may hold a password
        raise SettingInvalid("LOTSI_REDIS_URL is no URL of Redis; write redis://:password@host:6379/0")
    return settings


_PARSED: dict[str, Callable[[str], object]] = {
    "allowed_origins": parse_origins,
    "service_hours": parse_weekly_hours,
    "closed_days": parse_dates,
    "public_url": lambda text: text and parse_origin(text),
    "oidc_issuer": check_issuer,
    "oidc_roles": parse_role_map,
    **dict.fromkeys((item.name for item in SETTINGS if item.name.startswith("gate_")), parse_points),
}


def _check_range(settings: Settings) -> None:
    if settings.language not in ("sv", "fi"):
        raise SettingInvalid(f"LOTSI_LANGUAGE is '{settings.language}'; it must be sv or fi")
    if settings.log_level not in LOG_LEVELS:
        raise SettingInvalid(f"LOTSI_LOG_LEVEL is '{settings.log_level}'; it must be one of {', '.join(LOG_LEVELS)}")
    for name in ("message_limit", "ready_timeout", "retention_days", "session_idle_minutes", "session_hours"):
        if getattr(settings, name) < 1:
            raise SettingInvalid(f"LOTSI_{name.upper()} is {getattr(settings, name)}; it must be at least 1")
    for name in ("proxies", "models_kept", "training_memory_mb"):
        if getattr(settings, name) < 0:
            raise SettingInvalid(f"LOTSI_{name.upper()} is {getattr(settings, name)}; it must be at least 0")
    if settings.oidc_issuer:
        for name in ("oidc_client_id", "oidc_roles", "public_url"):
            if not getattr(settings, name):
                raise SettingInvalid(f"LOTSI_{name.upper()} is empty; LOTSI_OIDC_ISSUER needs it")
        settings.read_client_secret()
    settings.read_metrics_token()
    if not 0 <= settings.port <= 65535:
        raise SettingInvalid(f"LOTSI_PORT is {settings.port}; it must lie between 0 and 65535")


def _check_url(name: str, url: str) -> None:
    """The value itself is never said: it may hold a password."""
    try:
        known = not url or make_url(url).get_backend_name() in _DATABASES
    except (ArgumentError, ValueError):
        known = False
    if not known:
        raise SettingInvalid(
            f"LOTSI_{name.upper()} is no URL of a database that Lotsi can use; write sqlite:///file or "
            "postgresql+psycopg2://user:password@host/name"
        )
