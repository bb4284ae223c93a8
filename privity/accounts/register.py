"""Register: an invitation becomes an account, once.

1. The id is a new one, in small letters, of those that new ids have.
2. What would be refused anyway is refused before a proof is asked for.
3. The proof is an invitation; where the operator said `unsafe_open_registration`, nothing.
4. The invitation is used up in the transaction that makes the account: of two who race for one, one
   gets it. So is the name.
5. The account is bound to the invitation's address; its display name begins as the name in its id.
6. An address begins so many registrations, and each of them takes so many requests.
7. A guest who shows their token becomes a whole account under the id that they have.

Source: client-server API, "Account registration", "Token-authenticated registration".
"""

from __future__ import annotations

import secrets

from privity.accounts.be_a_guest import guest_of
from privity.accounts.change_push_rules import begin_with_mentions
from privity.accounts.confirm import (
    DUMMY,
    TOKEN,
    TOO_LATE,
    Auth,
    Purpose,
    begins,
    confirm,
    invitation_of,
    unconfirmed,
)
from privity.accounts.go_on_registering import once_more, recall, remember
from privity.accounts.names import check_free, new_id
from privity.accounts.passwords import check_new, hash_password
from privity.accounts.registration import Registration
from privity.accounts.session import Begun, begin, prepare
from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Refused, forbidden, missing_param
from privity.matrix.ids import UserId, localpart_of
from privity.store import accounts, invitations
from privity.store.accounts import ACTIVE, Account
from privity.store.engine import WriteTx
from privity.store.invitations import Invitation

_OPEN = Invitation(b"", "", is_admin=False, created_ts=0, expires_ts=0)


async def register(house: House, registration: Registration) -> Begun | UserId:
    """Make the account; the session on it, or its id if `logs_in` is not asked for.

    Errors: 400 M_INVALID_USERNAME, M_USER_IN_USE, M_WEAK_PASSWORD, M_MISSING_PARAM; 401 until there
    is a proof.
    """
    purpose = Purpose("register", None, _flows(house))
    if not house.config.is_open:
        return await _register(house, registration, purpose)
    asked = recall(house, registration)
    try:
        again = await once_more(house, purpose, asked)
        return await _register(house, asked, purpose) if again is None else again
    except Refused as refusal:
        raise remember(house, refusal, asked) from refusal


async def _register(house: House, registration: Registration, purpose: Purpose) -> Begun | UserId:
    _keep_pace(house, purpose, registration)
    user_id = await _id_for(house, registration)  # 1 7
    if registration.password is not None:
        check_new(house, registration.password)  # 2
    await confirm(house, registration.auth, purpose)  # 3
    if registration.password is None:
        raise missing_param("password")
    password_hash = await hash_password(house, registration.password)
    prepared = prepare(house, user_id, registration.device)
    now_ms = prepared.now_ms

    def job(tx: WriteTx) -> bool:
        _check_free(tx, registration, user_id)
        invitation = _used_up(house, tx, registration.auth, user_id)  # 4
        if invitation is None:
            return False
        address, is_admin = invitation.address, invitation.is_admin
        account = Account(user_id, address, password_hash, now_ms, is_admin, ACTIVE)
        if registration.guest_token is not None:
            accounts.upgrade(tx, account)
        else:
            accounts.add(tx, account)
            accounts.set_profile(tx, user_id, "displayname", localpart_of(user_id))  # 5
            if house.config.is_open:
                begin_with_mentions(tx, user_id)
        if registration.logs_in:
            begin(tx, prepared)
        return True

    if not await house.store.write(job):
        raise unconfirmed(house, purpose, forbidden(TOO_LATE).refuse)
    return prepared.begun if registration.logs_in else user_id


async def _id_for(house: House, registration: Registration) -> UserId:
    if registration.guest_token is not None:
        return await guest_of(house, registration.guest_token, registration.username)
    return await new_id(house, registration.username or secrets.token_hex(8))


def _check_free(tx: WriteTx, registration: Registration, user_id: UserId) -> None:
    if registration.guest_token is None:
        return check_free(tx, user_id)
    account = accounts.by_id(tx, user_id)
    if account is None or not account.is_guest:
        raise forbidden("This is no guest any more.")
    return None


def _used_up(house: House, tx: WriteTx, auth: Auth, user_id: UserId) -> Invitation | None:
    """The invitation that the proof stands on, used up now. None if somebody was quicker."""
    invitation = invitation_of(tx, auth)
    if invitation is None and auth["type"] == DUMMY and house.config.unsafe_open_registration:
        return _OPEN
    if invitation is None or not invitation.is_good(house.clock.now_ms()):
        return None
    invitations.use(tx, invitation.token_hash, user_id)
    return invitation


def _flows(house: House) -> tuple[tuple[str, ...], ...]:
    invited = (TOKEN, DUMMY)
    return ((DUMMY,), invited) if house.config.unsafe_open_registration else (invited,)


def _keep_pace(house: House, purpose: Purpose, registration: Registration) -> None:  # 6
    if begins(house, purpose, registration.auth):
        house.keep_pace(pace.REGISTER_BY_ADDRESS, registration.device.address)
    else:
        house.keep_pace(pace.REGISTER_BY_SESSION, registration.auth["session"])
