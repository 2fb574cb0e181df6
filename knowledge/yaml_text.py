"""YAML by libyaml where PyYAML has it, which is ten times as fast as Python and reads the same."""

from __future__ import annotations

from typing import Any, Final

import yaml

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> Any:
    """Return what a YAML text says, plain values only.

    Raises:
        yaml.YAMLError: It is no YAML.
        ValueError: It names a day that no month has.
    """
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        return yaml.safe_load(text)  # it says what is wrong in plainer words
