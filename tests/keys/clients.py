"""What a client makes with its keys: real ones, with real signatures."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from privity.matrix.canonical_json import encode
from privity.matrix.ids import UserId
from privity.matrix.signing import SigningKey, encode_base64
from tests.world import Answer, Person

ALGORITHMS = ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"]

Json = dict[str, Any]


def new_public_key() -> str:
    """A Curve25519 key that somebody may hold the secret of."""
    return encode_base64(secrets.token_bytes(32))


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody's Ed25519 key; `name` is what comes after `ed25519:`, by default the key itself."""

    user_id: UserId
    key: SigningKey = field(default_factory=SigningKey.generate)
    device_id: str = ""

    @property
    def public(self) -> str:
        """The public key."""
        return self.key.public_base64

    @property
    def key_id(self) -> str:
        """Its id."""
        return f"ed25519:{self.device_id or self.public}"

    def sign(self, signed: Json) -> Json:
        """A copy with this key's signature among the others."""
        bare = {k: v for k, v in signed.items() if k not in {"signatures", "unsigned"}}
        signatures = {user: dict(keys) for user, keys in signed.get("signatures", {}).items()}
        signatures.setdefault(self.user_id, {})[self.key_id] = self.key.sign(encode(bare))
        return {**signed, "signatures": signatures}


class Device:
    """A person's device with the keys that it made."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.signer = Signer(person.user_id, device_id=person.device_id)
        device_id = person.device_id
        self.bare: Json = {
            "user_id": person.user_id,
            "device_id": device_id,
            "algorithms": ALGORITHMS,
            "keys": {
                f"curve25519:{device_id}": new_public_key(),
                f"ed25519:{device_id}": self.signer.public,
            },
        }

    @property
    def keys(self) -> Json:
        """Its identity, signed by itself."""
        return self.signer.sign(self.bare)

    def one_time_keys(self, *key_ids: str, **more: Any) -> Json:
        """New one-time keys of these ids."""
        return {
            f"signed_curve25519:{key_id}": self.signer.sign({"key": new_public_key(), **more})
            for key_id in key_ids
        }

    def fallback_key(self, key_id: str) -> Json:
        """A new fallback key."""
        return self.one_time_keys(key_id, fallback=True)

    async def upload(self, **more: Json) -> Answer:
        """Upload the identity and what else there is; or only that, with `device_keys={}`."""
        body = {"device_keys": self.keys, **more}
        return await self.person.post("/keys/upload", body)

    async def another(self) -> Device:
        """The same person at another device, which has its keys uploaded."""
        return await with_keys(await self.person.another_device())


async def with_keys(person: Person, *key_ids: str) -> Device:
    """This person's device, its identity uploaded, and one-time keys of these ids."""
    device = Device(person)
    answer = await device.upload(one_time_keys=device.one_time_keys(*key_ids))
    assert answer.status == 200, answer.body
    return device


class Identity:
    """A person's three cross-signing keys."""

    def __init__(self, user_id: UserId) -> None:
        self.user_id = user_id
        self.master = Signer(user_id)
        self.self_signing = Signer(user_id)
        self.user_signing = Signer(user_id)

    def key(self, usage: str, signer: Signer) -> Json:
        """One of the keys, not signed."""
        return {
            "user_id": self.user_id,
            "usage": [usage],
            "keys": {signer.key_id: signer.public},
        }

    def body(self) -> Json:
        """All three, as they are uploaded."""
        return {
            "master_key": self.key("master", self.master),
            "self_signing_key": self.master.sign(self.key("self_signing", self.self_signing)),
            "user_signing_key": self.master.sign(self.key("user_signing", self.user_signing)),
        }


async def with_identity(person: Person) -> Identity:
    """This person's cross-signing keys, uploaded."""
    identity = Identity(person.user_id)
    answer = await person.post("/keys/device_signing/upload", identity.body())
    assert answer.status == 200, answer.body
    return identity


async def keys_of(viewer: Person, *user_ids: UserId) -> Answer:
    """What `viewer` is told of these people's keys."""
    answer = await viewer.post("/keys/query", {"device_keys": {each: [] for each in user_ids}})
    assert answer.status == 200, answer.body
    return answer


async def claim(claimer: Person, device: Device) -> str | None:
    """Claim a one-time key of this device; its id, or None."""
    person = device.person
    wanted = {person.user_id: {person.device_id: "signed_curve25519"}}
    answer = await claimer.post("/keys/claim", {"one_time_keys": wanted})
    assert answer.status == 200, answer.body
    given = answer["one_time_keys"].get(person.user_id, {}).get(person.device_id, {})
    return next((name.partition(":")[2] for name in given), None)


async def sync(person: Person, since: Answer | None = None, **more: Any) -> Answer:
    """What is new for this device, after another sync if there is one."""
    if since is not None:
        more["since"] = since["next_batch"]
    answer = await person.get("/sync", **more)
    assert answer.status == 200, answer.body
    return answer


def told(answer: Answer, member: str = "changed") -> list[str]:
    """Whose device lists a sync tells of."""
    users: list[str] = answer.body.get("device_lists", {}).get(member, [])
    return users
