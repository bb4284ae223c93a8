"""Passwords: argon2id, off the event loop, a few at a time.

Parameters are the second recommended of RFC 9106 (64 MiB, three passes) with one lane, so that a
thief of the database pays dearly for each guess. `unsafe_fast_password_hash` takes the least that
argon2 allows. A hash of other parameters is made anew when its password is next seen.
"""

from __future__ import annotations

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from privity.house import House
from privity.matrix.errors import Errcode, invalid_param, refused

SHORTEST = 8
LONGEST = 512
_AT_ONCE = 2

_THREADS = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="privity-password")
_SAFE = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
_FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def hasher(house: House) -> PasswordHasher:
    """The hasher that the configuration asks for."""
    return _FAST if house.config.unsafe_fast_password_hash else _SAFE


def check_new(house: House, password: str) -> None:
    """400 M_WEAK_PASSWORD or M_INVALID_PARAM for a password that must not be one.

    An open server (`unsafe_open_registration`) takes short ones: the tools it is for send them.
    """
    if len(password) > LONGEST:
        raise invalid_param(f"A password has at most {LONGEST} characters.")
    if len(password) < SHORTEST and not house.config.unsafe_open_registration:
        says = f"A password has at least {SHORTEST} characters."
        raise refused(Errcode.WEAK_PASSWORD, says, status=400)


async def hash_password(house: House, password: str) -> str:
    """What is stored of a password."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THREADS, hasher(house).hash, _as_typed(password))


async def is_right(house: House, password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long when there is none to compare with."""
    loop = asyncio.get_running_loop()
    typed = _as_typed(password[: LONGEST + 1])
    return await loop.run_in_executor(_THREADS, _verify, hasher(house), password_hash, typed)


def _verify(hasher: PasswordHasher, password_hash: str | None, password: str) -> bool:
    if password_hash is None:
        hasher.hash(password)  # the work of a comparison: a clock tells nobody who has an account
        return False
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _as_typed(password: str) -> str:
    """One form for what keyboards of different systems send for the same letters."""
    return unicodedata.normalize("NFKC", password)
