"""What a client asks for when it registers."""

from __future__ import annotations

from dataclasses import dataclass

from privity.accounts.confirm import Auth
from privity.accounts.session import DeviceWanted


@dataclass(frozen=True, slots=True)
class Registration:
    """What a client asks for. Without `username` the server makes one up."""

    username: str | None
    password: str | None
    auth: Auth
    device: DeviceWanted
    logs_in: bool
    guest_token: str | None = None
