"""What is uploaded is kept once, durably, within bounds, and nothing stays of what is not."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from privity.store import files as store_files
from privity.store.files import INCOMING
from tests.both_databases import on_both
from tests.media.carrier import MEDIA, UPLOAD, Carrier, files_in, upload
from tests.world import World

__all__ = ["on_both"]


async def test_an_upload_lies_on_the_disk_under_its_digest(world: World) -> None:
    ann = await world.person("ann")
    await upload(ann, b"ciphertext")
    digest = hashlib.sha256(b"ciphertext").hexdigest()
    (file,) = files_in(world)
    assert file.parts[-2:] == (digest[:2], digest[2:])
    assert file.read_bytes() == b"ciphertext"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


async def test_an_address_cannot_be_guessed(world: World) -> None:
    ann = await world.person("ann")
    paths = {await upload(ann, b"the same") for _ in range(20)}
    assert len(paths) == 20
    for path in paths:
        assert re.fullmatch(r"privity\.test/[A-Za-z0-9_-]{32}", path)


async def test_the_same_content_lies_on_the_disk_once(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    paths = [await upload(person, b"the same") for person in (ann, ben)]
    assert len(files_in(world)) == 1
    for path in paths:
        assert (await ann.get(f"{MEDIA}/download/{path}")).raw == b"the same"


async def test_a_body_in_many_parts_is_put_together(world: World) -> None:
    ann = await world.person("ann")
    parts = [bytes([n]) * 40_000 for n in range(20)]
    carrier = Carrier(parts)
    await carrier.carry(ann, "POST", UPLOAD)
    assert carrier.status == 200
    (file,) = files_in(world)
    assert file.read_bytes() == b"".join(parts)


async def test_an_empty_file_is_a_file(world: World) -> None:
    ann = await world.person("ann")
    path = await upload(ann, b"")
    answer = await ann.get(f"{MEDIA}/download/{path}")
    assert (answer.status, answer.raw, answer.headers["content-length"]) == (200, b"", "0")


async def test_a_length_that_is_too_much_is_refused_before_a_byte_is_read() -> None:
    async with World(max_upload_bytes=1000) as world:
        ann = await world.person("ann")
        carrier = Carrier([b"x" * 1001])
        await carrier.carry(ann, "POST", UPLOAD, {"content-length": "1001"})
        assert (carrier.status, carrier.errcode, carrier.read) == (413, "M_TOO_LARGE", 0)


async def test_what_grows_too_large_is_not_read_to_its_end() -> None:
    async with World(max_upload_bytes=100_000) as world:
        ann = await world.person("ann")
        carrier = Carrier([b"x" * 30_000] * 100)
        await carrier.carry(ann, "POST", UPLOAD)
        assert (carrier.status, carrier.errcode, carrier.read) == (413, "M_TOO_LARGE", 4)
        assert files_in(world) == []


async def test_the_largest_upload_is_taken_whole() -> None:
    async with World(max_upload_bytes=1000) as world:
        ann = await world.person("ann")
        await upload(ann, b"x" * 1000)
        assert (await ann.get(f"{MEDIA}/config"))["m.upload.size"] == 1000
        assert (await ann.get("/_matrix/media/v3/config"))["m.upload.size"] == 1000


async def test_an_account_keeps_no_more_than_its_quota() -> None:
    async with World(media_quota_bytes=100_000) as world:
        ann, ben = await world.person("ann"), await world.person("ben")
        await upload(ann, b"x" * 60_000)
        more = Carrier([b"y" * 20_000] * 10)
        await more.carry(ann, "POST", UPLOAD)
        assert (more.status, more.errcode, more.read) == (403, "M_FORBIDDEN", 3)
        await upload(ann, b"y" * 40_000)
        await upload(ben, b"x" * 60_000)


async def test_many_small_files_use_up_the_quota_too() -> None:
    async with World(media_quota_bytes=3 * 4096) as world:
        ann = await world.person("ann")
        for _ in range(3):
            await upload(ann, b"")
        refused = await world.request("POST", UPLOAD, b"", token=ann.token)
        assert refused.refusal == (403, "M_FORBIDDEN")


async def test_a_client_that_goes_away_leaves_nothing(world: World) -> None:
    ann = await world.person("ann")
    carrier = Carrier([b"x" * 300_000] * 3, stays=False)
    await carrier.carry(ann, "POST", UPLOAD)
    assert carrier.told == []
    assert files_in(world) == []


async def test_a_client_that_falls_silent_is_not_waited_for_without_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privity.api.http.MOST_IDLE_S", 0.001)
    ann = await world.person("ann")
    carrier = Carrier([b"x" * 300_000], falls_silent=True)
    await carrier.carry(ann, "POST", UPLOAD)
    assert (carrier.status, carrier.errcode) == (408, "M_UNKNOWN")
    assert files_in(world) == []


async def test_without_a_token_nothing_is_read(world: World) -> None:
    ann = await world.person("ann")
    ann.token = "nonsense"
    carrier = Carrier([b"x"])
    await carrier.carry(ann, "POST", UPLOAD)
    assert (carrier.status, carrier.errcode, carrier.read) == (401, "M_UNKNOWN_TOKEN", 0)


async def test_uploads_are_paced(world: World) -> None:
    ann = await world.person("ann")
    for _ in range(100):
        await upload(ann, b"")
    refused = await world.request("POST", UPLOAD, b"", token=ann.token)
    assert refused.refusal == (429, "M_LIMIT_EXCEEDED")


@pytest.mark.parametrize("name", ["x" * 256, "a\r\nSet-Cookie: b", "a\0b", "a\x85b", "a\u2028b"])
async def test_a_name_that_cannot_be_shown_is_refused(world: World, name: str) -> None:
    ann = await world.person("ann")
    query = {"filename": name}
    answer = await world.request("POST", UPLOAD, b"", token=ann.token, query=query)
    assert answer.refusal == (400, "M_INVALID_PARAM")
    assert files_in(world) == []


STEPS = ["_locked_file", "os.fsync", "FileIO.write", "Path.replace", "media.add"]


@pytest.mark.parametrize("step", STEPS)
async def test_an_upload_that_fails_at_any_step_leaves_no_row_and_nothing_half_done(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ann = await world.person("ann")

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        target = {
            "_locked_file": "privity.store.files._locked_file",
            "os.fsync": "privity.store.files.os.fsync",
            "FileIO.write": "privity.store.files.Incoming._write",
            "Path.replace": "privity.store.files.Path.replace",
            "media.add": "privity.media.upload.media.add",
        }[step]
        broken.setattr(target, fail)
        answer = await world.request("POST", UPLOAD, b"x", token=ann.token)
    assert answer.status in {500, 503}
    assert await world.store.read(lambda tx: tx.one("SELECT COUNT(*) FROM media")) == (0,)
    assert [file for file in files_in(world) if file.parent.name == INCOMING] == []
    path = await upload(ann, b"x")
    assert (await ann.get(f"{MEDIA}/download/{path}")).raw == b"x"


async def test_what_a_killed_server_left_half_done_is_removed_at_the_next_start(
    world: World,
) -> None:
    left = world.house.config.data_dir / "media" / INCOMING / "left"
    left.write_bytes(b"half of it")
    await world.restart()
    assert files_in(world) == []


async def test_what_another_process_is_writing_is_left_to_it(world: World) -> None:
    folder = world.house.config.data_dir / "media"
    async with store_files.Files(folder).incoming() as incoming:
        incoming.take(b"half of it")
        await world.restart()
        assert len(files_in(world)) == 1
        digest = await world.store.files.keep(incoming)
    assert [Path(*file.parts[-2:]) for file in files_in(world)] == [Path(digest[:2], digest[2:])]
