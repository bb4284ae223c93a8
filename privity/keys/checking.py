"""What a key must be: of whom it says, signed by whom it must be, and of use.

1. A key object names its user and device (or usage), and they are right.
2. Its public keys are 32 bytes in Base64, and no Curve25519 key is of low order: with one of those
   the shared secret is known to everybody (threat `identity`).
3. Its signature by the named Ed25519 key is valid.

Source: client-server API, "Key algorithms", "Cross-signing"; `matrix.signing.is_low_order`.
"""

from __future__ import annotations

from typing import Any

from privity.matrix.canonical_json import encode
from privity.matrix.errors import Errcode, Refused, bad_json, invalid_param, refused
from privity.matrix.ids import DeviceId, UserId
from privity.matrix.signing import BadSignature, decode_base64, is_low_order, verify_json

Json = dict[str, Any]

KEY_BYTES = 32
MOST_BYTES = 65_536


def check_device_keys(keys: Json, user_id: UserId, device_id: DeviceId) -> None:
    """Refuse device keys that are not this device's own, whole and signed by itself."""
    if keys.get("user_id") != user_id or keys.get("device_id") != device_id:  # 1
        raise invalid_param("These keys are of another user or device.")
    algorithms = keys.get("algorithms")
    if not isinstance(algorithms, list) or not all(isinstance(a, str) for a in algorithms):
        raise bad_json("'algorithms' must be a list of strings.")
    public = keys.get("keys")
    if not isinstance(public, dict) or f"ed25519:{device_id}" not in public:
        raise bad_json(f"'keys' must hold 'ed25519:{device_id}'.")
    for name, key in public.items():  # 2
        algorithm, _, named = name.partition(":")
        if named != device_id:
            raise invalid_param("A device's keys are named for it.")
        check_public_key(algorithm, key)
    check_size(keys)
    check_signature(keys, user_id, f"ed25519:{device_id}", public[f"ed25519:{device_id}"])  # 3


def check_public_key(algorithm: str, key: object) -> None:
    """Refuse a public key that is none, or that is of low order."""
    if not isinstance(key, str):
        raise bad_json("A public key is a string.")
    try:
        raw = decode_base64(key)
    except ValueError as error:
        raise invalid_param("A public key is unpadded Base64.") from error
    if len(raw) != KEY_BYTES:
        raise invalid_param(f"A public key has {KEY_BYTES} bytes.")
    if algorithm.endswith("curve25519") and is_low_order(raw):
        raise refused(
            Errcode.INVALID_PARAM,
            "This key is of low order: it would protect nothing.",
            because="identity: low-order key",
            status=400,
        )


def check_size(keys: object) -> None:
    """Refuse what is larger than any key is."""
    if len(encode(keys)) > MOST_BYTES:
        raise refused(Errcode.TOO_LARGE, "This is too large for a key.", status=413)


def check_signature(signed: Json, signer: UserId, key_id: str, public_key: str) -> None:
    """400 M_INVALID_SIGNATURE unless `signer` signed it with this key."""
    try:
        verify_json(signed, signer, key_id, public_key)
    except (BadSignature, ValueError) as error:
        raise invalid_signature() from error


def invalid_signature() -> Refused:
    """400 M_INVALID_SIGNATURE."""
    return refused(Errcode.INVALID_SIGNATURE, "The signature is not valid.", status=400)


def check_cross_signing_key(keys: object, user_id: UserId, usage: str) -> tuple[str, str]:
    """Refuse what is no cross-signing key of this user and usage; its key id and public key."""
    if not isinstance(keys, dict):
        raise bad_json(f"The {usage} key must be an object.")
    if keys.get("user_id") != user_id:  # 1
        raise invalid_param(f"The {usage} key is of another user.")
    if keys.get("usage") != [usage]:
        raise invalid_param(f"The {usage} key has another usage.")
    check_size(keys)
    return public_part(keys)


def public_part(keys: Json) -> tuple[str, str]:
    """The one key id and public key of a cross-signing key."""
    public = keys.get("keys")
    if not isinstance(public, dict) or len(public) != 1:
        raise invalid_param("A cross-signing key holds one key.")
    ((key_id, key),) = public.items()
    algorithm, _, named = key_id.partition(":")
    if algorithm != "ed25519" or named != key:
        raise invalid_param("A cross-signing key is named 'ed25519:' and itself.")
    check_public_key(algorithm, key)
    return key_id, key
