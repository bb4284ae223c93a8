"""Other networks, as the application services that bridge them tell of them.

1. A service is asked about the networks that its registration names, and nobody else is.
2. What it tells is passed on as far as it is of the specified form; what is not is left out.
3. A service that is away or late tells nothing: the others are heard all the same.

Source: client-server API, "Third-party networks"; application service API, "Third-party networks".
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from privity.guard import pace
from privity.house import House
from privity.matrix.app_services import AppService
from privity.matrix.errors import not_found
from privity.matrix.ids import UserId
from privity.service_road import THIRD_PARTY, ServiceAway, ask

LOCATION, USER = "location", "user"
_NAMED_BY = {LOCATION: "alias", USER: "userid"}
_FIELDS: dict[str, type] = {
    "user_fields": list,
    "location_fields": list,
    "icon": str,
    "field_types": dict,
}

Json = dict[str, Any]


async def protocols(house: House, user_id: UserId) -> dict[str, Json]:
    """Every network that a service tells of, by its name."""
    house.keep_pace(pace.ASK_SERVICE, user_id)
    names = sorted({name for service in house.services.all for name in service.protocols})
    told = await asyncio.gather(*(_protocol(house, name) for name in names))
    return {name: one for name, one in zip(names, told, strict=True) if one is not None}


async def protocol(house: House, user_id: UserId, name: str) -> Json:
    """One network. 404 M_NOT_FOUND."""
    house.keep_pace(pace.ASK_SERVICE, user_id)
    told = await _protocol(house, name)
    if told is None:
        raise _unknown()
    return told


async def by_fields(
    house: House, user_id: UserId, kind: str, name: str, given: list[tuple[str, str]]
) -> list[Json]:
    """The rooms or people here that stand for something in a network. 404 M_NOT_FOUND."""
    house.keep_pace(pace.ASK_SERVICE, user_id)
    path = f"{THIRD_PARTY}/{kind}/{quote(name, safe='')}?{urlencode(given)}"
    return await _places(house, house.services.of_protocol(name), kind, path)


async def by_id(house: House, user_id: UserId, kind: str, an_id: str) -> list[Json]:
    """What a room or person here stands for in any network. 404 M_NOT_FOUND."""
    house.keep_pace(pace.ASK_SERVICE, user_id)
    path = f"{THIRD_PARTY}/{kind}?{urlencode({_NAMED_BY[kind]: an_id})}"
    bridges = [service for service in house.services.all if service.protocols]
    return await _places(house, bridges, kind, path)


async def _protocol(house: House, name: str) -> Json | None:
    services = house.services.of_protocol(name)  # 1
    path = f"{THIRD_PARTY}/protocol/{quote(name, safe='')}"
    told = await asyncio.gather(*(_told(house, service, path) for service in services))
    found: Json | None = None
    for service, one in zip(services, told, strict=True):
        if not isinstance(one, dict) or not isinstance(one.get("instances"), list):  # 2
            continue
        if not all(isinstance(one.get(name, kind()), kind) for name, kind in _FIELDS.items()):
            continue
        found = found or {**one, "instances": []}
        found["instances"] += _instances(service, one["instances"])
    return found


def _instances(service: AppService, told: list[Any]) -> list[Json]:
    """Each with the name that the directory of its rooms has (`third_party_instance_id`)."""
    return [
        {**each, "instance_id": f"{service.id}|{each['network_id']}"}
        if "network_id" in each
        else each
        for each in told
        if isinstance(each, dict)
    ]


async def _places(house: House, services: list[AppService], kind: str, path: str) -> list[Json]:
    told = await asyncio.gather(*(_told(house, service, path) for service in services))
    found = [
        {
            _NAMED_BY[kind]: one[_NAMED_BY[kind]],
            "protocol": one["protocol"],
            "fields": one["fields"],
        }
        for several in told
        if isinstance(several, list)
        for one in several
        if _is_place(one, kind)
    ]
    if not found:
        raise _unknown()
    return found


def _is_place(told: object, kind: str) -> bool:  # 2
    return (
        isinstance(told, dict)
        and isinstance(told.get(_NAMED_BY[kind]), str)
        and isinstance(told.get("protocol"), str)
        and isinstance(told.get("fields"), dict)
    )


async def _told(house: House, service: AppService, path: str) -> Any:  # noqa: ANN401 - any JSON
    if service.url is None:
        return None
    try:
        reply = await ask(house.road, service, "GET", path)
        return orjson.loads(reply.body) if reply.is_good else None
    except (ServiceAway, orjson.JSONDecodeError):  # 3
        return None


def _unknown() -> Exception:
    return not_found("No network tells of this.")
