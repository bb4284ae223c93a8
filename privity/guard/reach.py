"""Threat `reach`: a server made to call where somebody says, into its own network say.

Clients name the push gateways that this server is to call. Rules:

1. A gateway's path is `/_matrix/push/v1/notify`, and its address holds nothing else: no query, no
   user, no fragment.
2. It is called over TLS.
3. What it is called by resolves to an address of the public internet. That is asked of the address
   that is connected to, each time: what a name resolves to can change after it was looked at.
4. Where the operator named gateways (`push_gateways`), only those are called; rule 3 does not hold
   for them, nor rule 2 for one of this very machine.

With every `unsafe_` switch on (`Config.is_open`) only rule 1 holds.

Source: client-server API, `POST /pushers/set`; push module, "Security considerations".
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

from privity.guard.verdict import Refuse, Verdict
from privity.matrix.errors import Errcode

NOTIFY_PATH = "/_matrix/push/v1/notify"
DEFAULT_PORTS = {"https": 443, "http": 80}
LONGEST_URL = 1024
_URL = re.compile(
    r"(https?)://([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?(/[^?#]*)?",
    re.IGNORECASE | re.ASCII,
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_HIGHEST_PORT = 65_535

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Gateway:
    """The address of a push gateway. `host` is in small letters, IPv6 without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """The address, whole."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{NOTIFY_PATH}"


@dataclass(frozen=True, slots=True)
class Pusher:
    """Where a client wants its notifications, and what it calls itself. `data` is as it gave it."""

    app_id: str
    pushkey: str
    app_display_name: str
    device_display_name: str
    profile_tag: str | None
    lang: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where the operator lets notifications go. `named`: if there are any, nowhere else."""

    named: frozenset[Gateway] = frozenset()
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class PusherFacts:
    """A pusher that somebody wants, and where it may go."""

    pusher: Pusher
    bounds: Bounds


def gateway_of(url: object) -> Gateway | None:
    """The gateway of an address (rule 1); None for what is no such address."""
    match = _URL.fullmatch(url) if isinstance(url, str) and len(url) <= LONGEST_URL else None
    if match is None or match[4] != NOTIFY_PATH:
        return None
    return _gateway(match)


def bounds_of(push_gateways: str, *, anywhere: bool) -> Bounds:
    """What the operator set: hosts and addresses, with commas between them. Raises ValueError."""
    named = [name.strip() for name in push_gateways.split(",") if name.strip()]
    return Bounds(frozenset(map(_named, named)), anywhere)


def _named(name: str) -> Gateway:
    match = _URL.fullmatch(name if "://" in name else f"https://{name}")
    gateway = _gateway(match) if match is not None and match[4] in (None, NOTIFY_PATH) else None
    if gateway is None:
        message = f"{name!r} is no push gateway"
        raise ValueError(message)
    if gateway.scheme == "http" and not is_this_machine(gateway.host):  # 4
        message = f"{name!r} is not over TLS, and not on this machine"
        raise ValueError(message)
    return gateway


def _gateway(match: re.Match[str]) -> Gateway | None:
    scheme, host = match[1].lower(), match[2].lower()
    port = int(match[3]) if match[3] else DEFAULT_PORTS[scheme]
    if host.startswith("["):
        host = host[1:-1]
        if ip_of(host) is None:
            return None
    return Gateway(scheme, host, port) if 0 < port <= _HIGHEST_PORT else None


def gateway_is_within_bounds(facts: PusherFacts) -> Verdict:
    """400 M_INVALID_PARAM for a gateway that will not be called, as far as its address shows."""
    gateway = gateway_of(facts.pusher.data.get("url"))
    if gateway is None:  # 1
        return _no(f"'url' is the address of a push gateway: https://HOST{NOTIFY_PATH}")
    return may_be_called(gateway, facts.bounds)


def may_be_called(gateway: Gateway, bounds: Bounds) -> Verdict:
    """Rules 2 to 4, before its name is resolved."""
    if bounds.anywhere or gateway in bounds.named:
        return None
    if bounds.named:  # 4
        return _no("This server sends notifications only to gateways that its operator named.")
    if gateway.scheme != "https":  # 2
        return _no("Notifications are sent over https only.")
    if ip_of(gateway.host) is not None and not may_be_connected_to(gateway.host):  # 3
        return _no("This server does not call that address.")
    return None


def need_public_addresses(bounds: Bounds) -> bool:
    """Whether rule 3 holds for what `may_be_called` lets through."""
    return not bounds.anywhere and not bounds.named


def may_be_connected_to(address: str) -> bool:
    """Rule 3: whether an IP address is one of the public internet; False for what is none."""
    ip = ip_of(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.sixtofour is not None or ip.teredo is not None:  # tunnels to an IPv4 address
            return False
        ip = _translated(ip)
    return ip is not None and ip.is_global and not (ip.is_multicast or ip.is_reserved)


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine, without asking anybody."""
    ip = ip_of(host)
    return host == "localhost" if ip is None else ip.is_loopback


def ip_of(host: str) -> IpAddress | None:
    """The IP address that a host is, if it is one. Zones (`%eth0`) are none of the internet's."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _translated(ip: ipaddress.IPv6Address) -> IpAddress:
    """The IPv4 address that an IPv6 address stands for, or itself."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip


def _no(says: str) -> Refuse:
    return Refuse(Errcode.INVALID_PARAM, says, "push gateway out of bounds", 400)
