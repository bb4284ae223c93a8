"""Ed25519 signatures over canonical JSON, unpadded Base64, and keys that are no keys.

Source: appendices, "Unpadded Base64" and "Signing JSON".
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nacl import bindings
from nacl.exceptions import CryptoError

from privity.matrix.canonical_json import BadJson, encode

SEED_BYTES = bindings.crypto_sign_SEEDBYTES
PUBLIC_KEY_BYTES = bindings.crypto_sign_PUBLICKEYBYTES
SIGNATURE_BYTES = bindings.crypto_sign_BYTES

_KEY_VERSION = re.compile(r"[a-zA-Z0-9_]+")
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*")


class BadSignature(ValueError):  # noqa: N818 - named for what is wrong
    """A signature is missing, malformed, or does not match."""


def encode_base64(raw: bytes) -> str:
    """Unpadded standard Base64."""
    return binascii.b2a_base64(raw, newline=False).rstrip(b"=").decode("ascii")


def encode_base64_url(raw: bytes) -> str:
    """Unpadded URL-safe Base64 (event ids, room ids of version 12)."""
    encoded = binascii.b2a_base64(raw, newline=False).rstrip(b"=")
    return encoded.translate(_TO_URL_SAFE).decode("ascii")


def decode_base64(text: str) -> bytes:
    """The bytes of standard Base64, padded or not; `ValueError` for anything else."""
    try:
        encoded = text.encode("ascii").rstrip(b"=")
    except UnicodeEncodeError:
        raise ValueError("not Base64") from None
    if not _BASE64.fullmatch(encoded):
        raise ValueError("not Base64")
    return binascii.a2b_base64(encoded + b"=" * (-len(encoded) % 4))


def decode_base64_url(text: str) -> bytes:
    """The bytes of URL-safe Base64, padded or not; `ValueError` for anything else."""
    if "+" in text or "/" in text:
        raise ValueError("not URL-safe Base64")
    return decode_base64(text.replace("-", "+").replace("_", "/"))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A server's Ed25519 key. Its secrets never show in `repr`."""

    key_id: str
    seed: bytes = field(repr=False)
    public: bytes
    _secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> SigningKey:
        """A new key with a random seed and a random version of four letters."""
        letters = "abcdefghijklmnopqrstuvwxyz"
        version = "".join(letters[byte % len(letters)] for byte in bindings.randombytes(4))
        return cls.from_seed(bindings.randombytes(SEED_BYTES), version)

    @classmethod
    def from_seed(cls, seed: bytes, version: str) -> SigningKey:
        """The key of a seed of 32 bytes; its id is `ed25519:<version>`."""
        if len(seed) != SEED_BYTES:
            raise ValueError(f"a seed has {SEED_BYTES} bytes")
        if not _KEY_VERSION.fullmatch(version):
            raise ValueError("a key version holds letters, digits and _ only")
        public, secret = bindings.crypto_sign_seed_keypair(seed)
        return cls(f"ed25519:{version}", seed, public, secret)

    @property
    def public_base64(self) -> str:
        """The public key as unpadded Base64."""
        return encode_base64(self.public)

    def sign(self, message: bytes) -> str:
        """The signature of `message` as unpadded Base64."""
        return encode_base64(bindings.crypto_sign(message, self._secret)[:SIGNATURE_BYTES])


def sign_json(obj: Mapping[str, Any], server_name: str, key: SigningKey) -> dict[str, Any]:
    """A copy of `obj` with our signature added; `unsigned` and other signatures stay."""
    signature = key.sign(_signed_bytes(obj))
    signatures = {name: dict(keys) for name, keys in obj.get("signatures", {}).items()}
    signatures.setdefault(server_name, {})[key.key_id] = signature
    return {**obj, "signatures": signatures}


def verify_json(obj: Mapping[str, Any], signer: str, key_id: str, public_base64: str) -> None:
    """Raise `BadSignature` unless `signer` has signed `obj` with this Ed25519 key.

    `obj` comes from outside: any shape is answered by `BadSignature`, never by another error.
    """
    if not key_id.startswith("ed25519:"):
        raise BadSignature("the key is not an Ed25519 key")
    try:
        signature = obj["signatures"][signer][key_id]
    except (KeyError, TypeError):
        raise BadSignature("there is no such signature") from None
    if not isinstance(signature, str):
        raise BadSignature("the signature is not a string")
    try:
        message = _signed_bytes(obj)
    except BadJson:
        raise BadSignature("the object has no canonical JSON") from None
    verify_bytes(message, signature, public_base64)


def verify_bytes(message: bytes, signature_base64: str, public_base64: str) -> None:
    """Raise `BadSignature` unless the signature over exactly these bytes is the key's."""
    try:
        signature = decode_base64(signature_base64)
        public = decode_base64(public_base64)
    except ValueError:
        raise BadSignature("not Base64") from None
    if len(signature) != SIGNATURE_BYTES or len(public) != PUBLIC_KEY_BYTES:
        raise BadSignature("a signature has 64 bytes and a key 32")
    try:
        bindings.crypto_sign_open(signature + message, public)
    except CryptoError:
        raise BadSignature("the signature does not match") from None


_P = 2**255 - 19
_ORDER_8 = (
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)
_LOW_ORDER = frozenset((0, 1, _P - 1, *_ORDER_8))


def is_low_order(public: bytes) -> bool:
    """Whether a Curve25519 public key makes every agreement come out as zero.

    Such a key lets whoever planted it read what is sent to it. RFC 7748, section 6.1: the top bit
    is ignored and the number is taken modulo p. `ValueError` unless it has 32 bytes.
    """
    if len(public) != PUBLIC_KEY_BYTES:
        raise ValueError("a Curve25519 key has 32 bytes")
    return (int.from_bytes(public, "little") & (2**255 - 1)) % _P in _LOW_ORDER


def _signed_bytes(obj: Mapping[str, Any]) -> bytes:
    return encode({k: v for k, v in obj.items() if k not in {"signatures", "unsigned"}})
