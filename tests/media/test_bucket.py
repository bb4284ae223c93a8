"""Media in an S3-compatible store is media like any other."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import generate_adhoc_ssl_context

from privity.config import BadConfig, Config
from privity.follow.cleaning import clean_up
from privity.main import files_of
from privity.media import keep as keeping
from privity.media.clean_up import HOUR_MS
from privity.store.bucket.client import ANSWER_WITHIN_S, PAUSES_S, Ask
from privity.store.bucket.files import RANGE_BYTES
from privity.store.files import DiskAway, Incoming
from tests.cli.commands import Operator
from tests.cli.conftest import operator
from tests.homeserver import Homeserver, free_port
from tests.media import test_streaming
from tests.media.bucket import PAGE, _bucket, _running, client_of, keys_in, lose_one
from tests.media.carrier import MEDIA, UPLOAD, Carrier, files_in, upload
from tests.media.pictures import picture, size_of
from tests.media.test_streaming import GROWTH_KB, PART, PARTS, forget_most_kb, parts
from tests.media.test_streaming import client_of as http_client_of
from tests.media.test_streaming import status_kb as kb_of
from tests.rooms.talking import create, say
from tests.world import Person, World

__all__ = ["_bucket", "_running", "operator"]

pytestmark = pytest.mark.real

Bucket = dict[str, Any]


class Losing(Carrier):
    """Media that is lost while it is read."""

    bucket: Bucket

    async def _send(self, message: Any) -> None:
        await super()._send(message)
        if len(self.told) == 2:
            lose_one(self.bucket)


async def test_an_upload_lies_in_the_bucket_and_not_on_the_disk(bucket: Bucket) -> None:
    async with World(**bucket) as world:
        ann, ben = await world.person("ann"), await world.person("ben")
        path = await upload(ann, b"ciphertext")
        digest = hashlib.sha256(b"ciphertext").hexdigest()
        assert keys_in(bucket) == [f"{digest[:2]}/{digest[2:]}"]
        assert files_in(world) == []
        assert (await ben.get(f"{MEDIA}/download/{path}")).raw == b"ciphertext"


async def test_a_large_file_comes_back_whole_and_in_part(bucket: Bucket) -> None:
    content = bytes(range(256)) * (3 * RANGE_BYTES // 256) + b"the end"
    async with World(**bucket) as world:
        ann = await world.person("ann")
        path = f"{MEDIA}/download/{await upload(ann, content)}"
        assert (await ann.get(path)).raw == content
        for first, last in ((0, 0), (5, RANGE_BYTES + 5), (len(content) - 7, len(content) - 1)):
            headers = {"range": f"bytes={first}-{last}"}
            answer = await world.request("GET", path, token=ann.token, headers=headers)
            assert (answer.status, answer.raw) == (206, content[first : last + 1])


async def test_an_empty_file_is_a_file(bucket: Bucket) -> None:
    async with World(**bucket) as world:
        ann = await world.person("ann")
        answer = await ann.get(f"{MEDIA}/download/{await upload(ann, b'')}")
        assert (answer.status, answer.raw) == (200, b"")


async def test_thumbnails_are_made_from_the_bucket_and_kept_in_it(bucket: Bucket) -> None:
    async with World(**bucket) as world:
        ann = await world.person("ann")
        path = await upload(ann, picture("PNG", (300, 300)))
        for _ in range(2):
            answer = await ann.get(f"{MEDIA}/thumbnail/{path}", width=32, height=32)
            assert size_of(answer.raw) == (32, 32)
        assert len(keys_in(bucket)) == 2


async def test_an_upload_that_breaks_off_leaves_nothing(bucket: Bucket) -> None:
    async with World(**bucket) as world:
        ann = await world.person("ann")
        carrier = Carrier([b"x" * 300_000] * 3, stays=False)
        await carrier.carry(ann, "POST", UPLOAD)
        assert (files_in(world), keys_in(bucket)) == ([], [])


async def test_a_file_that_is_lost_is_a_fault_that_is_said(bucket: Bucket) -> None:
    async with World(**bucket) as world:
        ann = await world.person("ann")
        path = await upload(ann, b"x")
        lose_one(bucket)
        assert (await ann.get(f"{MEDIA}/download/{path}")).refusal == (503, "M_UNKNOWN")


async def test_where_there_is_no_bucket_nothing_is_kept_and_that_is_said(bucket: Bucket) -> None:
    async with World(**{**bucket, "media_s3_bucket": "nowhere"}) as world:
        ann = await world.person("ann")
        answer = await world.request("POST", UPLOAD, b"x", token=ann.token)
        assert answer.refusal == (503, "M_UNKNOWN")
        assert await world.store.read(lambda tx: tx.one("SELECT COUNT(*) FROM media")) == (0,)
        assert files_in(world) == []


async def test_what_nobody_needs_goes_and_what_is_named_again_stays(bucket: Bucket) -> None:
    async with World(**bucket) as world:
        ann, ben = await world.person("ann"), await world.person("ben")
        for content in (b"hers", b"of both"):
            await upload(ann, content)
        await ann.post("/account/deactivate", {"auth": ann.auth(), "erase": True})
        await clean_up(world.house, "this process")
        world.clock.advance(HOUR_MS + 1)
        path = await upload(await ben.another_device(), b"of both")
        went = await clean_up(world.house, "this process")
        assert (went or {})["files"] == 1
        assert len(keys_in(bucket)) == 1
        ben = await ben.another_device()
        assert (await ben.get(f"{MEDIA}/download/{path}")).raw == b"of both"


async def test_who_sends_what_is_just_being_removed_does_not_lose_it(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PAUSE_S", 0.01)
    monkeypatch.setattr(keeping, "TIMES", 500)
    async with World(**bucket) as world:
        ann, ben = await world.person("ann"), await world.person("ben")
        await upload(ann, b"of both")
        await end_and_clean_up(ann)
        ben = await ben.another_device()
        files, is_kept, uploading = world.store.files, asyncio.Event(), []
        keep, remove = files.keep, files.remove

        async def keep_and_tell(incoming: Incoming) -> str:
            digest = await keep(incoming)
            is_kept.set()
            return digest

        async def remove_when_it_came_again(digest: str) -> None:
            uploading.append(asyncio.create_task(upload(ben, b"of both")))
            await is_kept.wait()
            await remove(digest)

        monkeypatch.setattr(files, "keep", keep_and_tell)
        monkeypatch.setattr(files, "remove", remove_when_it_came_again)
        assert (await clean_up(world.house, "this process") or {})["files"] == 1
        path = await uploading[0]
        assert (await ben.get(f"{MEDIA}/download/{path}")).raw == b"of both"


async def test_a_removal_that_broke_off_is_finished(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PAUSE_S", 0)
    async with World(**bucket) as world:
        ann, ben = await world.person("ann"), await world.person("ben")
        await upload(ann, b"of both")
        await end_and_clean_up(ann)
        with monkeypatch.context() as down:
            down.setattr(world.store.files, "remove", none_of_it)
            await clean_up(world.house, "this process")
        ben = await ben.another_device()
        answer = await world.request("POST", UPLOAD, b"of both", token=ben.token)
        assert answer.refusal == (503, "M_UNKNOWN")
        assert (await clean_up(world.house, "this process") or {})["files"] == 1
        path = await upload(ben, b"of both")
        assert (await ben.get(f"{MEDIA}/download/{path}")).raw == b"of both"


async def none_of_it(_: str) -> None:
    """The bucket is away."""
    message = "the bucket of media: 503"
    raise DiskAway(message)


async def end_and_clean_up(person: Person) -> None:
    """All of this person's goes; their files may go in an hour."""
    await person.post("/account/deactivate", {"auth": person.auth(), "erase": True})
    await clean_up(person.world.house, "this process")
    person.world.clock.advance(HOUR_MS + 1)


async def test_the_rest_is_cleaned_up_though_the_bucket_is_down(bucket: Bucket) -> None:
    down = {**bucket, "media_s3_endpoint": f"http://127.0.0.1:{free_port()}"}
    async with World(message_lifetime_ms=1, **down) as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        for _ in range(2):
            await say(ann, room_id)
        world.clock.advance(2)
        assert (await clean_up(world.house, "this process") or {})["said"] == 1
        assert await clean_up(world.house, "another") is not None


async def test_a_backup_of_a_folder_is_restored_to_a_bucket(
    operator: Operator, tmp_path: Path, bucket: Bucket
) -> None:
    async with World(data_dir=operator.data_dir) as world:
        ann = await world.person("ann")
        path = await upload(ann, b"ciphertext")
        assert operator.types("backup", str(tmp_path / "b.tar")).status == 0
    there = Operator(tmp_path / "there", operator.terminal)
    config = tmp_path / "privity.toml"
    config.write_text(as_toml(bucket))
    said = there.types("restore", str(tmp_path / "b.tar"), "--config", str(config))
    assert (said.status, len(keys_in(bucket))) == (0, 1)
    async with World(data_dir=there.data_dir, **bucket) as world:
        answer = await world.request("GET", f"{MEDIA}/download/{path}", token=ann.token)
        assert answer.raw == b"ciphertext"
        words = ["doctor", "--config", str(config)]
        assert "media: 1 files, 0 more" in there.types(*words).out
        again = ["backup", str(tmp_path / "again.tar"), "--config", str(config)]
        assert "lost" not in there.types(*again).out
        lose_one(bucket)
        assert "media: 1 of 1 files are lost" in there.types(*words).out


def test_no_kill_takes_an_upload_that_was_acknowledged(tmp_path: Path, bucket: Bucket) -> None:
    with Homeserver(tmp_path / "data", config=as_toml(bucket)) as server:
        test_streaming.test_no_kill_takes_an_upload_that_was_acknowledged(server)


def as_toml(bucket: Bucket) -> str:
    return "".join(f'{name} = "{value}"\n' for name, value in bucket.items())


def test_fifty_megabytes_pass_without_staying_in_memory(tmp_path: Path, bucket: Bucket) -> None:
    with Homeserver(tmp_path / "data", config=as_toml(bucket)) as server:
        ann = server.register("ann", "correct horse battery staple")
        with http_client_of(server, ann) as client:
            client.post(UPLOAD, content=PART)  # what the library loads late is loaded
            before_kb = forget_most_kb(server)
            uploaded = client.post(UPLOAD, content=parts())
            path = uploaded.json()["content_uri"].removeprefix("mxc://")
            digest = hashlib.sha256()
            with client.stream("GET", f"{MEDIA}/download/{path}") as answer:
                for part in answer.iter_bytes():
                    digest.update(part)
            assert digest.digest() == hashlib.sha256(PART * PARTS).digest()
            grown_kb = kb_of(server, "VmHWM") - before_kb
            assert grown_kb < GROWTH_KB, grown_kb


async def test_a_bucket_is_listed_to_its_end_and_what_is_not_ours_is_not_touched(
    bucket: Bucket,
) -> None:
    client_of(bucket).ask(Ask("PUT", "ab/letters"), 200)
    async with World(**bucket) as world:
        ann = await world.person("ann")
        for number in range(2 * PAGE):
            await upload(ann, b"%d" % number)
        assert len(await world.store.files.digests()) == 2 * PAGE
        assert await world.store.files.old_ones("ab", world.clock.now_ms() + 10**12) == []


async def test_a_false_secret_is_refused_and_never_logged(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-false-secret")
    caplog.set_level("INFO")
    async with World(**bucket) as world:
        ann = await world.person("ann")
        answer = await world.request("POST", UPLOAD, b"x", token=ann.token)
        assert answer.refusal == (503, "M_UNKNOWN")
        assert "secret" not in str(answer.body)
    told = str([each.__dict__ for each in caplog.records])
    assert "403 SignatureDoesNotMatch" in told
    assert "a-false-secret" not in told
    assert os.environ["AWS_ACCESS_KEY_ID"] not in told


async def test_a_bucket_that_is_down_costs_nothing_that_was_kept(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with World(data_dir=tmp_path, **bucket) as world:
        ann = await world.person("ann")
        path = f"{MEDIA}/download/{await upload(ann, picture('PNG', (300, 300)))}"
    down = {**bucket, "media_s3_endpoint": f"http://127.0.0.1:{free_port()}"}
    async with World(data_dir=tmp_path, **down) as world:
        ann.world = world
        refusals = [
            (await world.request("POST", UPLOAD, b"x", token=ann.token)).refusal,
            (await ann.get(path)).refusal,
            (await ann.get(path.replace("download", "thumbnail"), width=9, height=9)).refusal,
        ]
        assert refusals == [(503, "M_UNKNOWN")] * 3
        assert files_in(world) == []
    async with World(data_dir=tmp_path, **bucket) as world:
        ann.world = world
        assert (await ann.get(path)).status == 200


async def test_a_server_that_stops_does_not_wait_for_a_bucket_that_says_nothing(
    bucket: Bucket,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bucket["media_s3_endpoint"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with World(**bucket) as world:
            ann = await world.person("ann")
            uploading = asyncio.create_task(world.request("POST", UPLOAD, b"x", token=ann.token))
            connection, _ = await asyncio.to_thread(silent.accept)
            assert await asyncio.to_thread(connection.recv, 3) == b"PUT"
            stopped_s = time.perf_counter()
            await world.store.files.stop()
            assert time.perf_counter() - stopped_s < ANSWER_WITHIN_S / 10
            assert (await uploading).refusal == (503, "M_UNKNOWN")
        connection.close()


async def test_a_download_that_breaks_off_is_seen_to(bucket: Bucket) -> None:
    async with World(**bucket) as world:
        ann = await world.person("ann")
        path = await upload(ann, b"x" * 3 * RANGE_BYTES)
        carrier = Losing()
        carrier.bucket = bucket
        await carrier.carry(ann, "GET", f"{MEDIA}/download/{path}")
        assert carrier.status == 200
        assert carrier.told[-1]["more_body"]  # it never says that this was all


@pytest.mark.parametrize(
    ("settings", "because"),
    [
        ({"media_s3_endpoint": "http://s3.example.org"}, "begins with https://"),
        ({"media_s3_credentials": "/nowhere"}, "does not hold a key's id and its secret"),
        ({"media_s3_credentials": ""}, "neither is AWS_ACCESS_KEY_ID"),
    ],
)
def test_a_bucket_that_cannot_be_meant_is_refused(
    settings: dict[str, Any], because: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        if "media_s3_endpoint" in settings:
            monkeypatch.setenv(name, "x")
        else:
            monkeypatch.delenv(name, raising=False)
    with pytest.raises(BadConfig, match=because):
        files_of(Config(media_s3_bucket="media", **settings))


def test_a_bucket_whose_certificate_nobody_vouches_for_hears_nothing(tmp_path: Path) -> None:
    context = generate_adhoc_ssl_context()
    (tmp_path / "credentials").write_text("id\nsecret\n")

    def heard(listening: socket.socket) -> list[str]:
        ends = []
        for _ in PAUSES_S:
            connection, _ = listening.accept()
            with pytest.raises(ssl.SSLError) as end:
                context.wrap_socket(connection, server_side=True)
            ends.append(end.value.reason)
        return ends

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as thread:
        ends = thread.submit(heard, listening)
        bucket = {
            "media_s3_bucket": "media",
            "media_s3_endpoint": f"https://127.0.0.1:{listening.getsockname()[1]}",
            "media_s3_credentials": str(tmp_path / "credentials"),
        }
        with pytest.raises(DiskAway, match="SSLCertVerificationError"):
            client_of(bucket).ask(Ask("GET"), 200)
        assert set(ends.result()) == {"TLSV1_ALERT_UNKNOWN_CA"}
