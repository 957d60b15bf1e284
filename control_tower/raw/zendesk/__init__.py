"""Zendesk as a source: live, as its tables lie in files, or as it exports them itself."""

from control_tower.raw.zendesk.errors import ZendeskError, ZendeskFilesError
from control_tower.raw.zendesk.live import ZendeskDesk, read_zendesk
from control_tower.raw.zendesk.source import read_zendesk_files
from control_tower.raw.zendesk.tokens import Credentials

__all__ = [
    "Credentials",
    "ZendeskDesk",
    "ZendeskError",
    "ZendeskFilesError",
    "read_zendesk",
    "read_zendesk_files",
]
