"""How dbt's nodes appear in the asset graph."""

from collections.abc import Mapping
from typing import Any

from dagster import AssetKey, AutomationCondition
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

__all__ = ["MartsTranslator"]


class MartsTranslator(DagsterDbtTranslator):
    """Name each node after its table, group it by its layer, and keep it up to date."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_code_references=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """Return `<schema>/<table>`, the name the table has in the warehouse."""
        schema = (
            dbt_resource_props["source_name"]
            if _is_source(dbt_resource_props)
            else (dbt_resource_props["schema"])
        )
        return AssetKey([schema, dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the layer: staging, intermediate, marts or seeds."""
        return str(dbt_resource_props["schema"])

    def get_automation_condition(
        self, dbt_resource_props: Mapping[str, Any]
    ) -> AutomationCondition[Any] | None:
        """Rebuild a model once what it reads has been renewed."""
        return None if _is_seed(dbt_resource_props) else AutomationCondition.eager()


def _is_source(props: Mapping[str, Any]) -> bool:
    return bool(props["resource_type"] == "source")


def _is_seed(props: Mapping[str, Any]) -> bool:
    return bool(props["resource_type"] == "seed")
