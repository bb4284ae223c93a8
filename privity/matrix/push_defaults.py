"""The push rules that everybody begins with.

SPEC: the rules of polls are of a proposal that clients have implemented (MSC3930, by its unstable
names): answers to a poll are silent, its start and end are like messages. Clients judge encrypted
polls by them, and show them as settings.

Source: client-server API, "Push rules", "Predefined rules", in its order; MSC3930.
"""

from __future__ import annotations

from typing import Any

MASTER = ".m.rule.master"

_SOUND = {"set_tweak": "sound", "value": "default"}
_RING = {"set_tweak": "sound", "value": "ring"}
_HIGHLIGHT = {"set_tweak": "highlight"}
_POLL = "org.matrix.msc3381.poll"
_TWO_MEMBERS = {"kind": "room_member_count", "is": "2"}


def default_ruleset(user_id: str) -> dict[str, list[dict[str, Any]]]:
    """The server-default rules of a person, by kind."""
    return {
        "override": _override(user_id),
        "content": [],
        "room": [],
        "sender": [],
        "underride": _underride(),
    }


def _override(user_id: str) -> list[dict[str, Any]]:
    return [
        {**_rule("master", [], []), "enabled": False},
        _rule("suppress_notices", [_match("content.msgtype", "m.notice")], []),
        _rule(
            "invite_for_me",
            [
                _match("type", "m.room.member"),
                _match("content.membership", "invite"),
                _match("state_key", user_id),
            ],
            ["notify", _SOUND],
        ),
        _rule("member_event", [_match("type", "m.room.member")], []),
        _rule(
            "is_user_mention",
            [
                {
                    "kind": "event_property_contains",
                    "key": r"content.m\.mentions.user_ids",
                    "value": user_id,
                }
            ],
            ["notify", _SOUND, _HIGHLIGHT],
        ),
        _rule(
            "is_room_mention",
            [
                {"kind": "event_property_is", "key": r"content.m\.mentions.room", "value": True},
                {"kind": "sender_notification_permission", "key": "room"},
            ],
            ["notify", _HIGHLIGHT],
        ),
        _rule(
            "tombstone",
            [_match("type", "m.room.tombstone"), _match("state_key", "")],
            ["notify", _HIGHLIGHT],
        ),
        _rule("reaction", [_match("type", "m.reaction")], []),
        _rule(
            "room.server_acl", [_match("type", "m.room.server_acl"), _match("state_key", "")], []
        ),
        _rule(
            "suppress_edits",
            [
                {
                    "kind": "event_property_is",
                    "key": r"content.m\.relates_to.rel_type",
                    "value": "m.replace",
                }
            ],
            [],
        ),
        _poll_rule("response", [_match("type", f"{_POLL}.response")], []),
    ]


def _underride() -> list[dict[str, Any]]:
    encrypted, message = _match("type", "m.room.encrypted"), _match("type", "m.room.message")
    poll = {part: _match("type", f"{_POLL}.{part}") for part in ("start", "end")}
    return [
        _rule("call", [_match("type", "m.call.invite")], ["notify", _RING]),
        _rule("encrypted_room_one_to_one", [_TWO_MEMBERS, encrypted], ["notify", _SOUND]),
        _rule("room_one_to_one", [_TWO_MEMBERS, message], ["notify", _SOUND]),
        _rule("message", [message], ["notify"]),
        _rule("encrypted", [encrypted], ["notify"]),
        *(
            _poll_rule(f"{part}_one_to_one", [_TWO_MEMBERS, is_it], ["notify", _SOUND])
            for part, is_it in poll.items()
        ),
        *(_poll_rule(part, [is_it], ["notify"]) for part, is_it in poll.items()),
    ]


def _match(key: str, pattern: str) -> dict[str, Any]:
    return {"kind": "event_match", "key": key, "pattern": pattern}


def _poll_rule(part: str, conditions: list[Any], actions: list[Any]) -> dict[str, Any]:
    return {**_rule(part, conditions, actions), "rule_id": f".org.matrix.msc3930.rule.poll_{part}"}


def _rule(name: str, conditions: list[Any], actions: list[Any]) -> dict[str, Any]:
    return {
        "rule_id": f".m.rule.{name}",
        "default": True,
        "enabled": True,
        "conditions": conditions,
        "actions": actions,
    }
