"""Names and pictures, as the accounts hold them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from privity.matrix.ids import UserId
from privity.store.engine import Tx
from privity.store.engine.lists import in_parts


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person shows to those who share a room with them."""

    display_name: str | None
    avatar_url: str | None

    def as_member_content(self) -> dict[str, str]:
        """The part that goes into the content of `m.room.member`."""
        shown = {"displayname": self.display_name, "avatar_url": self.avatar_url}
        return {name: value for name, value in shown.items() if value is not None}


NOBODY = Profile(None, None)


def of(tx: Tx, user_id: UserId) -> Profile | None:
    """The profile of an account; None if there is no such account."""
    return of_all(tx, [user_id]).get(user_id)


def of_all(tx: Tx, user_ids: Iterable[UserId]) -> dict[UserId, Profile]:
    """The profiles of those of `user_ids` who have an account."""
    found: dict[UserId, Profile] = {}
    for part, marks in in_parts(user_ids):
        for user_id, display_name, avatar_url in tx.all(
            f"SELECT user_id, display_name, avatar_url FROM accounts WHERE user_id IN ({marks})",
            *part,
        ):
            found[user_id] = Profile(display_name, avatar_url)
    return found
