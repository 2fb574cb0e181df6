"""What the settings say to the studio: folders, bounds, the gate's rules."""

from __future__ import annotations

from studio.assembly import Folders
from studio.gate import Rules
from studio.publish import PUBLISHED
from studio.workshop import WorkshopOptions
from web.setting_values import parse_points
from web.settings import Settings


def read_rules(settings: Settings) -> Rules:
    """Return the gate's rules."""
    return Rules(
        language_drop=parse_points(settings.gate_language_drop),
        parity_gap=parse_points(settings.gate_parity_gap),
        topic_drop=parse_points(settings.gate_topic_drop),
        alarm_rise=parse_points(settings.gate_alarm_rise),
        calibration_rise=parse_points(settings.gate_calibration_rise),
        latency_factor=parse_points(settings.gate_latency_factor),
    )


def read_options(settings: Settings) -> WorkshopOptions:
    """Return how trainings are done."""
    return WorkshopOptions(
        evaluation_folder=settings.evaluation_path.resolve(),
        published=(settings.data_folder / PUBLISHED).resolve(),
        reviewed=settings.gate_reviewed,
        memory_mb=settings.training_memory_mb,
        keep=settings.models_kept,
        rules=read_rules(settings),
    )


def read_folders(settings: Settings) -> Folders:
    """Return where models lie."""
    data = settings.data_folder.resolve()
    return Folders(data / "models", settings.model_path.resolve(), data)
