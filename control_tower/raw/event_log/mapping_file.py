"""Mapping files: read as text throughout, and every mistake named in one sentence."""

import types
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from control_tower.raw.event_log.errors import EventLogError, closest
from control_tower.raw.event_log.mapping import EventLogMapping

__all__ = ["load_mapping", "shipped_mappings"]

_FOLDER: Final = files("control_tower.raw.event_log") / "mappings"


class _TextLoader(yaml.SafeLoader):
    """Reads every value as text, so that NO stays Norway and 1 stays a status code."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - as the base class has it

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Read a mapping, refusing a key that is given twice."""
        seen: list[Any] = []
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is given twice", key.start_mark
                )
            seen.append(key.value)
        return super().construct_mapping(node, deep)


def shipped_mappings() -> tuple[str, ...]:
    """Return the names of the mappings that come with the project."""
    return tuple(sorted(p.name.removesuffix(".yaml") for p in _FOLDER.iterdir()))


def load_mapping(path: Path) -> EventLogMapping:
    """Read a mapping from a YAML file, or one that comes with the project by its bare name.

    Args:
        path: The file; where there is none, a bare name such as `helpdesk` means the mapping of
            that name that comes with the project.

    Raises:
        EventLogError: If the file is missing, is not YAML, or says something that is no mapping.
    """
    text = _text_of(path)
    try:
        content = _TextLoader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise EventLogError(
            f"{path.name}{place}: {error.problem or error.context}; correct the YAML there"
        ) from None
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
        raise EventLogError(f"{path.name}: {reason}; save it as plain text YAML") from None
    if not isinstance(content, dict):
        raise EventLogError(
            f"{path.name}: the file holds no keys; start with 'control-tower map-event-log FILE'"
        )
    try:
        return EventLogMapping.model_validate(content)
    except ValidationError as error:
        raise EventLogError(f"{path.name}, {_sentence(error.errors())}") from None


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        name = path.name.removesuffix(".yaml")
        # Settings make a path absolute before it comes here; a bare name then lies where we are.
        is_bare = path.parent in {Path(), Path.cwd()}
        if is_bare and name in shipped_mappings():
            return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
        raise EventLogError(
            f"{path} does not exist; write a mapping with 'control-tower map-event-log FILE', or "
            f"use one that comes with the project ({', '.join(shipped_mappings())})"
        ) from None
    except UnicodeDecodeError as error:
        raise EventLogError(
            f"{path.name}: byte {error.start + 1} is not UTF-8; save the file as UTF-8"
        ) from None
    except OSError as error:
        raise EventLogError(
            f"{path} cannot be read ({error.strerror}); give the path of a readable YAML file"
        ) from None


def _sentence(errors: Sequence[ErrorDetails]) -> str:
    # A key that is not known is often why another is missing, so it is named first.
    error = min(errors, key=lambda each: each["type"] != "extra_forbidden")
    place = ".".join(str(part) for part in error["loc"] if part != "[key]")
    key = f"key {place}: " if place else ""
    match error["type"]:
        case "extra_forbidden":
            known = _keys_beside(error["loc"])
            hint = closest(str(error["loc"][-1]), known) or f"; use one of {', '.join(known)}"
            sentence = f"{key}this is not a key of a mapping{hint}"
        case "missing":
            sentence = f"{key}this key is missing; add it"
        case "literal_error":
            expected = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
            hint = closest(str(error["input"]), expected.split(", "))
            sentence = f"{key}{error['input']!r} is not one of {expected}{hint or '; use one'}"
        case "value_error":
            sentence = f"{key}{error['ctx']['error']}"
        case _:
            reason = error["msg"][0].lower() + error["msg"][1:]
            shown = f" {error['input']!r}" if isinstance(error["input"], str) else ""
            sentence = f"{key}the value{shown} is not usable: {reason}; correct it"
    others = len(errors) - 1
    return f"{sentence} ({others} more to correct)" if others else sentence


def _keys_beside(location: Sequence[int | str]) -> tuple[str, ...]:
    model: type[BaseModel] = EventLogMapping
    for part in location[:-1]:
        field = model.model_fields.get(str(part))
        if field is not None:
            model = next(_models_in(field.annotation), model)
    return tuple(model.model_fields)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, BaseModel):
            yield annotation
    elif get_origin(annotation) is not None:
        for argument in get_args(annotation):
            yield from _models_in(argument)
