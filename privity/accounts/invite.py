"""Invite somebody by their e-mail address: a single-use token, and the link that carries it.

1. The address is bound to the account that the token makes. It has to look like one.
2. The token is shown once, here; the database knows its hash.
3. The link carries the token behind a `#`, which browsers do not send: it is in no server's log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from privity.accounts.session import new_token
from privity.house import House
from privity.matrix.errors import invalid_param, not_found
from privity.store import invitations
from privity.store.invitations import Invitation
from privity.store.sessions import hash_token

LONGEST_ADDRESS = 254
_ADDRESS = re.compile(
    r"[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f]{1,64}@([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}"
)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation with its token in clear. `expires_ts` in milliseconds."""

    token: str
    link: str
    expires_ts: int


async def invite(house: House, address: str, *, is_admin: bool = False) -> Invited:
    """Make an invitation. 400 M_INVALID_PARAM for what is no e-mail address."""
    bound = canonical_address(address)
    token = new_token("pvi")  # 2
    now_ms = house.clock.now_ms()
    expires_ts = now_ms + house.config.invitation_lifetime_ms
    invitation = Invitation(hash_token(token), bound, is_admin, now_ms, expires_ts)
    await house.store.write(lambda tx: invitations.add(tx, invitation))
    return Invited(token, link_of(house, token), expires_ts)


async def opened(house: House, token: str) -> Invitation:
    """The invitation of this token. 404 M_NOT_FOUND when nobody can register with it now."""
    token_hash = hash_token(token)
    invitation = await house.store.read(lambda tx: invitations.by_hash(tx, token_hash))
    if invitation is None or not invitation.is_good(house.clock.now_ms()):
        raise not_found("This invitation cannot be used.")
    return invitation


async def is_good(house: House, token: str) -> bool:
    """Whether somebody can register with this token now."""
    token_hash = hash_token(token)
    invitation = await house.store.read(lambda tx: invitations.by_hash(tx, token_hash))
    return invitation is not None and invitation.is_good(house.clock.now_ms())


def canonical_address(address: str) -> str:
    """The address with its domain in small letters (rule 1)."""
    mailbox, _, domain = address.rpartition("@")
    canonical = f"{mailbox}@{domain.lower()}"
    if len(canonical) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(canonical):
        message = "This is no e-mail address."
        raise invalid_param(message)
    return canonical


def link_of(house: House, token: str) -> str:
    """`{public_url}/#/invite/{token}` (rule 3)."""
    return f"{house.config.client_url}/#/invite/{token}"
