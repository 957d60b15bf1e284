"""Whom to let in of those the provider vouches for, and where they go then."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from control_tower_dash.settings import DashboardSettings

__all__ = ["is_admitted", "local_path"]


def is_admitted(claims: Mapping[str, object], settings: DashboardSettings) -> bool:
    """Return whether the claims show an allowed group or a verified address in an allowed domain.

    Args:
        claims: Of an identity token already found genuine.
        settings: They name the groups and domains.
    """
    groups = claims.get(settings.oidc_groups_claim)
    named = groups if isinstance(groups, list) else [groups]
    if any(group in settings.oidc_allowed_groups for group in named):
        return True
    domains = {name.lower().removeprefix("@") for name in settings.oidc_allowed_domains}
    if "*" in domains:
        return True
    email = claims.get("email")
    # Whoever may write any address into a profile would be let in: only verified ones count.
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        return False
    name, at, domain = email.rpartition("@")
    return bool(name and at) and domain.lower() in domains


def local_path(wanted: object) -> str:
    """Return a path of the dashboard's own, or its first page for anything else."""
    if not isinstance(wanted, str) or not wanted.startswith("/"):
        return "/"
    # Browsers read a backslash as a slash, and two of them begin another host's address.
    if wanted.startswith(("//", "/\\")) or any(ord(letter) < 33 for letter in wanted):
        return "/"
    parts = urlsplit(wanted)
    return "/" if parts.scheme or parts.netloc else wanted
