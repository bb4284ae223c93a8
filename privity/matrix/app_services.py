"""Application services: for whom each may speak, and what of each is nobody else's.

1. A service speaks for its sender, and for the people of this server in its user namespaces.
2. A name that one service holds exclusively is made by no person and by no other service.
3. A service makes and takes names inside of its own namespaces only.

Source: application service API, "Registration", "Server admin style permissions".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from privity.matrix.ids import RoomAlias, RoomId, ServerName, UserId


@dataclass(frozen=True, slots=True)
class Namespace:
    """Names that begin with what the pattern matches."""

    pattern: re.Pattern[str]
    is_exclusive: bool


@dataclass(frozen=True, slots=True)
class AppService:
    """A registration. `url` is None for a service that wants to hear nothing.

    `token_hash` is the hash of the token that it shows, `hs_token` the one that we show.
    """

    id: str
    url: str | None
    token_hash: bytes
    hs_token: str = field(repr=False)
    sender: UserId
    users: tuple[Namespace, ...] = ()
    aliases: tuple[Namespace, ...] = ()
    rooms: tuple[Namespace, ...] = ()
    is_paced: bool = True
    protocols: tuple[str, ...] = ()
    wants_ephemeral: bool = False
    wants_crypto: bool = False


class AppServices:
    """All registrations. Nothing in it changes while the server runs."""

    def __init__(self, services: Iterable[AppService] = (), server_name: str = "") -> None:
        self.all = tuple(services)
        self.server_name = ServerName(server_name)
        self.by_token_hash = {service.token_hash: service for service in self.all}
        self.by_id = {service.id: service for service in self.all}

    def speaks_for(self, service: AppService, user_id: UserId) -> bool:
        """Rule 1."""
        return user_id == service.sender or (
            _is_in(service.users, user_id) and user_id.endswith(f":{self.server_name}")
        )

    def owns(self, service_id: str | None, user_id: UserId) -> bool:
        """Whether somebody is this service's alone: made by it, for it to end. False for None."""
        if service_id is None:
            return False
        service = self.by_id[service_id]
        return user_id == service.sender or _is_in(service.users, user_id, exclusively=True)

    def is_paced(self, service_id: str, user_id: UserId) -> bool:
        """Whether what it does for this person is counted; its sender never is."""
        service = self.by_id[service_id]
        return service.is_paced and user_id != service.sender

    def may_have_user(self, user_id: UserId, service: AppService | None) -> bool:
        """Whether `service`, or a person where it is None, may make this account (rules 2, 3)."""
        if any(
            user_id == other.sender or _is_in(other.users, user_id, exclusively=True)
            for other in self.all
            if other is not service
        ):
            return False
        return service is None or self.speaks_for(service, user_id)

    def may_have_alias(self, alias: RoomAlias, service_id: str | None) -> bool:
        """Whether this service, or a person where it is None, may give or take an alias."""
        if any(
            _is_in(other.aliases, alias, exclusively=True)
            for other in self.all
            if other.id != service_id
        ):
            return False
        return service_id is None or _is_in(self.by_id[service_id].aliases, alias)

    def of_user(self, user_id: UserId) -> list[AppService]:
        """The services in whose namespaces somebody is."""
        return [service for service in self.all if self.speaks_for(service, user_id)]

    def of_alias(self, alias: RoomAlias) -> list[AppService]:
        """The services in whose namespaces an alias is."""
        return [service for service in self.all if _is_in(service.aliases, alias)]

    def of_protocol(self, protocol: str) -> list[AppService]:
        """The services that stand for a network."""
        return [service for service in self.all if protocol in service.protocols]

    @staticmethod
    def hears_room(service: AppService, room_id: RoomId, aliases: Iterable[RoomAlias]) -> bool:
        """Whether it hears everything in a room of this id, with these aliases."""
        return _is_in(service.rooms, room_id) or any(
            _is_in(service.aliases, alias) for alias in aliases
        )


def _is_in(namespaces: tuple[Namespace, ...], name: str, *, exclusively: bool = False) -> bool:
    return any(
        namespace.pattern.match(name) is not None
        for namespace in namespaces
        if namespace.is_exclusive or not exclusively
    )
