"""Rasa without TensorFlow, for as long as no component asks for it.

Rasa 3.6.21 imports TensorFlow for two helpers of its neural components, and all of its own components wherever one is
looked up by name. Neither is used here, and each process would pay for it with seconds and a quarter of a gigabyte. A
pipeline that names such a component (DIET in `lotsi benchmark nlu`, say) still gets it, with TensorFlow.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_DEFERRED = frozenset({"rasa.utils.train_utils"})
"""Modules that bring TensorFlow, and of which others use functions alone."""
_COMPARING = frozenset({"rasa.graph_components.validators.default_recipe_validator"})
"""Modules that ask whether a pipeline has one of these classes, and need no more of them."""
_COMPARED = {
    "rasa.nlu.classifiers.diet_classifier": "DIETClassifier",
    "rasa.nlu.selectors.response_selector": "ResponseSelector",
    "rasa.core.policies.ted_policy": "TEDPolicy",
}


class _DeferredModule(ModuleType):
    """Runs its code when something of it is first asked for; to be imported is not yet that."""

    def __init__(self, name: str, loader: Loader) -> None:
        super().__init__(name)
        self.__dict__["_run_code"] = loader.exec_module
        self.__dict__["_lock"] = threading.RLock()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        with self._lock:
            run_code = self.__dict__.pop("_run_code", None)
            if run_code is not None:
                run_code(self)
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


class _DeferringLoader(Loader):
    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _DeferredModule(spec.name, self._loader)

    def exec_module(self, module: ModuleType) -> None:
        pass


class _ComparingLoader(Loader):
    """Runs a module with classes of the same names in place of those that no pipeline here has asked for."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        absent = {name: kind for name, kind in _COMPARED.items() if name not in sys.modules}
        for name, kind in absent.items():
            stand_in = ModuleType(name)
            setattr(stand_in, kind, type(kind, (), {}))
            sys.modules[name] = stand_in
        try:
            self._loader.exec_module(module)
        finally:
            for name in absent:
                del sys.modules[name]


class _LeanFinder(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        kind = _DeferringLoader if name in _DEFERRED else _ComparingLoader if name in _COMPARING else None
        spec = PathFinder.find_spec(name, path, target) if kind else None
        if kind and spec is not None and spec.loader is not None:
            spec.loader = kind(spec.loader)
        return spec


def defer_tensorflow() -> None:
    """Let modules of Rasa that bring TensorFlow run when they are first used; those that have run already, have."""
    if not any(isinstance(finder, _LeanFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _LeanFinder())


@functools.cache
def look_up_by_name() -> None:
    """Let a recipe import the component that a configuration names, and Rasa's others only where it is not found so."""
    import rasa.core.policies.rule_policy  # noqa: F401 - registers the one policy that `config.yml` names
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.shared.utils.common import class_from_module_path

    among_all = DefaultV1Recipe._from_registry

    def find(name: str) -> Any:
        registered = DefaultV1Recipe._registered_components
        if name not in registered and "." in name:
            name = class_from_module_path(name).__name__
        return registered[name] if name in registered else among_all(name)

    DefaultV1Recipe._from_registry = staticmethod(find)
