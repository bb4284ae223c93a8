"""From the names that people type to user ids.

1. Capitals are no difference: ids are in small letters, and a phone begins its fields with one.
2. A name that belongs to an application service is made by it alone (400 M_EXCLUSIVE).
3. A new id holds `a-z 0-9 . _ = - / +` only; one that exists is found by whatever it is.
"""

from __future__ import annotations

from privity.house import House
from privity.matrix.app_services import AppService
from privity.matrix.errors import Errcode, Refused, refused
from privity.matrix.ids import BadId, UserId, is_new_localpart, parse_user_id
from privity.store import accounts
from privity.store.engine import Tx


def id_of(house: House, name: str) -> UserId | None:
    """Who is meant by a localpart or a whole id. None if it cannot be anybody here."""
    localpart, _, server = name[1:].partition(":") if name.startswith("@") else (name, "", "")
    if server not in {"", house.server_name}:
        return None
    try:
        return parse_user_id(f"@{localpart.lower()}:{house.server_name}")  # 1
    except BadId:
        return None


async def new_id(house: House, username: str, service: AppService | None = None) -> UserId:
    """The id that this name would have, made by `service` or, where it is None, by a person.

    Errors: 400 M_INVALID_USERNAME, M_EXCLUSIVE, M_USER_IN_USE.
    """
    localpart = username.lower()  # 1
    if not is_new_localpart(localpart):  # 3
        raise _invalid_username()
    try:
        user_id = parse_user_id(f"@{localpart}:{house.server_name}")
    except BadId as error:
        raise _invalid_username() from error
    if not house.services.may_have_user(user_id, service):  # 2
        says = "This user name belongs to an application service, or to none of its namespaces."
        raise refused(Errcode.EXCLUSIVE, says, status=400)
    await house.store.read(lambda tx: check_free(tx, user_id))
    return user_id


def check_free(tx: Tx, user_id: UserId) -> None:
    """400 M_USER_IN_USE if somebody has this id, or had it once."""
    if accounts.by_id(tx, user_id) is not None:
        raise refused(Errcode.USER_IN_USE, "This user name is taken.", status=400)


def _invalid_username() -> Refused:
    says = "A user name is made of a-z, 0-9 and . _ = - / + only."
    return refused(Errcode.INVALID_USERNAME, says, status=400)
