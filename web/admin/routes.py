"""The addresses of the studio's pages."""

from __future__ import annotations

from aiohttp import web

from web.admin import model, models, training
from web.admin.models import MODELS
from web.admin.training import TRAINING

ROUTES = [
    web.get(MODELS, models.show_models),
    web.post(f"{MODELS}/rollback", models.roll_back),
    web.get(f"{MODELS}/{{name}}", model.show_model),
    web.post(f"{MODELS}/{{name}}/promote", model.promote),
    web.post(f"{MODELS}/{{name}}/delete", models.delete_model),
    web.get(TRAINING, training.show_training),
    web.post(TRAINING, training.start_training),
    web.get(f"{TRAINING}/{{number}}/progress", training.read_progress),
    web.post(f"{TRAINING}/{{number}}/cancel", training.cancel_training),
]
