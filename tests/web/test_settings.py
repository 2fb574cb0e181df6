"""One table of settings: from the command line, else the environment, else the default."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from web.settings import LOG_LEVELS, PROJECT_FOLDER, SETTINGS, SettingInvalid, Settings, load_settings

DOCUMENT = PROJECT_FOLDER / "docs" / "settings.md"
_ROW = re.compile(r"^\| `(?P<variable>\w+)` \| (?P<default>.*?) \| (?P<help>.*?) \|$", re.MULTILINE)


def test_the_document_lists_every_setting_as_it_is():
    rows = [(row["variable"], row["default"], row["help"]) for row in _ROW.finditer(DOCUMENT.read_text("utf-8"))]
    expected = [
        (f"LOTSI_{item.name.upper()}", f"`{item.default}`" if item.default != "" else "empty", item.help)
        for item in SETTINGS
    ]
    assert rows == expected


def test_every_field_is_a_row_with_the_same_default():
    assert [(item.name, item.default) for item in fields(Settings)] == [(item.name, item.default) for item in SETTINGS]
    assert load_settings(environment={}) == Settings()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_can_come_from_the_environment(setting):
    texts = {"language": "fi", "log_level": "DEBUG", "database_url": "sqlite:///a", "knowledge_url": "sqlite:///b"}
    texts |= {"allowed_origins": "https://soite.fi", "redis_url": "redis://redis", "service_hours": "mon 9-10"}
    texts |= {"closed_days": "2026-12-31", "public_url": "https://chat.soite.fi", "oidc_issuer": "https://id.soite.fi"}
    texts |= {"oidc_roles": "Lotsi=admin", "metrics_token_file": __file__}
    texts |= {name: "1.5" for name in Settings.__dataclass_fields__ if name.startswith("gate_")}
    texts["gate_reviewed"] = 7
    value = texts.get(setting.name, 7 if isinstance(setting.default, int) else "other")
    environment = {f"LOTSI_{setting.name.upper()}": str(value)}
    if setting.name == "oidc_issuer":
        environment |= {"LOTSI_OIDC_CLIENT_ID": "lotsi", "LOTSI_OIDC_ROLES": "Lotsi=admin"}
        environment |= {"LOTSI_PUBLIC_URL": "https://chat.soite.fi"}
    settings = load_settings(environment=environment)
    assert getattr(settings, setting.name) == value


def test_the_command_line_comes_before_the_environment_before_the_default():
    environment = {"LOTSI_PORT": "81", "LOTSI_HOST": "::1"}
    settings = load_settings({"port": 80, "host": None}, environment)
    assert (settings.port, settings.host, settings.data) == (80, "::1", "var")


def test_a_port_of_zero_is_given_and_not_left_out():
    assert load_settings({"port": 0}, {"LOTSI_PORT": "81"}).port == 0


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *[("LOTSI_PORT", "http"), ("LOTSI_PORT", ""), ("LOTSI_PORT", "-1"), ("LOTSI_PORT", "65536")],
        *[("LOTSI_LANGUAGE", "en"), ("LOTSI_LANGUAGE", ""), ("LOTSI_MESSAGE_LIMIT", "2k")],
        *[("LOTSI_MESSAGE_LIMIT", "0"), ("LOTSI_READY_TIMEOUT", "-5")],
        *[("LOTSI_LOG_LEVEL", "LOUD"), ("LOTSI_LOG_LEVEL", ""), ("LOTSI_LOG_LEVEL", "10")],
        *[("LOTSI_PUBLIC_URL", "chat.soite.fi"), ("LOTSI_PUBLIC_URL", "https://soite.fi/chat")],
        *[("LOTSI_PROXIES", "-1"), ("LOTSI_SESSION_HOURS", "0"), ("LOTSI_SESSION_IDLE_MINUTES", "0")],
        *[("LOTSI_OIDC_ISSUER", "http://id.soite.fi"), ("LOTSI_OIDC_ISSUER", "id.soite.fi")],
        *[("LOTSI_OIDC_ROLES", "Lotsi"), ("LOTSI_OIDC_ROLES", "Lotsi=boss"), ("LOTSI_OIDC_ROLES", "=admin")],
        *[("LOTSI_DATABASE_URL", "lotsi.db"), ("LOTSI_DATABASE_URL", "mysql://lotsi@db/lotsi")],
        *[("LOTSI_KNOWLEDGE_URL", "postgres://db/lotsi"), ("LOTSI_KNOWLEDGE_URL", "sqlite://db:port/x")],
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_variable(variable, value):
    with pytest.raises(SettingInvalid, match=variable):
        load_settings(environment={variable: value})


@pytest.mark.parametrize("level", LOG_LEVELS)
def test_a_log_level_may_be_written_in_any_case(level):
    assert load_settings(environment={"LOTSI_LOG_LEVEL": level.lower()}).log_level == level


def test_the_log_levels_are_those_that_the_document_names():
    (setting,) = (item for item in SETTINGS if item.name == "log_level")
    assert setting.help.endswith(f": {', '.join(LOG_LEVELS)}.")


@pytest.mark.parametrize("url", ["mysql://lotsi:s3cret@db/lotsi", "postgresql://lotsi:s3cret@db:port/lotsi"])
def test_a_password_in_a_url_that_cannot_be_used_is_not_said(url):
    with pytest.raises(SettingInvalid) as caught:
        load_settings(environment={"LOTSI_DATABASE_URL": url})
    assert "s3cret" not in str(caught.value)


def test_all_state_lies_in_the_data_folder(tmp_path):
    settings = load_settings({"data": str(tmp_path)}, {})
    assert settings.conversations_database == f"sqlite:///{tmp_path}/conversations.db"
    assert settings.knowledge_database == f"sqlite:///{tmp_path}/knowledge.db"


def test_a_database_url_comes_before_the_data_folder():
    url = "postgresql+psycopg2://lotsi@db/lotsi"
    settings = load_settings(environment={"LOTSI_DATABASE_URL": url, "LOTSI_KNOWLEDGE_URL": f"{url}2"})
    assert (settings.conversations_database, settings.knowledge_database) == (url, f"{url}2")


def test_a_token_file_that_holds_no_token_is_named(tmp_path):
    path = tmp_path / "token"
    for _ in ("missing", "empty"):
        with pytest.raises(SettingInvalid, match="LOTSI_METRICS_TOKEN_FILE"):
            load_settings(environment={"LOTSI_METRICS_TOKEN_FILE": str(path)})
        path.touch()
    path.write_text("secret\n", encoding="utf-8")
    assert load_settings(environment={"LOTSI_METRICS_TOKEN_FILE": str(path)}).read_metrics_token() == "secret"


def test_the_installations_own_model_is_the_stated_one_else_the_checkouts(tmp_path):
    made = tmp_path / "models"
    made.mkdir()
    (made / "new.tar.gz").touch()
    settings = load_settings({"data": str(tmp_path)}, {})
    assert settings.model_path == PROJECT_FOLDER / "bot" / "models"
    assert load_settings({"data": str(tmp_path), "model": "/other"}, {}).model_path == Path("/other")


@pytest.mark.parametrize("name", ["gate_language_drop", "gate_latency_factor"])
@pytest.mark.parametrize("value", ["", "much", "-1", "nan", "inf", "1000"])
def test_what_is_no_number_of_points_is_named(name, value):
    with pytest.raises(SettingInvalid, match=f"LOTSI_{name.upper()} cannot be used"):
        load_settings(environment={f"LOTSI_{name.upper()}": value})


@pytest.mark.parametrize("left_out", ["LOTSI_OIDC_CLIENT_ID", "LOTSI_OIDC_ROLES", "LOTSI_PUBLIC_URL"])
def test_a_directory_needs_all_that_belongs_to_it(left_out):
    environment = {"LOTSI_OIDC_ISSUER": "https://id.soite.fi", "LOTSI_OIDC_CLIENT_ID": "lotsi"}
    environment |= {"LOTSI_OIDC_ROLES": "Lotsi=admin", "LOTSI_PUBLIC_URL": "https://chat.soite.fi"}
    del environment[left_out]
    with pytest.raises(SettingInvalid, match=left_out):
        load_settings(environment=environment)
