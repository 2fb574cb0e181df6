"""The registry of models: what there is, what was measured of each, which one is live and which was before.

The newest row of `promotion` says which model is live; nothing else does. With no row the newest of the installation's
own models serves, as it does without a studio.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from conversations.audit import AuditLog
from conversations.database import wait_for_turn
from conversations.gate import masked_or_none
from conversations.model_schema import EvaluationRow, ModelRow, PromotionRow
from conversations.records import current_moment
from knowledge.engine import for_writing
from studio.archives import Archives, hash_file
from studio.evaluation import Evaluation
from studio.gate import Verdict
from studio.model_errors import ModelForeign, ModelInUse, ModelNotFound

CANDIDATE, LIVE, FORMER, FAILED = "candidate", "live", "former", "failed"
STUDIO, CHECKOUT = "studio", "checkout"
_SUFFIX = ".tar.gz"


@dataclass(frozen=True)
class Model:
    """A model as stored; see `conversations.model_schema.ModelRow`."""

    name: str
    origin: str
    state: str
    sha256: str
    signature: str
    fingerprint: str
    overlay: str
    topics: int
    size: int
    seconds: float
    made_by: str
    made_at: dt.datetime
    shadow_share: int = 0


@dataclass(frozen=True)
class Promotion:
    """One change of the live model; see `conversations.model_schema.PromotionRow`."""

    number: int
    model: str
    previous: str
    kind: str
    reason: str | None
    promoted_by: str
    promoted_at: dt.datetime


@dataclass(frozen=True)
class Measured:
    """An evaluation as stored, with what the gate said of it then."""

    evaluation: Evaluation
    verdict: Verdict
    evaluated_at: dt.datetime


class Models:
    """The models of one database."""

    def __init__(self, engine: Engine, archives: Archives, base: Path) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
            archives: Where models made here lie.
            base: The installation's own model, an archive, or a folder whose newest one serves while none is promoted.
        """
        self.engine = engine
        self.archives = archives
        self._base = base
        self._writer = for_writing(engine)
        self._audit = AuditLog(engine)

    def base_path(self) -> Path | None:
        """Return the archive of the installation's own model, or None."""
        if self._base.is_file():
            return self._base
        found = sorted(self._base.glob(f"*{_SUFFIX}"), key=lambda item: (item.stat().st_mtime, item.name))
        return found[-1] if found else None

    def live_name(self) -> str:
        """Return the live model's name; empty if there is no model at all."""
        with Session(self.engine) as session:
            newest = _newest(session)
        if newest is not None:
            return newest.model
        path = self.base_path()
        return path.name.removesuffix(_SUFFIX) if path else ""

    def find_live(self) -> Path:
        """Return the live model's archive, once it is known to be ours.

        Raises:
            ModelNotFound: There is no model.
            ModelForeign: Its archive is not what was made here.
        """
        name = self.live_name()
        if not name:
            raise ModelNotFound(f"there is no trained model in {self._base}; train one with 'lotsi train'")
        return self.find_archive(name)

    def find_archive(self, name: str) -> Path:
        """Return a model's archive, once it is known to be ours.

        Raises:
            ModelNotFound: There is none of that name.
            ModelForeign: Its archive is not what was made here.
        """
        with Session(self.engine) as session:
            row = session.get(ModelRow, name)
        if row is not None and row.origin == STUDIO:
            return self.archives.check(name, row.sha256, row.signature)
        path = self._find_own(name)
        if path is None:
            raise ModelNotFound(f"there is no model '{name}'; 'lotsi models list' shows those that there are")
        if row is not None and hash_file(path) != row.sha256:
            raise ModelForeign(f"{path.name} is not the model that was live under that name")
        return path

    def _find_own(self, name: str) -> Path | None:
        """Return the archive of an installation's own model of that name."""
        folder = self._base.parent if self._base.is_file() else self._base
        return next((path for path in folder.glob(f"*{_SUFFIX}") if path.name == f"{name}{_SUFFIX}"), None)

    def register(self, name: str, by: str, fingerprint: str, overlay: str, topics: int, seconds: float) -> Model:
        """Sign an archive that lies in the folder, and take it up as a candidate."""
        sha256, signature, size = self.archives.sign(name)
        row = ModelRow(
            name=name,
            origin=STUDIO,
            state=CANDIDATE,
            sha256=sha256,
            signature=signature,
            fingerprint=fingerprint,
            overlay=overlay,
            topics=topics,
            size=size,
            seconds=seconds,
            made_by=by,
            made_at=current_moment(),
            shadow_share=0,
        )
        with Session(self._writer) as session, session.begin():
            session.add(row)
            details = {"size": size, "topics": topics, "sha256": sha256[:16]}
            self._audit.append(by, "model.trained", "model", name, details, session)
            session.flush()
            return _model(row)

    def fetch(self, name: str) -> Model:
        """Return a model.

        Raises:
            ModelNotFound: There is none of that name.
        """
        found = next((model for model in self.fetch_all() if model.name == name), None)
        if found is None:
            raise ModelNotFound(f"there is no model '{name}'; 'lotsi models list' shows those that there are")
        return found

    def fetch_all(self) -> list[Model]:
        """Return all models, the newest first; the installation's own one is among them."""
        with Session(self.engine) as session:
            models = [_model(row) for row in session.scalars(select(ModelRow))]
            promoted = _newest(session) is not None
        base = self.base_path()
        if base and base.name.removesuffix(_SUFFIX) not in {model.name for model in models}:
            models.append(_own_model(base, FORMER if promoted else LIVE))
        return sorted(models, key=lambda model: (model.made_at, model.name), reverse=True)

    def find_trained(self, fingerprint: str) -> Model | None:
        """Return the newest model that was made here from the same data and has its archive still."""
        made = (item for item in self.fetch_all() if item.origin == STUDIO and item.state != FAILED)
        same = (item for item in made if item.fingerprint == fingerprint)
        return next((item for item in same if self.archives.path(item.name).exists()), None)

    def store_evaluation(self, name: str, evaluation: Evaluation, verdict: Verdict) -> None:
        """Keep what was measured of a model, in place of what was measured earlier."""
        self.adopt(name)
        with Session(self._writer) as session, session.begin():
            row = session.get(EvaluationRow, name)
            if row is None:
                row = EvaluationRow(model=name)
                session.add(row)
            row.evaluated_at, row.compared_with = current_moment(), verdict.compared_with
            row.content, row.gate = evaluation.to_json(), verdict.to_json()

    def fetch_evaluation(self, name: str) -> Measured | None:
        """Return what was measured of a model, or None."""
        with Session(self.engine) as session:
            row = session.get(EvaluationRow, name)
            if row is None:
                return None
            return Measured(Evaluation.from_json(row.content), Verdict.from_json(row.gate), row.evaluated_at)

    def fetch_verdicts(self) -> dict[str, Verdict]:
        """Return what the gate said of each model that was measured, by its name."""
        with Session(self.engine) as session:
            rows = session.execute(select(EvaluationRow.model, EvaluationRow.gate))
            return {name: Verdict.from_json(gate) for name, gate in rows}

    def adopt(self, name: str) -> None:
        """Take up an installation's own model, so that something can be stored of it; any other is there already.

        Raises:
            ModelNotFound: There is none of that name.
        """
        with Session(self.engine) as session:
            if session.get(ModelRow, name) is not None:
                return
        path = self._find_own(name)
        if path is None:
            raise ModelNotFound(f"there is no model '{name}'")
        own = _own_model(path, LIVE if self.live_name() == name else FORMER, hash_file(path))
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, "promotion")
            if session.get(ModelRow, name) is None:
                session.add(ModelRow(**vars(own)))

    def make_live(self, name: str, by: str, kind: str, reason: str | None = None) -> Promotion:
        """Name a model as the live one, in one transaction with its entry in the audit log; servers follow.

        Args:
            name: The model; whoever calls has checked that it may go live.
            by: Whose decision it is.
            kind: `promotion`, `override` or `rollback`.
            reason: Why the gate was overruled.
        """
        self.adopt(name)
        previous = self.live_name()
        if previous and previous != name:
            self.adopt(previous)
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, "promotion")
            newest = _newest(session)
            row = PromotionRow(
                number=(newest.number if newest else 0) + 1,
                model=name,
                previous=newest.model if newest else previous,
                kind=kind,
                reason=masked_or_none(reason),
                promoted_by=by,
                promoted_at=current_moment(),
            )
            session.add(row)
            session.execute(update(ModelRow).where(ModelRow.state == LIVE).values(state=FORMER))
            session.execute(update(ModelRow).where(ModelRow.name == name).values(state=LIVE, shadow_share=0))
            details = {"previous": row.previous, "kind": kind, "reason": reason or ""}
            self._audit.append(by, f"model.{_ACTIONS[kind]}", "model", name, details, session)
            session.flush()
            return _promotion(row)

    def fetch_promotions(self, limit: int = 50) -> list[Promotion]:
        """Return the changes of the live model, the newest first."""
        with Session(self.engine) as session:
            rows = session.scalars(select(PromotionRow).order_by(PromotionRow.number.desc()).limit(limit))
            return [_promotion(row) for row in rows]

    def newest_promotion(self) -> int:
        """Return the number of the newest change; 0 before the first. Cheap: servers look every two seconds."""
        with Session(self.engine) as session:
            return session.scalar(select(func.max(PromotionRow.number))) or 0

    def set_shadow(self, name: str, by: str, share: int) -> None:
        """Let a candidate listen to a share of real turns, in percent; one model at a time, 0 for none.

        Raises:
            ModelNotFound: There is no such candidate made here.
            ValueError: The share is none.
        """
        if not 0 <= share <= 100:
            raise ValueError("the share lies between 0 and 100 percent")
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, "promotion")
            row = session.get(ModelRow, name)
            if row is None or row.state not in (CANDIDATE, FORMER):
                raise ModelNotFound(f"'{name}' is no candidate")
            session.execute(update(ModelRow).values(shadow_share=0))
            row.shadow_share = share
            self._audit.append(by, "model.shadow", "model", name, {"share": share}, session)

    def find_shadow(self) -> tuple[str, int] | None:
        """Return the candidate that listens to real turns and the share in percent, or None."""
        with Session(self.engine) as session:
            row = session.scalar(select(ModelRow).where(ModelRow.shadow_share > 0).limit(1))
            return (row.name, row.shadow_share) if row is not None else None

    def delete(self, name: str, by: str) -> None:
        """Delete a model made here: its archive, its snapshot and what was measured of it.

        Raises:
            ModelNotFound: There is none of that name.
            ModelInUse: It is live, listens to real turns, or belongs to the installation.
        """
        with Session(self._writer) as session, session.begin():
            wait_for_turn(session, "promotion")
            row = session.get(ModelRow, name)
            if row is None:
                self.fetch(name)
                raise ModelInUse(f"{name} belongs to the installation; it is not deleted here")
            newest = _newest(session)
            if (newest and newest.model == name) or row.state == LIVE:
                raise ModelInUse(f"{name} is live; promote another model first")
            if row.shadow_share:
                raise ModelInUse(f"{name} listens to real conversations; end its shadow run first")
            if row.origin != STUDIO:
                raise ModelInUse(f"{name} belongs to the installation; it is not deleted here")
            session.delete(row)
            self._audit.append(by, "model.deleted", "model", name, {}, session)
        self.archives.remove(name)

    def retire_old(self, keep: int) -> list[str]:
        """Delete the oldest models that are neither live nor the one before, beyond `keep`; return their names."""
        promotions = self.fetch_promotions(1)
        needed = {name for item in promotions for name in (item.model, item.previous)}
        spare = [
            model
            for model in self.fetch_all()
            if model.origin == STUDIO and model.name not in needed and not model.shadow_share and model.state != LIVE
        ]
        gone = [model.name for model in spare[keep:]]
        for name in gone:
            self.delete(name, "system")
        return gone


_ACTIONS = {"promotion": "promoted", "override": "promoted_anyway", "rollback": "rolled_back"}


def _newest(session: Session) -> PromotionRow | None:
    return session.scalar(select(PromotionRow).order_by(PromotionRow.number.desc()).limit(1))


def _own_model(path: Path, state: str, sha256: str = "") -> Model:
    """Return an installation's own model as a row; nothing is read but the file's date and size."""
    stat = path.stat()
    return Model(
        name=path.name.removesuffix(_SUFFIX),
        origin=CHECKOUT,
        state=state,
        sha256=sha256,
        signature="",
        fingerprint="",
        overlay="",
        topics=0,
        size=stat.st_size,
        seconds=0.0,
        made_by="system",
        made_at=dt.datetime.fromtimestamp(stat.st_mtime, dt.timezone.utc),
    )


def _model(row: ModelRow) -> Model:
    return Model(**_values(row, Model.__dataclass_fields__))


def _promotion(row: PromotionRow) -> Promotion:
    return Promotion(**_values(row, Promotion.__dataclass_fields__))


def _values(row: object, names: Sequence[str] | Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
