"""Who asks: the address of a request, as far as it can be believed."""

import ipaddress
from collections.abc import Sequence

from werkzeug.wrappers import Request

__all__ = ["client_of", "is_one_of"]


def is_one_of(address: str | None, networks: Sequence[str]) -> bool:
    """Return whether an address lies in one of the networks."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in networks)


def client_of(request: Request, trusted: Sequence[str]) -> str:
    """Return the nearest address that is not a trusted proxy's; only those are believed."""
    address = request.remote_addr or ""
    for named in reversed(request.access_route):
        if not is_one_of(address, trusted):
            break
        address = named
    return address
