"""An address is given out before its media comes; who wants the media waits for it, anywhere."""

from __future__ import annotations

import asyncio

import pytest

from privity.media.create import UNUSED_LIFETIME_MS
from tests.both_databases import on_both
from tests.media.carrier import MEDIA, Carrier, files_in, upload
from tests.world import Answer, Person, World

__all__ = ["on_both"]

CREATE = "/_matrix/media/v1/create"
PUT = "/_matrix/media/v3/upload"


async def create(person: Person) -> str:
    answer = await person.post(CREATE)
    assert answer.status == 200, answer.body
    return str(answer["content_uri"]).removeprefix("mxc://")


async def somebody_waits(world: World) -> None:
    while not world.store.arrivals._waiting:
        await world.store.read(lambda _: None)


async def test_an_address_comes_first_and_its_media_later(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    made = await ann.post(CREATE)
    assert made["unused_expires_at"] == world.clock.now_ms() + UNUSED_LIFETIME_MS
    path = made["content_uri"].removeprefix("mxc://")
    put = await ann.put(f"{PUT}/{path}", b"ciphertext", filename="a.bin")
    assert (put.status, put.body) == (200, {})
    got = await ben.get(f"{MEDIA}/download/{path}")
    assert (got.status, got.raw) == (200, b"ciphertext")
    assert got.headers["content-disposition"] == 'attachment; filename="a.bin"'


@pytest.mark.parametrize("road", ["download", "thumbnail"])
async def test_media_that_has_not_come_is_said_to_be_still_to_come(world: World, road: str) -> None:
    ann = await world.person("ann")
    path = f"{MEDIA}/{road}/{await create(ann)}"
    answer = await ann.get(path, timeout_ms=1, width=32, height=32)
    assert answer.refusal == (504, "M_NOT_YET_UPLOADED")


async def test_who_asks_too_early_gets_it_when_it_comes(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    path = await create(ann)
    waiting = asyncio.create_task(ben.get(f"{MEDIA}/download/{path}"))
    await somebody_waits(world)
    await ann.put(f"{PUT}/{path}", b"here")
    assert (await waiting).raw == b"here"


async def test_a_server_that_stops_lets_those_go_who_wait(world: World) -> None:
    ann = await world.person("ann")
    path = await create(ann)
    waiting = asyncio.create_task(ann.get(f"{MEDIA}/download/{path}"))
    await somebody_waits(world)
    world.drain()
    assert (await waiting).refusal == (504, "M_NOT_YET_UPLOADED")


async def test_media_cannot_be_replaced(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    path, other = await create(ann), await upload(ann, b"by POST")
    await ann.put(f"{PUT}/{path}", b"first")
    for there in (path, other):
        again = await ann.put(f"{PUT}/{there}", b"second")
        assert again.refusal == (409, "M_CANNOT_OVERWRITE_MEDIA")
        assert (await ben.put(f"{PUT}/{there}", b"x")).refusal == (403, "M_FORBIDDEN")
    assert (await ann.get(f"{MEDIA}/download/{path}")).raw == b"first"


async def test_of_two_uploads_at_once_one_is_kept(world: World) -> None:
    ann = await world.person("ann")
    path = await create(ann)

    async def put(content: bytes) -> Answer:
        return await ann.put(f"{PUT}/{path}", content)

    answers = await asyncio.gather(*(put(each) for each in (b"one", b"two", b"three")))
    assert sorted(answer.status for answer in answers) == [200, 409, 409]
    (kept,) = await world.store.read(lambda tx: tx.all("SELECT bytes FROM media_kept"))
    assert kept == (4096,)


async def test_an_address_is_its_owners(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    path = await create(ann)
    assert (await ben.put(f"{PUT}/{path}", b"x")).refusal == (403, "M_FORBIDDEN")
    assert (await ann.put(f"{PUT}/{path}", b"x")).status == 200


@pytest.mark.parametrize("path", ["privity.test/nothing", "elsewhere.test/nothing"])
async def test_an_address_that_was_not_given_out_takes_nothing(world: World, path: str) -> None:
    ann = await world.person("ann")
    assert (await ann.put(f"{PUT}/{path}", b"x")).refusal == (404, "M_NOT_FOUND")
    assert files_in(world) == []


async def test_an_address_that_was_not_used_in_time_is_over(world: World) -> None:
    ann = await world.person("ann")
    path = await create(ann)
    world.clock.advance(UNUSED_LIFETIME_MS)
    ann = await ann.another_device()
    assert (await ann.put(f"{PUT}/{path}", b"x")).refusal == (404, "M_NOT_FOUND")
    assert (await ann.get(f"{MEDIA}/download/{path}")).refusal == (404, "M_NOT_FOUND")


async def test_a_person_has_only_so_many_addresses_without_media(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    paths = [await create(ann) for _ in range(20)]
    refused = await ann.post(CREATE)
    assert refused.refusal == (429, "M_LIMIT_EXCEEDED")
    await create(ben)
    await ann.put(f"{PUT}/{paths[0]}", b"x")
    await create(ann)
    world.clock.advance(UNUSED_LIFETIME_MS)
    await create(await ann.another_device())


async def test_an_upload_that_breaks_off_can_be_tried_again(world: World) -> None:
    ann = await world.person("ann")
    path = await create(ann)
    broken = Carrier([b"x" * 300_000], stays=False)
    await broken.carry(ann, "PUT", f"{PUT}/{path}")
    assert files_in(world) == []
    assert (await ann.put(f"{PUT}/{path}", b"whole")).status == 200


async def test_what_is_over_the_quota_does_not_use_the_address_up() -> None:
    async with World(media_quota_bytes=10_000) as world:
        ann = await world.person("ann")
        path = await create(ann)
        refused = await ann.put(f"{PUT}/{path}", b"x" * 20_000)
        assert refused.refusal == (403, "M_FORBIDDEN")
        assert (await ann.put(f"{PUT}/{path}", b"x")).status == 200


async def test_no_address_is_visited_for_anybody(world: World) -> None:
    ann = await world.person("ann")
    for road in (f"{MEDIA}/preview_url", "/_matrix/media/v3/preview_url"):
        answer = await ann.get(road, url="https://example.org/")
        assert answer.refusal == (404, "M_UNRECOGNIZED")
