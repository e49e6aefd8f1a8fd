"""Every key of the configuration: its value, whether it was changed, and what it means."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from topicgpu.config import Config

Parameter = dict[str, Any]


def parameters_of(config: Config, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """
    List the parameters of a run.

    Parameters
    ----------
    config : Config
        Whose keys, defaults and descriptions they are.
    settings : mapping
        The values as plain data; a key that is not there was added after the run, and is left out.

    Returns
    -------
    list of dict
        name of each table of the configuration, and its rows: key, value, default, changed and description.
    """
    tables: dict[str, list[Parameter]] = {}
    for table, parameter in _rows(type(config), settings, ()):
        tables.setdefault(table, []).append(parameter)
    return [
        {"name": name, "rows": rows, "n_changed": sum(row["changed"] for row in rows)} for name, rows in tables.items()
    ]


def _rows(
    model: type[BaseModel], settings: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[str, Parameter]]:
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key not in settings:
            continue
        value, default = settings[key], _plain(field.get_default(call_default_factory=True))
        if (
            isinstance(field.annotation, type)
            and issubclass(field.annotation, BaseModel)
            and isinstance(value, Mapping)
        ):
            yield from _rows(field.annotation, value, (*path, key))
            continue
        yield (
            ".".join(path) or "run",
            {
                "key": ".".join((*path, key)),
                "value": _worded(value),
                "default": _worded(default),
                "changed": value != default,
                "description": field.description,
            },
        )


def _plain(value: Any) -> Any:
    """As it stands in a manifest."""
    if value is PydanticUndefined:
        return None
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | dict) else str(value)


def _worded(value: Any) -> str:
    if isinstance(value, str):
        return value or "empty"
    if isinstance(value, Mapping | list) and not value:
        return "none"
    return json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, Mapping) else None)
