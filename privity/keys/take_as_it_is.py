"""Take an upload of keys as it is: for suites of conformance, with every `unsafe_` switch on.

Open servers never look into keys, and such suites upload texts that are none. Only whose they are
and how large is checked, and that they have the shape of keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from privity.keys.checking import LONGEST_NAME, MOST_ONE_TIME_BYTES, Json, as_kept, check_size
from privity.keys.upload import MOST_ONE_TIME_KEYS, Checked, Upload
from privity.matrix.errors import bad_json, invalid_param
from privity.store.one_time_keys import OneTimeKey
from privity.store.sessions import Session


def as_it_is(wanted: Upload, session: Session) -> Checked:
    """What is to be kept. 400 M_BAD_JSON or M_INVALID_PARAM for what has not even the shape."""
    identity = wanted.device_keys
    if identity is not None:
        _check_shape(identity, session)
        identity = as_kept(identity, session.user_id)
    if len(wanted.one_time_keys) > MOST_ONE_TIME_KEYS:
        raise invalid_param(f"A device has up to {MOST_ONE_TIME_KEYS} one-time keys.")
    one_time, fallback = _named(wanted.one_time_keys), _named(wanted.fallback_keys)
    return Checked(identity, list(one_time), list(fallback), is_as_it_came=True)


def _check_shape(identity: Json, session: Session) -> None:
    whose = identity.get("user_id"), identity.get("device_id")
    if whose != (session.user_id, session.device_id):
        raise invalid_param("These keys are of another user or device.")
    algorithms = identity.get("algorithms")
    if not isinstance(algorithms, list) or not all(isinstance(a, str) for a in algorithms):
        raise bad_json("'algorithms' must be a list of strings.")
    for name in ("keys", "signatures"):
        if not isinstance(identity.get(name), dict):
            raise bad_json(f"'{name}' must be an object.")
    check_size(identity)


def _named(keys: Json) -> Iterator[OneTimeKey]:
    for name, key in keys.items():
        algorithm, _, key_id = name.partition(":")
        if not algorithm or not key_id or len(name) > LONGEST_NAME or "\0" in name:
            raise invalid_param("A key is named by its algorithm and an id.")
        if not isinstance(key, dict | str):
            raise bad_json("A key is an object or a text.")
        encoded = check_size(key, MOST_ONE_TIME_BYTES)
        yield OneTimeKey(algorithm, key_id, hashlib.sha256(encoded).digest(), encoded)
