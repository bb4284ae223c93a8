"""Push rules (client-server API, "Push Rules: API")."""

from __future__ import annotations

from typing import Any

from privity.accounts import push_rules
from privity.accounts.push_rules import Place
from privity.api import fields
from privity.api.http import Request, Response, json
from privity.matrix.errors import bad_json, invalid_param, missing_param


async def get_all(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/`."""
    return json({"global": await push_rules.rules(request.house, request.session.user_id)})


async def get_global(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/global/`."""
    return json(await push_rules.rules(request.house, request.session.user_id))


async def _rule(request: Request) -> dict[str, Any]:
    ruleset = await push_rules.rules(request.house, request.session.user_id)
    return push_rules.find(ruleset, request.params["kind"], request.params["ruleId"])


async def get_rule(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}`."""
    return json(await _rule(request))


async def put_rule(request: Request) -> Response:
    """`PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}`."""
    kind, rule_id = request.params["kind"], request.params["ruleId"]
    body = await request.event_content()
    rule: dict[str, Any] = {
        "rule_id": rule_id,
        "default": False,
        "enabled": True,
        "actions": _actions(body),
    }
    if kind == "content":
        rule["pattern"] = fields.required_str(body, "pattern")
    if kind in {"override", "underride"}:
        rule["conditions"] = fields.optional_list(body, "conditions")
        if not all(_is_condition(each) for each in rule["conditions"]):
            raise bad_json("'conditions' must be a list of objects with a 'kind'.")
    if "/" in rule_id or "\\" in rule_id:
        raise invalid_param("The id of a rule holds no slash.")
    place = Place(request.query("before"), request.query("after"))
    await push_rules.put_rule(request.house, request.session.user_id, kind, rule, place)
    return json({})


def _is_condition(raw: object) -> bool:
    return isinstance(raw, dict) and isinstance(raw.get("kind"), str)


def _actions(body: dict[str, Any]) -> list[Any]:
    if "actions" not in body:
        raise missing_param("actions")
    actions = fields.optional_list(body, "actions")
    if not all(_is_action(action) for action in actions):
        raise bad_json("'actions' holds names and tweaks.")
    return [action for action in actions if action not in ("dont_notify", "coalesce")]


def _is_action(raw: object) -> bool:
    if isinstance(raw, dict):
        return isinstance(raw.get("set_tweak"), str)
    return raw in ("notify", "dont_notify", "coalesce")


async def delete_rule(request: Request) -> Response:
    """`DELETE /_matrix/client/v3/pushrules/global/{kind}/{ruleId}`."""
    kind, rule_id = request.params["kind"], request.params["ruleId"]
    await push_rules.delete_rule(request.house, request.session.user_id, kind, rule_id)
    return json({})


async def get_enabled(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled`."""
    return json({"enabled": (await _rule(request))["enabled"]})


async def get_actions(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions`."""
    return json({"actions": (await _rule(request))["actions"]})


async def put_enabled(request: Request) -> Response:
    """`PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled`."""
    enabled = fields.required_bool(await request.json(), "enabled")
    await _set(request, {"enabled": enabled})
    return json({})


async def put_actions(request: Request) -> Response:
    """`PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions`."""
    await _set(request, {"actions": _actions(await request.event_content())})
    return json({})


async def _set(request: Request, changed: dict[str, Any]) -> None:
    kind, rule_id = request.params["kind"], request.params["ruleId"]
    await push_rules.set_member(request.house, request.session.user_id, kind, rule_id, changed)
