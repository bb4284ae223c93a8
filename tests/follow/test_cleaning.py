"""What is over is removed by itself, and nothing that anybody needs."""

from __future__ import annotations

import os
from typing import Any

import pytest

from privity.follow import cleaning
from privity.follow.cleaning import LEASE, LEASE_MS, MONTH_MS, clean_up
from privity.follow.last_seen import write_last_seen
from privity.media.clean_up import DAY_MS, HOUR_MS, LOOK_EVERY_MS, PARTS
from privity.store import leases
from tests.keys.test_send_to_device import received, request
from tests.media.carrier import MEDIA, files_in, upload
from tests.media.pictures import picture
from tests.world import START_MS, Person, World

CREATE = "/_matrix/media/v1/create"


async def clean(world: World) -> dict[str, int]:
    """Clean up; how much went of what anything went of."""
    went = await clean_up(world.house, "this process")
    assert went is not None
    return {what: count for what, count in went.items() if count}


def all_came_now(world: World) -> None:
    """The files are as old as the world's clock says, not as the machine's does."""
    for file in files_in(world):
        os.utime(file, (world.clock.ms / 1000,) * 2)


async def fetch(person: Person, path: str) -> int:
    return (await person.get(f"{MEDIA}/download/{path}")).status


async def erase(person: Person) -> None:
    body = {"auth": person.auth(), "erase": True}
    assert (await person.post("/account/deactivate", body)).status == 200


async def test_a_server_on_which_nothing_is_over_is_left_alone(world: World) -> None:
    ann = await world.person("ann")
    path = await upload(ann, picture("PNG", (300, 300)))
    await ann.get(f"{MEDIA}/thumbnail/{path}", width=32, height=32)
    world.clock.advance(10 * 365 * DAY_MS)
    await clean(world)
    ann = await ann.another_device()
    assert await fetch(ann, path) == 200
    assert len(files_in(world)) == 2


async def test_addresses_whose_media_did_not_come_are_forgotten(world: World) -> None:
    ann = await world.person("ann")
    await ann.post(CREATE)
    assert await clean(world) == {}
    world.clock.advance(DAY_MS)
    assert await clean(world) == {"addresses": 1}


async def test_who_has_their_account_erased_has_their_media_erased(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    hers = await upload(ann, picture("PNG", (300, 300)))
    both = await upload(ann, b"of both")
    his = await upload(ben, b"of both")
    await ben.get(f"{MEDIA}/thumbnail/{hers}", width=32, height=32)
    all_came_now(world)
    await erase(ann)
    assert await clean(world) == {"media_erased": 2}
    assert [await fetch(ben, path) for path in (hers, both, his)] == [404, 404, 200]
    assert len(files_in(world)) == 3
    world.clock.advance(HOUR_MS + 1)
    assert await clean(world) == {"files": 2}
    assert [file.read_bytes() for file in files_in(world)] == [b"of both"]


async def test_media_of_an_account_that_merely_ended_stays_for_those_it_was_sent_to(
    world: World,
) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    path = await upload(ann, b"x")
    await ann.post("/account/deactivate", {"auth": ann.auth()})
    assert await clean(world) == {}
    assert await fetch(ben, path) == 200


async def test_media_goes_when_its_time_is_over_but_for_pictures_that_are_shown() -> None:
    async with World(media_lifetime_ms=30 * DAY_MS) as world:
        ann = await world.person("ann")
        old = await upload(ann, b"old")
        shown, of_room = await upload(ann, b"shown"), await upload(ann, b"of a room")
        await ann.put(f"/profile/{ann.user_id}/avatar_url", {"avatar_url": f"mxc://{shown}"})
        room_id = (await ann.post("/createRoom", {}))["room_id"]
        await ann.put(f"/rooms/{room_id}/state/m.room.avatar", {"url": f"mxc://{of_room}"})
        world.clock.advance(30 * DAY_MS + 1)
        new = await upload(await ann.another_device(), b"new")
        assert await clean(world) == {"media_old": 1}
        ann = await ann.another_device()
        statuses = [await fetch(ann, path) for path in (old, shown, of_room, new)]
        assert statuses == [404, 200, 200, 200]
        kept = await world.store.read(lambda tx: tx.one("SELECT bytes FROM media_kept"))
        assert kept == (3 * 4096,)


async def test_a_file_that_is_named_again_stays(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    await upload(ann, b"the same")
    await erase(ann)
    await clean(world)
    world.clock.advance(HOUR_MS + 1)
    path = await upload(await ben.another_device(), b"the same")
    assert await clean(world) == {}
    assert await fetch(await ben.another_device(), path) == 200


async def test_a_file_that_comes_again_just_now_stays_though_its_row_is_still_to_come(
    world: World,
) -> None:
    ann = await world.person("ann")
    await upload(ann, b"the same")
    await erase(ann)
    await clean(world)
    world.clock.advance(HOUR_MS + 1)
    async with world.store.files.incoming() as incoming:
        incoming.take(b"the same")
        await world.store.files.keep(incoming)
    all_came_now(world)
    assert await clean(world) == {}
    assert [file.read_bytes() for file in files_in(world)] == [b"the same"]


async def test_a_file_that_never_had_a_row_goes_after_a_day(world: World) -> None:
    async with world.store.files.incoming() as incoming:
        incoming.take(b"its process was killed")
        digest = await world.store.files.keep(incoming)
    all_came_now(world)
    went = []
    for _ in range(2 * PARTS):
        world.clock.advance(LOOK_EVERY_MS)
        went.append(await clean(world))
    assert [each for each in went if each] == [{"files": 1}]
    assert went.index({"files": 1}) + 1 > DAY_MS // LOOK_EVERY_MS
    assert int(digest[:2], 16) == (START_MS // LOOK_EVERY_MS + went.index({"files": 1}) + 1) % PARTS


async def test_a_process_that_was_killed_while_it_removed_a_file_has_removed_nothing(
    world: World,
) -> None:
    ann = await world.person("ann")
    path = await upload(ann, b"needed")
    (file,) = files_in(world)
    aside = world.house.config.data_dir / "media" / "leaving"
    file.rename(aside / "".join(file.parts[-2:]))
    await world.restart()
    assert await fetch(ann, path) == 200
    assert list(aside.iterdir()) == []


async def test_the_oldest_thumbnails_go_when_all_take_too_much() -> None:
    async with World(thumbnails_bytes=2500) as world:
        ann = await world.person("ann")
        for number in range(4):
            path = await upload(ann, picture("JPEG", (300 + number, 300)))
            await ann.get(f"{MEDIA}/thumbnail/{path}", width=96, height=96)
            world.clock.advance(1000)
        assert "thumbnail_bytes" in await clean(world)
        rows = await world.store.read(
            lambda tx: tx.all("SELECT made_ts, size_bytes FROM thumbnails ORDER BY made_ts")
        )
        assert rows
        assert sum(size_bytes for _, size_bytes in rows) <= 2500
        assert rows[-1][0] == world.clock.ms - 1000


async def test_invitations_are_forgotten_a_month_after_they_ended(world: World) -> None:
    await world.person("ann")
    world.clock.advance(world.house.config.invitation_lifetime_ms + MONTH_MS)
    assert "invitations" not in await clean(world)
    world.clock.advance(1)
    assert (await clean(world))["invitations"] == 1


async def test_messages_do_not_wait_for_ever_for_a_device_that_nobody_sees(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    other = await ben.another_device()
    await send(ann, ben, 3)
    world.clock.advance(world.house.config.inbox_lifetime_ms)
    assert "messages" not in await clean(world)
    world.clock.advance(1)
    await ben.get("/account/whoami")
    await write_last_seen(world.house)
    assert (await clean(world))["messages"] == 3
    assert len(await received(ben)) == 3
    assert await received(other) == []


async def send(ann: Person, ben: Person, count: int) -> None:
    for number in range(count):
        messages = {ben.user_id: {"*": request(number)}}
        path = f"/sendToDevice/m.room_key_request/{number}"
        assert (await ann.put(path, {"messages": messages})).status == 200


async def test_only_so_many_messages_wait_for_one_device_and_the_newest_stay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaning, "MOST_WAITING", 4)
    monkeypatch.setattr(cleaning, "BATCH", 2)
    ann, ben = await world.person("ann"), await world.person("ben")
    await send(ann, ben, 7)
    assert await clean(world) == {"messages": 3}
    ids = [event["content"]["request_id"] for event in await received(ben)]
    assert ids == ["r3", "r4", "r5", "r6"]


async def test_one_process_cleans_at_a_time_and_another_takes_over_when_it_dies(
    world: World,
) -> None:
    def dies(tx: Any) -> bool:
        return leases.take(tx, LEASE, "another process", world.clock.ms, LEASE_MS)

    assert await world.store.write(dies)
    assert await clean_up(world.house, "this process") is None
    world.clock.advance(LEASE_MS)
    assert await clean_up(world.house, "this process") is not None
    assert await world.store.write(dies)
