"""Push rules: read them, change them. They are account data, so every device hears of a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from privity.guard import pace
from privity.house import House
from privity.matrix import canonical_json, push_ruleset
from privity.matrix.errors import Errcode, refused
from privity.matrix.ids import UserId, localpart_of
from privity.matrix.push_ruleset import Ruleset
from privity.store import account_data
from privity.store.account_data import Item
from privity.store.engine import Tx, WriteTx

TYPE = "m.push_rules"
MOST_BYTES = 512 * 1024


async def push_rules_of(house: House, user_id: UserId) -> Ruleset:
    """A person's rules, the default ones among them."""
    return await house.store.read(lambda tx: _read(tx, user_id))


async def change_push_rules(
    house: House, user_id: UserId, change: Callable[[Ruleset], Ruleset]
) -> None:
    """Change them as `change` does, in one transaction. Raises what it raises, and 413."""
    house.keep_pace(pace.SET_ACCOUNT_DATA, user_id)

    def job(tx: WriteTx) -> None:
        content = canonical_json.encode({"global": change(_read(tx, user_id))})
        if len(content) > MOST_BYTES:
            raise refused(Errcode.TOO_LARGE, "These are too many push rules.", status=413)
        account_data.put(tx, user_id, None, Item(TYPE, content))

    await house.store.write(job)


def begin_with_mentions(tx: WriteTx, user_id: UserId) -> None:
    """A rule of older specifications: whose localpart is in what is said is mentioned by it.

    Open servers still have it (`Config.is_open`); 1.17 removed it.
    """
    rule = push_ruleset.parse_rule("content", "contains_user_name", _mention(user_id))
    ruleset = push_ruleset.put(_read(tx, user_id), "content", rule)
    content = canonical_json.encode({"global": ruleset})
    account_data.put(tx, user_id, None, Item(TYPE, content))


def _mention(user_id: UserId) -> dict[str, Any]:
    loudly = [{"set_tweak": "sound", "value": "default"}, {"set_tweak": "highlight"}]
    return {"pattern": localpart_of(user_id), "actions": ["notify", *loudly]}


def _read(tx: Tx, user_id: UserId) -> Ruleset:
    kept = account_data.get(tx, user_id, None, TYPE)
    return push_ruleset.merged(None if kept is None else orjson.loads(kept), user_id)
