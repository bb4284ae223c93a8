"""A backup is the whole server in one file; a restore is that server again, or nothing at all."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from privity.store.engine.migrate import migrations
from tests.cli.commands import Operator
from tests.homeserver import Account, Homeserver
from tests.media.carrier import MEDIA, upload
from tests.postgres import Cluster
from tests.rooms.talking import encrypted, room_of, say
from tests.world import World

V3 = "/_matrix/client/v3"
ON_BOTH = [
    pytest.param(one, other, marks=pytest.mark.real)
    for one in ("sqlite", "postgres")
    for other in ("sqlite", "postgres")
]


@pytest.fixture
async def lived_in(operator: Operator) -> AsyncIterator[World]:
    """The operator's server, in use: two people, a room, some words, a file."""
    async with World(data_dir=operator.data_dir) as world:
        ann, ben = await world.person("ann"), await world.person("ben")
        room_id = await room_of(ann, ben)
        for _ in range(3):
            await say(ann, room_id)
        await upload(ann, b"ciphertext" * 1000)
        yield world


def another(operator: Operator, name: str = "another") -> Operator:
    """The operator with another data folder."""
    return Operator(operator.data_dir.with_name(name), operator.terminal)


async def rows_of(world: World) -> dict[str, list[Any]]:
    """Everything in the database, but for what is made anew by itself."""
    tables = await world.store.read(
        lambda tx: tx.all("SELECT name FROM sqlite_master WHERE type = 'table'")
    )
    names = sorted({row[0] for row in tables} - {"leases", "thumbnails", "files_unnamed"})
    return await world.store.read(
        lambda tx: {name: sorted(tx.all(f"SELECT * FROM {name}"), key=str) for name in names}
    )


async def test_what_is_restored_is_what_was_backed_up(
    operator: Operator, lived_in: World, tmp_path: Path
) -> None:
    file = tmp_path / "backup.tar"
    before = await rows_of(lived_in)
    assert operator.types("backup", str(file)).status == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    there = another(operator)
    said = there.types("restore", str(file))
    assert (said.status, said.err) == (0, "")
    assert "privity.test, as it was on " in said.out
    async with World(data_dir=there.data_dir) as again:
        assert await rows_of(again) == before
        assert again.house.key.seed == lived_in.house.key.seed


@pytest.mark.parametrize(("source", "target"), ON_BOTH)
def test_a_backup_is_taken_while_people_talk_and_they_talk_on_after_the_restore(
    tmp_path: Path, operator: Operator, postgres: Cluster, source: str, target: str
) -> None:
    here = postgres.database() if source == "postgres" else ""
    there = postgres.database() if target == "postgres" else ""
    file = tmp_path / "backup.tar"
    config = "unsafe_no_rate_limits = true"
    with Homeserver(tmp_path / "one", database=here, config=config) as server:
        ann = server.register("ann", "correct horse battery staple")
        room_id, since, sent = _talk_and_back_up(server, ann, _words(operator, here, "one"), file)
    said = _words(operator, there, "two")("restore", str(file))
    assert said.status == 0, said.err
    with (
        Homeserver(tmp_path / "two", database=there, config=config) as server,
        _client(server, ann) as client,
    ):
        synced = client.get(f"{V3}/sync", params={"since": since}).json()
        assert synced["rooms"]["join"][room_id]["timeline"]["events"]
        kept = _history(client, room_id)
        assert kept == sent[: len(kept)]  # a beginning of what was said, without a gap
        assert len(kept) >= 10
        path = f"{V3}/rooms/{room_id}/send/m.room.encrypted/after"
        after = client.put(path, json=encrypted("after"))
        assert _history(client, room_id)[-1] == after.json()["event_id"]


def _words(operator: Operator, database: str, name: str) -> Any:
    at = Operator(operator.data_dir.with_name(name), operator.terminal)
    return lambda *words: at.types(*words, *(["--database", database] if database else []))


def _client(server: Homeserver, account: Account) -> httpx.Client:
    token = {"authorization": f"Bearer {account.access_token}"}
    return httpx.Client(base_url=server.url, headers=token, timeout=30)


def _talk_and_back_up(
    server: Homeserver, ann: Account, types: Any, file: Path
) -> tuple[str, str, list[str]]:
    """The room, a sync token of before, and the ids of what Ann said, in order."""
    sent: list[str] = []
    enough, over = Event(), Event()
    with _client(server, ann) as client:
        room_id = client.post(f"{V3}/createRoom", json={}).json()["room_id"]
        since = client.get(f"{V3}/sync").json()["next_batch"]

        def talk() -> None:
            path = f"{V3}/rooms/{room_id}/send/m.room.encrypted"
            while not over.is_set():
                answer = client.put(f"{path}/{len(sent)}", json=encrypted(str(len(sent))))
                sent.append(answer.json()["event_id"])
                if len(sent) == 10:
                    enough.set()

        with ThreadPoolExecutor(1) as threads:
            talking = threads.submit(talk)
            assert enough.wait(20)
            said = types("backup", str(file))
            over.set()
            talking.result()
    assert said.status == 0, said.err
    return room_id, since, sent


def _history(client: httpx.Client, room_id: str) -> list[str]:
    ids: list[str] = []
    query: dict[str, Any] = {"dir": "b", "limit": 100}
    while True:
        page = client.get(f"{V3}/rooms/{room_id}/messages", params=query).json()
        ids += [e["event_id"] for e in page["chunk"] if e["type"] == "m.room.encrypted"]
        if "end" not in page:
            return ids[::-1]
        query["from"] = page["end"]


async def test_media_comes_along_or_stays(
    operator: Operator, lived_in: World, tmp_path: Path
) -> None:
    ann = await lived_in.log_in("ann")
    path = await upload(ann, b"of Ann")
    for name, more, status in (("with", [], 200), ("without", ["--without-media"], 503)):
        file = tmp_path / f"{name}.tar"
        assert operator.types("backup", str(file), *more).status == 0
        there = another(operator, name)
        said = there.types("restore", str(file))
        assert ("Its media was not in the backup" in said.out) == bool(more)
        async with World(data_dir=there.data_dir) as again:
            answer = await again.request("GET", f"{MEDIA}/download/{path}", token=ann.token)
            assert answer.status == status


async def test_media_that_is_lost_or_damaged_is_named_and_the_rest_is_kept(
    operator: Operator, lived_in: World, tmp_path: Path
) -> None:
    ann = await lived_in.log_in("ann")
    for content in (b"to be lost", b"to be damaged", b"to be cut"):
        await upload(ann, content)
    files = {path.read_bytes(): path for path in (operator.data_dir / "media").glob("??/*")}
    files[b"to be lost"].unlink()
    files[b"to be damaged"].write_bytes(b"TO be damaged")
    files[b"to be cut"].write_bytes(b"to be")
    said = operator.types("backup", str(tmp_path / "b.tar"))
    assert said.status == 0
    assert "3 files of media are lost or damaged" in said.out
    assert another(operator).types("restore", str(tmp_path / "b.tar")).status == 0


@pytest.fixture(name="file")
async def _file(operator: Operator, lived_in: World, tmp_path: Path) -> Path:
    """A backup of the operator's server."""
    file = tmp_path / "backup.tar"
    assert operator.types("backup", str(file)).status == 0
    del lived_in
    return file


def test_a_byte_that_was_changed_anywhere_is_refused(operator: Operator, file: Path) -> None:
    whole = file.read_bytes()
    there = another(operator)
    step = len(whole) // 60
    for place in [*range(0, len(whole), step), len(whole) - 1]:
        changed = bytearray(whole)
        changed[place] ^= 1
        file.write_bytes(changed)
        said = there.types("restore", str(file))
        assert said.status == 1, place
        assert "is damaged" in said.err
        assert not there.data_dir.exists()


def test_a_backup_that_was_cut_off_is_refused(operator: Operator, file: Path) -> None:
    whole = file.read_bytes()
    there = another(operator)
    for length in (0, 100, 512, len(whole) // 2, len(whole) - 1024, len(whole) - 2000):
        file.write_bytes(whole[:length])
        assert there.types("restore", str(file)).status == 1, length
        assert not there.data_dir.exists()


def test_a_server_that_is_there_is_never_written_over(operator: Operator, file: Path) -> None:
    before = (operator.data_dir / "privity.db").read_bytes()
    said = operator.types("restore", str(file))
    assert said.status == 1
    assert "nothing is ever overwritten" in said.err
    assert (operator.data_dir / "privity.db").read_bytes() == before


def test_a_restore_that_fails_in_the_middle_leaves_nothing(
    operator: Operator, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = another(operator)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for step in ("whole.archive.Archive.rows", "files.Incoming.keep", "whole.sqlite.Path.rename"):
        with monkeypatch.context() as breaks:
            breaks.setattr(f"privity.store.{step}", fail)
            assert there.types("restore", str(file)).status == 1
        left = [path for path in there.data_dir.rglob("*") if path.is_file()]
        assert left == []
    assert there.types("restore", str(file)).status == 0


@pytest.mark.real
def test_a_restore_that_is_killed_leaves_no_server_and_can_be_done_again(
    operator: Operator, file: Path
) -> None:
    there = another(operator)
    data_dir = there.data_dir
    words = [sys.executable, "-m", "privity", "restore", str(file), "--data-dir", str(data_dir)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(data_dir.glob("*.restoring")):
            pass
        process.send_signal(signal.SIGKILL)
    is_whole = (data_dir / "privity.db").exists()
    said = there.types("restore", str(file))
    assert said.status == (1 if is_whole else 0)
    assert not list(data_dir.glob("*.restoring*"))


def test_a_backup_that_fails_leaves_no_file(
    operator: Operator, lived_in: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del lived_in

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("privity.store.whole.archive.os.fsync", fail)
    said = operator.types("backup", str(tmp_path / "folder.tar"))
    assert (said.status, "No space left" in said.err) == (1, True)
    assert not list(tmp_path.glob("folder*"))


def test_a_backup_never_replaces_another(operator: Operator, file: Path) -> None:
    before = file.read_bytes()
    assert operator.types("backup", str(file)).status == 1
    assert file.read_bytes() == before


def test_the_backup_of_another_server_is_refused(operator: Operator, file: Path) -> None:
    there = another(operator)
    said = there.types("restore", str(file), "--server-name", "else.test")
    assert said.status == 1
    assert "the backup of privity.test, not of else.test" in said.err
    assert not there.data_dir.exists()


def test_the_backup_of_a_newer_release_is_refused(
    operator: Operator, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = [each for each in migrations() if each.number <= 4]
    monkeypatch.setattr("privity.store.engine.migrate.migrations", lambda: older)
    said = another(operator).types("restore", str(file))
    assert said.status == 1
    assert "a newer release" in said.err


def test_any_tar_can_list_a_backup(file: Path) -> None:
    with tarfile.open(file) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json") or sys.stdin)
    assert names[-2:] == ["manifest.json", "seal"]
    assert "tables/events/000000.jsonl.gz" in names
    assert manifest["server_name"] == "privity.test"
    assert manifest["tables"]["accounts"]["rows"] == 2


def test_where_there_is_no_server_there_is_nothing_to_back_up(
    operator: Operator, tmp_path: Path
) -> None:
    said = operator.types("backup", str(tmp_path / "b.tar"))
    assert said.status == 1
    assert "there is no server" in said.err
    assert not (tmp_path / "b.tar").exists()


async def test_the_database_of_a_newer_release_is_refused_but_for_its_backup(
    operator: Operator, tmp_path: Path
) -> None:
    async with World(data_dir=operator.data_dir) as world:
        future = ("migrations", ("number", "name"), (9999, "flying_carpets"))
        await world.store.write(lambda tx: tx.add(*future))
    for words in (["serve"], ["invite", "ann@example.org"]):
        said = operator.types(*words)
        assert said.status == 1
        assert "(schema 9999, this release knows" in said.err
        assert "Try: python3 -m pip install --upgrade privity" in said.err
    assert operator.types("backup", str(tmp_path / "backup.tar")).status == 0
