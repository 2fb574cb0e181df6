"""The addresses of the studio's pages."""

from __future__ import annotations

from aiohttp import web

from web.admin import model, models, training, tryout
from web.admin.models import MODELS
from web.admin.training import TRAINING

ROUTES = [
    web.get(MODELS, models.show_models),
    web.post(f"{MODELS}/rollback", models.roll_back),
    web.get(f"{MODELS}/{{name}}", model.show_model),
    web.post(f"{MODELS}/{{name}}/promote", model.promote),
    web.post(f"{MODELS}/{{name}}/delete", models.delete_model),
    web.get(f"{MODELS}/{{name}}/try", tryout.show_tryout),
    web.post(f"{MODELS}/{{name}}/try", tryout.ask_both),
    web.post(f"{MODELS}/{{name}}/shadow", tryout.set_shadow),
    web.get(TRAINING, training.show_training),
    web.post(TRAINING, training.start_training),
    web.get(f"{TRAINING}/{{number}}/progress", training.read_progress),
    web.post(f"{TRAINING}/{{number}}/cancel", training.cancel_training),
]
