"""What this server is: its name and signing key, fixed by the first start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from privity.matrix.ids import ServerName
from privity.matrix.signing import SigningKey
from privity.store.engine import Tx, WriteTx


class OtherServer(Exception):  # noqa: N818 - named for what is wrong
    """The database belongs to a server of another name: names are in every id and cannot change."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The server's name and the key that signs its events."""

    server_name: ServerName
    key: SigningKey


def known(tx: Tx) -> Identity | None:
    """The identity in the database; None before the first start."""
    kept: dict[str, Any] = dict(tx.all("SELECT name, value FROM server"))
    if "server_name" not in kept:
        return None
    key = SigningKey.from_seed(bytes(kept["key_seed"]), bytes(kept["key_version"]).decode())
    return Identity(ServerName(bytes(kept["server_name"]).decode()), key)


def of_server(tx: WriteTx, asked_name: str, new_key: SigningKey) -> Identity:
    """The identity in the database; made now, of `asked_name` and `new_key`, if there is none.

    An empty `asked_name` is whatever the database says, or `localhost`. Raises `OtherServer`.
    """
    identity = known(tx)
    if identity is None:
        name = asked_name or "localhost"
        version = new_key.key_id.partition(":")[2]
        tx.add("server", ("name", "value"), ("server_name", name.encode()))
        tx.add("server", ("name", "value"), ("key_seed", new_key.seed))
        tx.add("server", ("name", "value"), ("key_version", version.encode()))
        return Identity(ServerName(name), new_key)
    if asked_name not in {"", identity.server_name}:
        name = identity.server_name
        try_this = f"privity serve --server-name {name}"
        raise OtherServer(f"this database is that of {name}, not of {asked_name}. Try: {try_this}")
    return identity


def bus_secret(tx: WriteTx, new: bytes) -> bytes:
    """What the processes of this server seal their words to one another with; `new` at first."""
    row = tx.one("SELECT value FROM server WHERE name = 'bus_secret'")
    if row is not None:
        return bytes(row[0])
    tx.add("server", ("name", "value"), ("bus_secret", new))
    return new
