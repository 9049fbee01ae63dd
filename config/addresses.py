"""From which address a request comes.

Invariant: what a client writes itself is never believed: of `X-Forwarded-For` only the entries that proxies of ours
have added count, and how many those are `settings.TRUSTED_PROXIES` says.
"""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

IPV6_HOME = 64  # bits: one customer has all addresses below


def of(request: HttpRequest) -> str:
    """Return the address of who asks; of IPv6 the network that one customer has."""
    peer = request.META.get("REMOTE_ADDR") or ""
    if settings.TRUSTED_PROXIES:
        named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        peer = _host(named[-min(settings.TRUSTED_PROXIES, len(named))]) or peer
    return _home(peer)


def _host(text: str) -> str:
    """Return the address in `1.2.3.4`, `1.2.3.4:80`, `::1` or `[::1]:80`; empty for anything else."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    bare = bare.partition(":")[0] if bare.count(":") == 1 else bare
    return bare if _parsed(bare) else ""


def _home(text: str) -> str:
    found = _parsed(text)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found.packed, IPV6_HOME), strict=False))
    return str(found or "unknown")


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
