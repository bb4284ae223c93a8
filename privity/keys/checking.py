"""What a key must be: of whom it says, signed by whom it must be, and of use.

1. A key object names its user and device (or usage), and they are right.
2. Its public keys are 32 bytes in Base64, and no Curve25519 key is of low order: with one of those
   the shared secret is known to everybody (threat `identity`).
3. Its signature by the named Ed25519 key is valid.
4. It is no larger than a key needs to be: it goes out to everybody who asks.

Source: client-server API, "Key algorithms", "Device keys", "Cross-signing".
"""

from __future__ import annotations

from typing import Any

from privity.matrix.canonical_json import encode
from privity.matrix.errors import Errcode, Refused, bad_json, invalid_param, refused
from privity.matrix.ids import DeviceId, UserId
from privity.matrix.signing import (
    BadSignature,
    decode_base64,
    encode_base64,
    is_low_order,
    verify_json,
)

Json = dict[str, Any]

KEY_BYTES = 32
MOST_BYTES = 8192
MOST_ONE_TIME_BYTES = 1024
LONGEST_NAME = 255


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
    check_size(keys)  # 4
    check_signature(keys, user_id, f"ed25519:{device_id}", public[f"ed25519:{device_id}"])  # 3


def check_public_key(algorithm: str, key: object) -> bytes:
    """Refuse a public key that is none, or that is of low order (rule 2); its 32 bytes."""
    if not isinstance(key, str):
        raise bad_json("A public key is a string.")
    try:
        raw = decode_base64(key)
    except ValueError as error:
        raise invalid_param("A public key is unpadded Base64.") from error
    if len(raw) != KEY_BYTES or encode_base64(raw) != key:
        raise invalid_param(f"A public key has {KEY_BYTES} bytes, in unpadded Base64.")
    if algorithm.endswith("curve25519") and is_low_order(raw):
        raise refused(
            Errcode.INVALID_PARAM,
            "This key is of low order: it would protect nothing.",
            because="identity: low-order key",
            status=400,
        )
    return raw


def check_size(key: object, most_bytes: int = MOST_BYTES) -> bytes:
    """Refuse what is larger than any key is (rule 4); its canonical JSON."""
    encoded = encode(key)
    if len(encoded) > most_bytes:
        raise too_large("This is too large for a key.")
    return encoded


def too_large(says: str) -> Refused:
    """413 M_TOO_LARGE."""
    return refused(Errcode.TOO_LARGE, says, status=413)


def check_signature(signed: Json, signer: UserId, key_id: str, public_key: str) -> None:
    """400 M_INVALID_SIGNATURE unless `signer` signed it with this key (rule 3)."""
    try:
        verify_json(signed, signer, key_id, public_key)
    except BadSignature as error:
        raise invalid_signature() from error


def invalid_signature() -> Refused:
    """400 M_INVALID_SIGNATURE."""
    return refused(Errcode.INVALID_SIGNATURE, "The signature is not valid.", status=400)


def check_cross_signing_key(keys: object, user_id: UserId, usage: str) -> None:
    """Refuse what is no cross-signing key of this user and usage."""
    if not isinstance(keys, dict):
        raise bad_json(f"The {usage} key must be an object.")
    if keys.get("user_id") != user_id:  # 1
        raise invalid_param(f"The {usage} key is of another user.")
    if keys.get("usage") != [usage]:
        raise invalid_param(f"The {usage} key has another usage.")
    check_size(keys)  # 4
    public = keys.get("keys")
    if not isinstance(public, dict) or len(public) != 1:
        raise invalid_param("A cross-signing key holds one key.")
    ((key_id, key),) = public.items()
    check_public_key("ed25519", key)  # 2
    if key_id != f"ed25519:{key}":
        raise invalid_param("A cross-signing key is named 'ed25519:' and itself.")


def public_part(keys: Json) -> str:
    """The one public key of a cross-signing key."""
    (key,) = keys["keys"].values()
    return str(key)


def as_kept(keys: Json, user_id: UserId) -> Json:
    """Device or cross-signing keys without what only others could vouch for.

    That is `unsigned`, and signatures in the names of other users: those come from them.
    """
    kept = {name: value for name, value in keys.items() if name != "unsigned"}
    signatures = keys.get("signatures")
    own = signatures.get(user_id) if isinstance(signatures, dict) else None
    if isinstance(own, dict):
        kept["signatures"] = {user_id: own}
    else:
        kept.pop("signatures", None)
    return kept
