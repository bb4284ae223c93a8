"""Register somebody of an application service: no invitation, no password, only its token.

1. The name is of the service's own namespaces, or its sender's, and of no other service's.
2. Nobody logs in to such an account but the service.

Source: application service API, "Server admin style permissions".
"""

from __future__ import annotations

from privity.accounts.names import new_id
from privity.accounts.registration import Registration
from privity.accounts.session import Begun, begin, prepare
from privity.accounts.speak_as import add_account, new_account
from privity.guard import pace
from privity.house import House
from privity.matrix.app_services import AppService
from privity.matrix.errors import missing_param
from privity.matrix.ids import UserId
from privity.store.engine import WriteTx


async def register_for_service(
    house: House, service: AppService, registration: Registration
) -> Begun | UserId:
    """Make the account; the session on it, or its id if `logs_in` is not asked for.

    Errors: 400 M_MISSING_PARAM, M_INVALID_USERNAME, M_EXCLUSIVE, M_USER_IN_USE; 429.
    """
    if service.is_paced:
        house.keep_pace(pace.REGISTER_BY_ADDRESS, registration.device.address)
    if registration.username is None:
        raise missing_param("username")
    user_id = await new_id(house, registration.username, service)  # 1
    prepared = prepare(house, user_id, registration.device)

    def job(tx: WriteTx) -> None:
        add_account(tx, new_account(user_id, prepared.now_ms))  # 2
        if registration.logs_in:
            begin(tx, prepared)

    await house.store.write(job)
    return prepared.begun if registration.logs_in else user_id
