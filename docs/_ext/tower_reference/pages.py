"""The generated reference pages as Markdown: tables, settings, commands, metrics."""

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args

import typer
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from control_tower.cli import app
from control_tower.settings import PROJECT_ROOT, Settings
from control_tower_dash.metrics import METRICS
from control_tower_dash.settings import DashboardSettings
from tower_reference.tables import Column, Table, all_tables

__all__ = ["commands", "make_targets", "pages", "setting_names"]

_SCHEMAS: Final = {
    "raw": "The files of `data/raw`: what every source must land.",
    "reference": "The files of `data/reference`: how the desk is set up, and what the landing did.",
    "seeds": "Small tables kept with the dbt project; edit the CSV files to make them yours.",
    "staging": "The landed tables with names and types put right, one model a table.",
    "intermediate": "Steps of one idea each between staging and marts, the SLA clocks among them.",
    "marts": "What dashboards and analyses read; columns and types are contracts dbt enforces.",
    "process_mining": "How tickets really go through the desk.",
    "forecasting": "Volume, anomalies, capacity, and what a what-if starts from.",
    "alerts": "Open tickets that may breach, and how far such ratings held.",
    "recommendations": "What to do, with evidence, and the Monday briefing.",
    "meta": "What the snapshot says about itself.",
}

_GENERATED: Final = "% Generated from the code when the documentation is built; do not edit.\n\n"


def pages() -> dict[str, str]:
    """Return every generated page: its path below `reference/`, and its Markdown."""
    tables = all_tables()
    made = {f"tables/{table.full_name}.md": _table_page(table, tables) for table in tables}
    made["tables/index.md"] = _tables_index(tables)
    made["settings.md"] = _settings_page()
    made["commands.md"] = _commands_page()
    made["metrics.md"] = _metrics_page()
    return {path: _GENERATED + text for path, text in made.items()}


def _rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _text(words: str) -> str:
    """Return words from the code as Markdown that shows them as they are."""
    return re.sub(r"([*<>\[\]$])", r"\\\1", words)


def _linked(name: str, tables: Sequence[Table]) -> str:
    is_known = any(table.full_name == name for table in tables)
    return f"[`{name}`]({name}.md)" if is_known else f"`{name}`"


def _table_page(table: Table, tables: Sequence[Table]) -> str:
    readers = [one.full_name for one in tables if table.full_name in one.reads]
    if table.key:
        grain = "One row per " + ", ".join(f"`{column}`" for column in table.key) + "."
    else:
        grain = "No key is declared; see what it holds."
    facts = [f"**Grain.** {grain}"]
    if not table.is_stored:
        facts.append("**Not stored.** It is a part of the models that read it.")
    for title, names in (("Made from", table.reads), ("Read by", readers)):
        if names:
            facts.append(f"**{title}** " + ", ".join(_linked(name, tables) for name in names) + ".")
    columns = _rows(
        ("column", "type", "unit", "holds"),
        ((f"`{c.name}`", f"`{c.type}`", c.unit, _meaning(c)) for c in table.columns),
    )
    return (
        f"# `{table.full_name}`\n\n{_text(table.description)}\n\n"
        + "\n\n".join(facts)
        + f"\n\n{columns}"
    )


def _meaning(column: Column) -> str:
    allowed = ", ".join(f"`{value}`" for value in column.allowed)
    return _text(column.description) + (f": {allowed}" if allowed else "")


def _tables_index(tables: Sequence[Table]) -> str:
    text = (
        "# Tables\n\nEvery table of the tower, in the order of the flow. All moments are UTC, "
        "durations carry their unit in the name, money is in US dollars, shares are fractions of "
        "one. Columns, types and descriptions come from the landing contract, the dbt project and "
        "the rooms' schemas, which the pipeline enforces.\n\n"
    )
    for schema in dict.fromkeys(table.schema for table in tables):
        own = [table for table in tables if table.schema == schema]
        rows = [
            (f"[`{table.full_name}`]({table.full_name}.md)", _text(_first_sentence(table)))
            for table in own
        ]
        text += f"## {schema}\n\n{_SCHEMAS[schema]}\n\n{_rows(('table', 'holds'), rows)}\n"
    names = "\n".join(table.full_name for table in tables)
    return f"{text}```{{toctree}}\n:hidden:\n\n{names}\n```\n"


def _first_sentence(table: Table) -> str:
    return re.split(r"(?<=[a-z)])\. ", table.description, maxsplit=1)[0].rstrip(".") + "."


def setting_names() -> frozenset[str]:
    """Return the environment variable of every setting."""
    return frozenset(_variable(name) for name in DashboardSettings.model_fields)


def _variable(name: str) -> str:
    return f"CONTROL_TOWER_{name.upper()}"


def _settings_page() -> str:
    own = {
        name: field
        for name, field in DashboardSettings.model_fields.items()
        if name not in Settings.model_fields
    }
    return (
        "# Settings\n\nEach is a variable in the environment or in the file `.env` in the "
        "project's folder; a flag of the [command](commands.md) goes before the environment, and "
        "the environment before `.env`. An empty variable is as good as none.\n\n"
        f"## Pipeline\n\n{_settings_table(Settings.model_fields)}\n"
        f"## Dashboard\n\nThe dashboard reads these beside the pipeline's.\n\n"
        f"{_settings_table(own)}\n"
        "## Dagster's own\n\nEvery command of this project sets `DAGSTER_HOME` and "
        "`CONTROL_TOWER_DAGSTER_DIR`; `control-tower setup` writes both into `.env` for Dagster's "
        "own commands.\n"
    )


def _settings_table(fields: Mapping[str, FieldInfo]) -> str:
    return _rows(
        ("variable", "default", "holds"),
        (
            (f"`{_variable(name)}`", _default(field), _text(_with_choices(field)))
            for name, field in fields.items()
        ),
    )


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value is PydanticUndefined or value == ():
        return ""
    text = " ".join(value) if isinstance(value, tuple) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return f"`{text.replace(f'{PROJECT_ROOT}/', '')}`"


def _with_choices(field: FieldInfo) -> str:
    choices = [choice for choice in get_args(field.annotation) if isinstance(choice, str)]
    said = field.description or ""
    return f"{said}: {', '.join(choices)}" if choices else said


def commands() -> dict[str, Any]:
    """Return the command's subcommands as click knows them, by name."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def _commands_page() -> str:
    text = (
        "# Commands\n\n## control-tower\n\nInstalled as `.venv/bin/control-tower`. Exit code 0: "
        "done; 1: failed; 2: wrong use; 130: interrupted.\n\n"
    )
    for name, command in commands().items():
        text += f"### control-tower {name}\n\n{_text(inspect.cleandoc(command.help or ''))}\n\n"
        rows = [
            (f"`{_spelled(parameter)}`", _value(parameter), _text(parameter.help or ""))
            for parameter in command.params
            if parameter.name != "help"
        ]
        text += _rows(("option", "takes", ""), rows) + "\n"
    targets = _rows(
        ("target", ""), ((f"`make {name}`", said) for name, said in make_targets().items())
    )
    return f"{text}## make\n\nEach sets itself up if need be.\n\n{targets}"


def _spelled(parameter: Any) -> str:
    is_argument = parameter.param_type_name == "argument"
    return parameter.name.upper() if is_argument else ", ".join(parameter.opts)


def _value(parameter: Any) -> str:
    if getattr(parameter, "is_flag", False):
        return ""
    kind = parameter.type_descriptor.annotation
    if issubclass(kind, Enum):
        return ", ".join(f"`{choice.value}`" for choice in kind)
    return {Path: "path", int: "whole number", float: "number"}.get(kind, "text")


def make_targets() -> dict[str, str]:
    """Return what each target of the Makefile does, by its name."""
    text = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+):.*?## (.+)$", text, flags=re.MULTILINE))


def _metrics_page() -> str:
    rows = (
        (
            metric.label,
            f"`{metric.name}`",
            metric.kind.replace("_", " "),
            metric.good,
            metric.definition,
        )
        for metric in METRICS.values()
    )
    return (
        "# Metrics\n\nWhat the dashboard's figures mean, as its cards, tables and tooltips say "
        "it.\n\n" + _rows(("metric", "column", "kind", "good", "definition"), rows)
    )
