"""Push rules (client-server API, "Push Rules: API")."""

from __future__ import annotations

from collections.abc import Callable

from privity.accounts.change_push_rules import change_push_rules, push_rules_of
from privity.api import fields
from privity.api.http import Request, Response, json
from privity.matrix import push_ruleset
from privity.matrix.errors import Errcode, Refused, invalid_param, refused
from privity.matrix.push_ruleset import Place, Rule, Ruleset


async def get_all(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/`."""
    return json({"global": await _ruleset(request)})


async def get_global(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/global/`."""
    return json(await _ruleset(request))


async def get_kind(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/global/{kind}/`: not specified, and still asked for."""
    return json(push_ruleset.of_kind(await _ruleset(request), request.params["kind"]))


async def get_rule(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}`."""
    return json(await _rule(request))


async def put_rule(request: Request) -> Response:
    """`PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}`."""
    kind, rule_id = _named(request)
    rule = push_ruleset.parse_rule(kind, rule_id, await request.event_content())
    place = Place(request.query("before"), request.query("after"))
    await _change(request, lambda ruleset: push_ruleset.put(ruleset, kind, rule, place))
    return json({})


async def put_nothing(_: Request) -> Response:
    """`PUT /_matrix/client/v3/pushrules/global/{kind}/`: a rule has an id."""
    raise invalid_param("The id of a rule is not empty.")


async def get_all_without_slash(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules`: some clients leave the slash out."""
    if request.house.config.is_open:
        raise refused(Errcode.UNRECOGNIZED, "Unrecognized request.", status=404)
    return await get_all(request)


async def get_global_without_slash(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/global`: likewise."""
    if request.house.config.is_open:
        raise _no_such_path(request)
    return await get_global(request)


async def get_no_rule(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/...` of what is no path of the specification's."""
    raise _no_such_path(request)


async def put_no_rule(request: Request) -> Response:
    """`PUT /_matrix/client/v3/pushrules/...` of what is no path of the specification's."""
    raise _no_such_path(request)


def _no_such_path(request: Request) -> Refused:
    status = 400 if request.house.config.is_open else 404  # open servers say 400
    return refused(Errcode.UNRECOGNIZED, "Unrecognized request.", status=status)


async def delete_rule(request: Request) -> Response:
    """`DELETE /_matrix/client/v3/pushrules/global/{kind}/{ruleId}`."""
    named = _named(request)
    await _change(request, lambda ruleset: push_ruleset.remove(ruleset, *named))
    return json({})


async def get_enabled(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled`."""
    return json({"enabled": (await _rule(request))["enabled"]})


async def put_enabled(request: Request) -> Response:
    """`PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled`."""
    named = _named(request)
    enabled = fields.required_bool(await request.json(is_required=True), "enabled")
    await _change(request, lambda ruleset: push_ruleset.switch(ruleset, *named, enabled=enabled))
    return json({})


async def get_actions(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions`."""
    return json({"actions": (await _rule(request))["actions"]})


async def put_actions(request: Request) -> Response:
    """`PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions`."""
    named = _named(request)
    actions = push_ruleset.parse_actions(await request.event_content())
    await _change(request, lambda ruleset: push_ruleset.set_actions(ruleset, *named, actions))
    return json({})


def _named(request: Request) -> tuple[str, str]:
    return request.params["kind"], request.params["ruleId"]


async def _ruleset(request: Request) -> Ruleset:
    return await push_rules_of(request.house, request.session.user_id)


async def _rule(request: Request) -> Rule:
    return push_ruleset.find(await _ruleset(request), *_named(request))


async def _change(request: Request, change: Callable[[Ruleset], Ruleset]) -> None:
    await change_push_rules(request.house, request.session.user_id, change)
