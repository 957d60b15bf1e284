"""Zendesk as a source: its tables as a loader lands them."""

from control_tower.raw.zendesk.errors import ZendeskFilesError
from control_tower.raw.zendesk.source import read_zendesk_files

__all__ = ["ZendeskFilesError", "read_zendesk_files"]
