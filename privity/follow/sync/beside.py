"""The account data that every client is told at first, though nobody may ever have set it."""

from __future__ import annotations

from privity.matrix.canonical_json import encode
from privity.matrix.ids import UserId
from privity.matrix.push_defaults import default_ruleset
from privity.store.account_data import Item

PUSH_RULES = "m.push_rules"


def with_default_rules(items: list[Item], user_id: UserId) -> list[Item]:
    """These, and the push rules that hold for somebody who set none."""
    if any(item.type == PUSH_RULES for item in items):
        return items
    return [*items, Item(PUSH_RULES, encode({"global": default_ruleset(user_id)}))]
