"""Set where a device's notifications go, or take it back."""

from __future__ import annotations

from privity.guard import gates, pace
from privity.guard.reach import Bounds, Pusher, PusherFacts, bounds_of
from privity.house import House
from privity.matrix.errors import Refuse, Refused
from privity.matrix.ids import UserId
from privity.store import pushers
from privity.store.engine import WriteTx
from privity.store.sessions import Session


def push_bounds(house: House) -> Bounds:
    """Where the operator lets notifications go."""
    return bounds_of(house.config.push_gateways, anywhere=house.config.is_open)


async def set_pusher(house: House, session: Session, pusher: Pusher, *, append: bool) -> None:
    """The session's device wants its notifications there. It belongs to this device from now on.

    Without `append` its key is taken from everybody else. 400 M_INVALID_PARAM for a gateway that
    will not be called, 429.
    """
    house.keep_pace(pace.SET_PUSHER, session.user_id)
    admitted = gates.pusher(PusherFacts(pusher, push_bounds(house)))
    if isinstance(admitted, Refuse):
        raise Refused(admitted)
    now_ms = house.clock.now_ms()

    def job(tx: WriteTx) -> None:
        if not append:
            pushers.remove_of_others(tx, session.user_id, pusher.app_id, pusher.pushkey)
        pushers.put(tx, session.user_id, session.device_id, admitted, now_ms)

    await house.store.write(job)


async def remove_pusher(house: House, user_id: UserId, app_id: str, pushkey: str) -> None:
    """Nothing goes there any more. One that is not there is no error."""
    await house.store.write(lambda tx: pushers.remove(tx, user_id, app_id, pushkey))
