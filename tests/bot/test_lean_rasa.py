"""Processes do without TensorFlow, and get it where a component needs it. Each test has a Python process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.importer import PROJECT_FOLDER

REPORT = "; import sys; print('tensorflow' in sys.modules)"


def run(code: str) -> list[str]:
    """Return the lines that a new process prints last."""
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_FOLDER, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


@pytest.mark.parametrize("module", ["bot.assistant", "bot.training.train, rasa.model_training", "web.app", "cli.main"])
def test_what_we_import_does_not_bring_it(module: str) -> None:
    assert run(f"import {module}{REPORT}")[-1] == "False"


def test_a_model_answers_without_it(model_path) -> None:
    code = (
        "from cli.output import configure_logging; configure_logging('ERROR'); from pathlib import Path; "
        f"from cli.ask import load_assistant; one = load_assistant(None, Path({str(model_path)!r})); "
        "print(one.reply_sync('c', text='hej', language='sv').messages[0].language); one.close()"
    )
    assert run(code + REPORT)[-2:] == ["sv", "False"]


def test_a_function_of_a_deferred_module_is_there_when_it_is_used() -> None:
    code = (
        "import bot, sys, rasa.utils.train_utils as one, rasa.nlu.extractors.extractor; "
        "print('tensorflow' in sys.modules, hasattr(one, '__path__')); "
        "from rasa.utils.train_utils import rank_and_mask; import numpy; "
        "print(rank_and_mask(numpy.array([0.1, 0.9]))[0].tolist(), hasattr(one, 'no_such_function'))"
    )
    assert run(code + REPORT)[-3:] == ["False False", "[1, 0] False", "True"]


def test_a_component_of_rasas_is_found_with_all_that_it_needs() -> None:
    code = """
import sys
from bot.lean_rasa import look_up_by_name
look_up_by_name()
look_up_by_name()
from rasa.engine.recipes.default_recipe import DefaultV1Recipe as Recipe
import rasa.graph_components.validators.default_recipe_validator
print(Recipe._from_registry("RulePolicy").clazz.__name__, "rasa.nlu.classifiers.diet_classifier" in sys.modules)
print(Recipe._from_registry("bot.nlu.decision.FallbackDecision").clazz.__name__, "tensorflow" in sys.modules)
print(Recipe._from_registry("DIETClassifier").clazz.get_default_config()["epochs"])
"""
    assert run(code)[-3:] == ["RulePolicy False", "FallbackDecision False", "300"]


def test_the_validator_compares_with_the_components_where_they_are_there() -> None:
    code = (
        "import bot; from rasa.nlu.classifiers.diet_classifier import DIETClassifier as real; "
        "import rasa.graph_components.validators.default_recipe_validator as validator; "
        "print(validator.DIETClassifier is real)"
    )
    assert run(code)[-1] == "True"
