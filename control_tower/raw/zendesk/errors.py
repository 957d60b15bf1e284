"""The errors of this source; each is one sentence that says what is wrong and what to do."""

__all__ = ["ZendeskError", "ZendeskFilesError", "ZendeskRefusedError"]


class ZendeskError(ValueError):
    """Zendesk, or what it gave, cannot be used."""


class ZendeskFilesError(ZendeskError):
    """Zendesk's tables or export cannot be used; says where, why and what to do."""


class ZendeskRefusedError(ZendeskError):
    """Zendesk does not give something: the plan lacks it, or the client may not read it."""
