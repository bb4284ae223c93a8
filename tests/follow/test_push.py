"""Notifications: who is told of what, what a gateway learns, and what happens when it is away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from privity.accounts.lock import set_locked
from privity.follow.cleaning import clean_up
from privity.follow.push.pushing import LEASE_MS
from privity.follow.push.sending import GIVE_UP_AFTER_MS, LAST_AGAIN_MS, GatewayAway
from privity.guard.reach import Gateway
from privity.store.engine import DatabaseAway
from privity.store.notifications import MOST_WAITING
from tests.rooms.talking import create, room_of, say, send
from tests.world import Person, World

GATEWAY = Gateway("https", "push.example.org", 443)
OWN = Gateway("http", "10.0.0.1", 5000)
PHONE = {
    "kind": "http",
    "app_id": "org.example.app",
    "pushkey": "phone",
    "app_display_name": "App",
    "device_display_name": "Phone",
    "lang": "en",
    "data": {"url": GATEWAY.url, "format": "event_id_only", "brand": "x"},
}


@dataclass
class Post:
    """The world outside: gateways that keep what they are told, or do not answer."""

    told: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    tries: int = 0
    is_away: bool = False

    async def notify(self, gateway: Gateway, body: bytes) -> list[str]:
        """Take a notification."""
        assert gateway.url in {GATEWAY.url, OWN.url}
        self.tries += 1
        if self.is_away:
            raise GatewayAway("away")
        self.told.append(orjson.loads(body)["notification"])
        return self.rejected

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def events(self) -> list[str]:
        """The ids of the events that were told, by pushkey."""
        return [one["event_id"] for one in self.told if "event_id" in one]

    @property
    def badges(self) -> list[int]:
        """The counts that were told, one after the other."""
        return [one["counts"]["unread"] for one in self.told]


async def with_phone(world: World, name: str, **changed: Any) -> Person:
    """Somebody new who has a pusher."""
    person = await world.person(name)
    assert (await person.post("/pushers/set", {**PHONE, "pushkey": name, **changed})).status == 200
    return person


async def read(person: Person, room_id: str, event_id: str) -> None:
    assert (await person.post(f"/rooms/{room_id}/receipt/m.read/{event_id}", {})).status == 200


async def test_a_gateway_hears_which_event_and_how_many_and_nothing_else(world: World) -> None:
    ann, bob, post = await world.person("ann"), await with_phone(world, "bob"), Post()
    room_id = await room_of(ann, bob, name="Secret plans")
    await world.push(post)
    post.told.clear()
    event_id = await say(ann, room_id, "hello")
    await world.push(post)
    assert post.told == [
        {
            "event_id": event_id,
            "room_id": room_id,
            "prio": "high",
            "counts": {"unread": 1},
            "devices": [
                {
                    "app_id": PHONE["app_id"],
                    "pushkey": "bob",
                    "pushkey_ts": world.clock.ms // 1000,
                    "data": {"format": "event_id_only", "brand": "x"},
                }
            ],
        }
    ]


async def test_no_format_makes_a_gateway_hear_more() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann, post = await world.person("ann"), Post()
        bob = await with_phone(world, "bob", data={"url": GATEWAY.url})
        room_id = await room_of(ann, bob, name="Secret plans")
        await send(ann, room_id, {"msgtype": "m.text", "body": "sesame"}, "m.room.message")
        await world.push(post)
    said = orjson.dumps(post.told)
    assert post.events
    assert [word for word in (b"sesame", b"Secret", b"@ann", b"m.room") if word in said] == []


async def test_an_invitation_is_worth_a_notification(world: World) -> None:
    ann, bob, post = await world.person("ann"), await with_phone(world, "bob"), Post()
    await create(ann, invite=[bob.user_id])
    await world.push(post)
    assert len(post.events) == 1


async def test_nobody_is_told_of_what_they_did_nor_of_what_their_rules_mute(world: World) -> None:
    post = Post()
    ann, bob = await with_phone(world, "ann"), await with_phone(world, "bob")
    room_id = await room_of(ann, bob)
    await world.push(post)
    post.told.clear()
    await bob.put(f"/pushrules/global/room/{room_id}", {"actions": []})
    await say(ann, room_id)
    await world.push(post)
    assert post.told == []
    event_id = await say(bob, room_id)
    await world.push(post)
    assert post.events == [event_id]
    assert post.told[0]["devices"][0]["pushkey"] == "ann"


async def test_what_came_before_a_pusher_or_before_one_joined_is_not_told(world: World) -> None:
    ann, bob, post = await world.person("ann"), await with_phone(world, "bob"), Post()
    room_id = await create(ann, preset="public_chat")
    await say(ann, room_id)
    await bob.post(f"/rooms/{room_id}/join")
    await world.push(post)
    assert post.told == []
    eve = await world.person("eve")
    await eve.post(f"/rooms/{room_id}/join")
    await say(ann, room_id)
    await eve.post("/pushers/set", {**PHONE, "pushkey": "eve"})
    await world.push(post)
    assert [one["devices"][0]["pushkey"] for one in post.told] == ["bob"]


async def test_who_reads_has_the_number_on_their_icon_fall_once(world: World) -> None:
    ann, bob, post = await world.person("ann"), await with_phone(world, "bob"), Post()
    room_id = await room_of(ann, bob)
    for words in ("one", "two"):
        event_id = await say(ann, room_id, words)
    await world.push(post)
    post.told.clear()
    await read(bob, room_id, event_id)
    await world.push(post)
    assert post.badges == [0]
    assert post.events == []
    await read(bob, room_id, await say(bob, room_id))
    await world.push(post)
    assert post.badges == [0]


async def test_who_reads_while_a_notification_is_on_its_way_has_the_number_fall(
    world: World,
) -> None:
    ann, bob = await world.person("ann"), await with_phone(world, "bob")
    room_id = await room_of(ann, bob)
    event_id = await say(ann, room_id)

    class Reading(Post):
        async def notify(self, gateway: Gateway, body: bytes) -> list[str]:
            if not self.told:
                await read(bob, room_id, event_id)
                await world.looked()
            return await super().notify(gateway, body)

    post = Reading()
    await world.push(post)
    await world.push(post)
    assert post.badges[-1] == 0


async def test_what_was_read_or_redacted_before_it_was_sent_is_not_told(world: World) -> None:
    ann, bob, post = await world.person("ann"), await with_phone(world, "bob"), Post()
    room_id = await room_of(ann, bob)
    await world.push(post)
    post.told.clear()
    await read(bob, room_id, await say(ann, room_id))
    event_id = await say(ann, room_id)
    await ann.put(f"/rooms/{room_id}/redact/{event_id}/t", {})
    await world.push(post)
    assert post.events == []


async def test_what_a_gateway_did_not_take_is_sent_again_later_and_later(world: World) -> None:
    ann, bob, post = await world.person("ann"), await with_phone(world, "bob"), Post(is_away=True)
    event_id = await say(ann, await room_of(ann, bob))
    for wait_ms in (0, 999, 1, 1_999, 1):
        world.clock.advance(wait_ms)
        await world.push(post)
    assert post.tries == 3
    post.is_away = False
    world.clock.advance(LAST_AGAIN_MS)
    await world.push(post)
    assert post.events[-1] == event_id


async def test_a_gateway_that_is_away_for_a_day_is_told_nothing_of_it(world: World) -> None:
    ann, bob, post = await world.person("ann"), await with_phone(world, "bob"), Post(is_away=True)
    room_id = await room_of(ann, bob)
    await say(ann, room_id)
    await world.push(post)
    world.clock.advance(GIVE_UP_AFTER_MS)
    post.is_away = False
    await world.push(post)
    assert post.told == []
    event_id = await say(ann, room_id)
    await world.push(post)
    assert post.events == [event_id]


async def test_only_so_many_wait_for_a_gateway_and_the_newest_stay() -> None:
    async with World(unsafe_no_rate_limits=True) as world:
        ann, bob = await world.person("ann"), await with_phone(world, "bob")
        post = Post(is_away=True)
        room_id = await room_of(ann, bob)
        said = [await say(ann, room_id, str(number)) for number in range(MOST_WAITING + 5)]
        await world.push(post)
        post.is_away = False
        world.clock.advance(LAST_AGAIN_MS)
        await world.push(post)
    assert post.events == said[-MOST_WAITING:]


async def test_a_key_that_the_gateway_rejects_is_removed(world: World) -> None:
    ann, bob, post = await world.person("ann"), await with_phone(world, "bob"), Post()
    room_id = await room_of(ann, bob)
    post.rejected = ["somebody else's"]
    await say(ann, room_id)
    await world.push(post)
    assert len((await bob.get("/pushers"))["pushers"]) == 1
    post.rejected = ["bob"]
    await say(ann, room_id)
    await world.push(post)
    assert (await bob.get("/pushers")).body == {"pushers": []}


async def test_who_logged_out_or_is_locked_is_told_nothing(world: World) -> None:
    post = Post()
    ann, bob, eve = [await with_phone(world, name) for name in ("ann", "bob", "eve")]
    room_id = await room_of(ann, bob, eve)
    await world.push(post)
    post.told.clear()
    await bob.post("/logout")
    await set_locked(world.house, eve.user_id, is_locked=True)
    await say(ann, room_id)
    await world.push(post)
    assert post.events == []


async def test_what_was_found_and_what_was_not_looked_at_outlives_the_process(world: World) -> None:
    ann, bob, post = await world.person("ann"), await with_phone(world, "bob"), Post(is_away=True)
    room_id = await room_of(ann, bob)
    found = await say(ann, room_id)
    await world.push(post)
    unseen = await say(ann, room_id)
    await world.restart()
    world.clock.advance(LEASE_MS)
    post.is_away = False
    await world.push(post)
    assert post.events[-2:] == [found, unseen]
    await world.push(post)
    assert post.events.count(found) == 1


async def test_what_waits_for_an_app_that_was_logged_out_is_cleaned_up(world: World) -> None:
    ann, bob, post = await world.person("ann"), await with_phone(world, "bob"), Post(is_away=True)
    await say(ann, await room_of(ann, bob))
    await world.push(post)
    await bob.post("/logout")
    went = await clean_up(world.house, "this process")
    assert went is not None
    assert went["notifications"] > 0
    post.is_away = False
    world.clock.advance(LAST_AGAIN_MS)
    await world.push(post)
    assert post.told == []


@pytest.mark.parametrize("step", ["read", "write"])
async def test_a_database_that_is_away_for_a_moment_makes_nothing_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ann, bob, post = await world.person("ann"), await with_phone(world, "bob"), Post()
    event_id = await say(ann, await room_of(ann, bob))

    async def away(*_: object) -> None:
        raise DatabaseAway

    with monkeypatch.context() as broken:
        broken.setattr(world.store, step, away)
        with pytest.raises(DatabaseAway):
            await world.looked()
    await world.push(post)
    assert post.events[-1] == event_id
