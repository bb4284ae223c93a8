"""Keys: upload, query, claim, and messages to devices, with real signatures.

1. Each of fifty people uploads their device's keys and fifty signed one-time keys in one request.
2. Each asks for the keys of all fifty.
3. Each claims a one-time key of every other.
4. Each sends every other a message to their device, all in one request.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from nacl.signing import SigningKey

from bench import matrix
from bench.load import Connection, connect_many, drive, render
from bench.process import ServerProcess
from bench.roads import Figure, Run, cpu_ms_each

PEOPLE = 50
ONE_TIME_KEYS = 50
CONNECTIONS = 4
LONG_ENOUGH_S = 120.0
CURVE_POINT = (
    "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo"  # a public key; nobody opens a box for it
)
ALGORITHMS = ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"]


@dataclass(frozen=True, slots=True)
class Device:
    """Somebody's device, and its signing key."""

    person: matrix.Person
    key: SigningKey

    @classmethod
    def new(cls, person: matrix.Person) -> Self:
        """A device of theirs with a key of chance."""
        return cls(person, SigningKey.generate())

    def signed(self, value: dict[str, object]) -> dict[str, object]:
        """With the device's signature."""
        canonical = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
        signature = _unpadded(self.key.sign(canonical).signature)
        return {
            **value,
            "signatures": {self.person.user_id: {f"ed25519:{self.person.device_id}": signature}},
        }

    def keys(self, names: Sequence[str]) -> dict[str, object]:
        """The body of an upload: the device's keys and one-time keys of these names."""
        device_id = self.person.device_id
        device: dict[str, object] = {
            "user_id": self.person.user_id,
            "device_id": device_id,
            "algorithms": ALGORITHMS,
            "keys": {
                f"curve25519:{device_id}": CURVE_POINT,
                f"ed25519:{device_id}": _unpadded(bytes(self.key.verify_key)),
            },
        }
        once = {
            f"signed_curve25519:{name}": self.signed({"key": _unpadded(os.urandom(32))})
            for name in names
        }
        return {"device_keys": self.signed(device), "one_time_keys": once}


async def measure(run: Run) -> list[Figure]:
    """CPU time of each of the four, for one person's request."""
    with run.server.start() as process:
        connections = await connect_many(run.server.port, CONNECTIONS)
        names = [f"keys{number}" for number in range(PEOPLE)]
        people = await matrix.register_many(connections, names)
        devices = [Device.new(person) for person in people]
        everybody = [device.person for device in devices]
        numbers = itertools.count()
        figures: list[Figure] = []
        for key, says, path, body in (
            ("upload", f"a key upload, {ONE_TIME_KEYS} one-time keys", "keys/upload", _upload),
            ("query", f"a key query for {PEOPLE}", "keys/query", _query_of(everybody)),
            ("claim", f"a claim of {PEOPLE} keys", "keys/claim", _claim_of(everybody)),
        ):
            requests = [_request("POST", path, device, body(device)) for device in devices]
            figures.append(await _part(run, process, connections, requests, (key, says)))
        to_all = _message_to(everybody)
        requests = [
            _request("PUT", f"sendToDevice/m.room.encrypted/t{next(numbers)}", d, to_all)
            for d in devices
        ]
        says = f"a message to {PEOPLE} devices"
        figures.append(await _part(run, process, connections, requests, ("to_device", says)))
    return figures


async def _part(
    run: Run,
    process: ServerProcess,
    connections: Sequence[Connection],
    requests: Sequence[bytes],
    what: tuple[str, str],
) -> Figure:
    key, says = what
    rest = iter(requests)
    with run.window(process, says) as window:
        await drive(connections, lambda: next(rest, None), LONG_ENOUGH_S)
    return cpu_ms_each(f"keys.{key}", says, len(requests), window)


def _request(method: str, path: str, device: Device, body: object) -> bytes:
    raw = json.dumps(body, separators=(",", ":")).encode()
    return render(method, f"{matrix.V3}/{path}", token=device.person.token, body=raw)


def _upload(device: Device) -> dict[str, object]:
    return device.keys([f"AAAA{number:04}" for number in range(ONE_TIME_KEYS)])


def _query_of(people: Sequence[matrix.Person]) -> Callable[[Device], dict[str, object]]:
    asked: dict[str, object] = {"device_keys": {person.user_id: [] for person in people}}
    return lambda _: asked


def _claim_of(people: Sequence[matrix.Person]) -> Callable[[Device], dict[str, object]]:
    asked: dict[str, object] = {
        "one_time_keys": {p.user_id: {p.device_id: "signed_curve25519"} for p in people}
    }
    return lambda _: asked


def _message_to(people: Sequence[matrix.Person]) -> dict[str, object]:
    content = {
        "algorithm": "m.olm.v1.curve25519-aes-sha2",
        "sender_key": CURVE_POINT,
        "ciphertext": {CURVE_POINT: {"type": 0, "body": "AwogIOQ0NotAMessageButAsLong" * 20}},
    }
    return {"messages": {p.user_id: {p.device_id: content} for p in people}}


def _unpadded(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
