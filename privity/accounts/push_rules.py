"""A person's push rules: kept as their account data, so that every device hears of a change.

1. The rules that everybody begins with are always there; they can be switched and given other
   actions, but not removed, and nobody makes a rule whose id begins with a dot.
2. A new rule goes first in its kind, or next to the rule that `before` or `after` names.

Source: client-server API, "Push Rules: API".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from privity.house import House
from privity.matrix.errors import Errcode, invalid_param, not_found, refused
from privity.matrix.ids import UserId
from privity.matrix.push_rules import KINDS, MASTER, default_ruleset
from privity.store import account_data
from privity.store.account_data import Item
from privity.store.engine import Tx, WriteTx

TYPE = "m.push_rules"
MOST_RULES = 1000
LONGEST_PATTERN = 512

Rule = dict[str, Any]
Ruleset = dict[str, list[Rule]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new rule goes: before or after another of its kind, by rule id."""

    before: str | None = None
    after: str | None = None


def read(tx: Tx, user_id: UserId) -> Ruleset:
    """The person's rules, the default ones among them."""
    kept = account_data.get(tx, user_id, None, TYPE)
    defaults = default_ruleset(user_id)
    if kept is None:
        return defaults
    ruleset: Ruleset = orjson.loads(kept)["global"]
    for kind in KINDS:
        known = {rule["rule_id"] for rule in ruleset.setdefault(kind, [])}
        ruleset[kind] += [rule for rule in defaults[kind] if rule["rule_id"] not in known]
    return ruleset


async def rules(house: House, user_id: UserId) -> Ruleset:
    """The person's rules."""
    return await house.store.read(lambda tx: read(tx, user_id))


def find(ruleset: Ruleset, kind: str, rule_id: str) -> Rule:
    """One rule. 404 M_NOT_FOUND, 400 M_INVALID_PARAM for a kind that there is not."""
    if kind not in KINDS:
        raise invalid_param(f"A rule is one of {', '.join(KINDS)}.")
    for rule in ruleset[kind]:
        if rule["rule_id"] == rule_id:
            return rule
    raise not_found("There is no such push rule.")


async def put_rule(house: House, user_id: UserId, kind: str, rule: Rule, place: Place) -> None:
    """A new rule, or another in the place of one of the same id."""
    if kind not in KINDS:
        raise invalid_param(f"A rule is one of {', '.join(KINDS)}.")
    if rule["rule_id"].startswith("."):  # 1
        raise invalid_param("The id of a rule of one's own does not begin with a dot.")
    if len(str(rule.get("pattern", ""))) > LONGEST_PATTERN:
        raise invalid_param(f"A pattern has at most {LONGEST_PATTERN} characters.")

    def change(ruleset: Ruleset) -> None:
        of_kind = ruleset[kind]
        old = [known for known in of_kind if known["rule_id"] == rule["rule_id"]]
        at = of_kind.index(old[0]) if old else None
        for known in old:
            of_kind.remove(known)
        if len(of_kind) >= MOST_RULES:
            raise refused(Errcode.LIMIT_EXCEEDED, "There are too many push rules.", status=400)
        of_kind.insert(_index(of_kind, place, at), rule)

    await _change(house, user_id, change)


def _index(of_kind: list[Rule], place: Place, at: int | None) -> int:  # 2
    for named, step in ((place.before, 0), (place.after, 1)):
        if named is None:
            continue
        ids = [rule["rule_id"] for rule in of_kind]
        if named.startswith(".") or named not in ids:
            raise not_found(f"There is no rule {named!r} to go next to.")
        return ids.index(named) + step
    if at is not None:
        return at
    return 1 if of_kind and of_kind[0]["rule_id"] == MASTER else 0


async def delete_rule(house: House, user_id: UserId, kind: str, rule_id: str) -> None:
    """A rule of the person's own goes."""

    def change(ruleset: Ruleset) -> None:
        rule = find(ruleset, kind, rule_id)
        if rule["default"]:  # 1
            raise invalid_param("A default rule can be switched off, but not removed.")
        ruleset[kind].remove(rule)

    await _change(house, user_id, change)


async def set_member(
    house: House, user_id: UserId, kind: str, rule_id: str, changed: dict[str, Any]
) -> None:
    """Switch a rule (`enabled`), or give it other `actions`."""

    def change(ruleset: Ruleset) -> None:
        find(ruleset, kind, rule_id).update(changed)

    await _change(house, user_id, change)


async def _change(house: House, user_id: UserId, change: Callable[[Ruleset], None]) -> None:
    def job(tx: WriteTx) -> None:
        ruleset = read(tx, user_id)
        change(ruleset)
        content = orjson.dumps({"global": ruleset})
        account_data.put(tx, user_id, None, Item(TYPE, content))

    await house.store.write(job)
