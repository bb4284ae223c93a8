"""Threat `strangers`: spim, the words that somebody unknown puts in front of people.

Two people are strangers as long as there is no room that both are in. Rules:

1. Who wants no invitations gets none (`m.invite_permission_config`), whoever sends them.
2. An invitation from a stranger shows nothing that the stranger chose: not the room's name, topic,
   avatar or alias, not the name that they gave themselves. What is shown is who it is, by id, and
   what the room is by its rules.
3. A stranger's invitations and knocks have a pace of their own (`guard.pace`): a few people a day.

With `unsafe_strangers_may_invite` rules 2 and 3 do not hold: invitations are as the specification
has them. Contacts, and holding what strangers send until it is accepted, build on this.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.guard.verdict import Refuse, Verdict
from privity.matrix.errors import Errcode

WORDLESS_STATE = ("m.room.create", "m.room.join_rules", "m.room.encryption")
"""Of what an invitation shows: the kinds of state that hold no words."""


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """What the contact gate looks at: `wants_none` is the invited's own word."""

    wants_none: bool


def invitations_are_wanted(facts: InvitationFacts) -> Verdict:
    """Rule 1."""
    if not facts.wants_none:
        return None
    return Refuse(Errcode.INVITE_BLOCKED, "They take no invitations.", "invitations blocked", 403)


def may_show_words(*, shares_a_room: bool, strangers_may_invite: bool) -> bool:
    """Rule 2: whether an invitation or what is known of a room may show what people chose."""
    return shares_a_room or strangers_may_invite
