"""The registry: what is live, what was before, and that no archive is opened that was not made here."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from evaluations import evaluation, make_model

from conversations.audit import AuditLog
from conversations.encryption import Cipher
from studio.archives import Archives
from studio.gate import Rules, judge
from studio.model_errors import ModelForeign, ModelInUse, ModelNotFound
from studio.models import Models


def test_with_nothing_promoted_the_installations_own_model_is_live(models: Models, base: Path) -> None:
    make_model(models)
    assert models.live_name() == "lotsi-own"
    assert models.find_live() == base / "lotsi-own.tar.gz"
    assert {model.name: model.state for model in models.fetch_all()} == {"lotsi-1": "candidate", "lotsi-own": "live"}


def test_no_model_at_all_is_said_with_what_would_mend_it(engine, archives: Archives, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="lotsi train"):
        Models(engine, archives, tmp_path / "nowhere").find_live()


def test_the_newest_promotion_names_the_live_model(models: Models) -> None:
    for name in ("lotsi-1", "lotsi-2"):
        make_model(models, name)
        models.make_live(name, "admin", "promotion")
    assert models.live_name() == "lotsi-2"
    states = {model.name: model.state for model in models.fetch_all()}
    assert states == {"lotsi-1": "former", "lotsi-2": "live", "lotsi-own": "former"}
    assert [(item.number, item.model, item.previous) for item in models.fetch_promotions()] == [
        (2, "lotsi-2", "lotsi-1"),
        (1, "lotsi-1", "lotsi-own"),
    ]
    assert models.newest_promotion() == 2


def test_a_promotion_and_its_reason_are_in_the_audit_log_without_personal_data(models: Models, audit: AuditLog) -> None:
    make_model(models)
    models.make_live("lotsi-1", "admin", "override", "ring 040 123 4567 om det går fel")
    (entry, *_) = audit.fetch_entries()
    assert (entry.actor, entry.action, entry.object_id) == ("admin", "model.promoted_anyway", "lotsi-1")
    assert "4567" not in str(entry.details)
    assert "4567" not in str(models.fetch_promotions()[0].reason)


@pytest.mark.parametrize("change", ["content", "missing", "row of another key"])
def test_an_archive_that_is_not_what_was_made_here_is_not_opened(models: Models, change: str, base: Path) -> None:
    model = make_model(models)
    path = models.archives.path(model.name)
    if change == "content":
        path.write_bytes(b"another model")
    elif change == "missing":
        path.unlink()
    else:
        models = Models(models.engine, Archives(path.parent, Cipher([Fernet.generate_key()])), base)
    with pytest.raises(ModelForeign):
        models.find_archive(model.name)


def test_an_archive_that_somebody_put_into_the_folder_is_no_model(models: Models) -> None:
    make_model(models)
    models.archives.path("lotsi-planted").write_bytes(b"planted")
    with pytest.raises(ModelNotFound):
        models.find_archive("lotsi-planted")
    assert "lotsi-planted" not in [model.name for model in models.fetch_all()]


def test_a_signed_archive_under_another_models_name_is_not_opened(models: Models) -> None:
    make_model(models, "lotsi-1", b"one")
    make_model(models, "lotsi-2", b"two")
    models.archives.path("lotsi-1").write_bytes(b"two")
    with pytest.raises(ModelForeign, match="changed"):
        models.find_archive("lotsi-1")


@pytest.mark.parametrize("name", ["../secret", "", ".hidden", "a/b", "lotsi-1\0", "x" * 101])
def test_a_name_that_leads_out_of_the_folder_is_none(models: Models, name: str) -> None:
    with pytest.raises(ModelForeign):
        models.archives.path(name)


def test_an_own_model_that_was_live_is_not_served_once_it_has_changed(models: Models, base: Path) -> None:
    make_model(models)
    models.make_live("lotsi-1", "admin", "promotion")
    (base / "lotsi-own.tar.gz").write_bytes(b"something else")
    with pytest.raises(ModelForeign):
        models.find_archive("lotsi-own")


def test_a_model_that_is_live_or_the_installations_own_is_not_deleted(models: Models) -> None:
    make_model(models)
    models.make_live("lotsi-1", "admin", "promotion")
    for name in ("lotsi-1", "lotsi-own"):
        with pytest.raises(ModelInUse):
            models.delete(name, "admin")
    assert models.archives.path("lotsi-1").exists()


def test_deleting_a_model_takes_its_archive_its_drafts_and_what_was_measured(models: Models, audit: AuditLog) -> None:
    make_model(models)
    models.archives.snapshot("lotsi-1").mkdir()
    measured = evaluation("lotsi-1")
    models.store_evaluation("lotsi-1", measured, judge(measured, None, Rules()))
    models.delete("lotsi-1", "admin")
    assert models.fetch_evaluation("lotsi-1") is None
    assert list(models.archives.folder.iterdir()) == []
    assert audit.fetch_entries()[0].action == "model.deleted"


def test_an_evaluation_is_read_as_it_was_stored(models: Models) -> None:
    make_model(models)
    measured = evaluation("lotsi-1", smoke=("nothing",))
    verdict = judge(measured, evaluation("lotsi-own"), Rules())
    models.store_evaluation("lotsi-1", measured, verdict)
    found = models.fetch_evaluation("lotsi-1")
    assert found is not None
    assert (found.evaluation.to_json(), found.verdict.to_json()) == (measured.to_json(), verdict.to_json())
    assert found.evaluation.utterances == measured.utterances
    assert found.evaluation.safety == measured.safety


def test_old_models_go_but_never_the_live_one_and_the_one_before(models: Models) -> None:
    for number in range(6):
        make_model(models, f"lotsi-{number}")
    models.make_live("lotsi-0", "admin", "promotion")
    models.make_live("lotsi-1", "admin", "promotion")
    assert sorted(models.retire_old(keep=2)) == ["lotsi-2", "lotsi-3"]
    assert {model.name for model in models.fetch_all()} == {"lotsi-0", "lotsi-1", "lotsi-4", "lotsi-5", "lotsi-own"}


def test_one_candidate_at_a_time_listens_to_real_turns_and_none_once_it_is_live(models: Models) -> None:
    for name in ("lotsi-1", "lotsi-2"):
        make_model(models, name)
        models.set_shadow(name, "admin", 20)
    assert {model.name: model.shadow_share for model in models.fetch_all() if model.shadow_share} == {"lotsi-2": 20}
    with pytest.raises(ModelInUse):
        models.delete("lotsi-2", "admin")
    models.make_live("lotsi-2", "admin", "promotion")
    assert not any(model.shadow_share for model in models.fetch_all())
    with pytest.raises(ModelNotFound):
        models.set_shadow("lotsi-2", "admin", 20)


def test_what_trainings_left_behind_goes_and_nothing_else(models: Models) -> None:
    make_model(models)
    workspace = models.archives.workspace(7)
    (workspace / "half.tar.gz").touch()
    models.archives.sweep(keep=7)
    assert workspace.exists()
    models.archives.sweep()
    assert [path.name for path in models.archives.folder.iterdir()] == ["lotsi-1.tar.gz"]
