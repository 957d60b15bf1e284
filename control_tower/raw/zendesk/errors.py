"""The one error of this source."""

__all__ = ["ZendeskFilesError"]


class ZendeskFilesError(ValueError):
    """A folder of Zendesk tables cannot be used; one sentence says where, why and what to do."""
