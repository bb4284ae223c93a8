"""Two people on the Rust SDK, which today's mobile clients are built on: they talk, encrypted.

Runs by itself, in an interpreter in which `matrix_sdk_python` loads: `rust_story.py URL`, with the
names and passwords of two accounts on standard input. It syncs by simplified sliding sync alone.
Each thing that was seen is a line `saw: ...`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from typing import Any

PATIENCE_S = 30


class RustPerson:
    """One device, syncing as an app of the SDK's does."""

    def __init__(self, sdk: Any, client: Any, service: Any) -> None:
        self.sdk = sdk
        self.client = client
        self.service = service
        self.user_id = client.user_id()
        self.heard: list[str] = []

    @classmethod
    async def log_in(cls, sdk: Any, url: str, name: str, password: str, folder: str) -> RustPerson:
        """A new device with its keys in a folder."""
        builder = sdk.ClientBuilder().homeserver_url(url)
        builder = builder.sqlite_store(sdk.SqliteStoreBuilder(folder, folder))
        builder = builder.sliding_sync_version_builder(
            sdk.SlidingSyncVersionBuilder.DISCOVER_NATIVE
        )
        client = await builder.build()
        await client.login(name, password, "rust", None)
        service = await client.sync_service().finish()
        await service.start()
        return cls(sdk, client, service)

    async def room(self, room_id: str, *, joined: bool) -> Any:
        """The room, once it is here."""

        def found() -> Any:
            room = self.client.get_room(room_id)
            wanted = self.sdk.Membership.JOINED if joined else self.sdk.Membership.INVITED
            return room if room is not None and room.membership() == wanted else None

        return await until(f"{self.user_id}'s room", found)

    async def listen(self, room: Any) -> Any:
        """The timeline; what is said there comes to be in `heard`."""
        timeline = await room.timeline()
        listener = _Listener(self.heard)
        self._listening = await timeline.add_listener(listener)
        return timeline

    async def hears(self, words: str) -> str:
        """Wait until the words were received and decrypted."""
        return str(await until(words, lambda: next((e for e in self.heard if words in e), None)))


class _Listener:
    def __init__(self, heard: list[str]) -> None:
        self._heard = heard

    def on_update(self, diff: list[Any]) -> None:
        for each in diff:
            values = getattr(each, "values", None) or [getattr(each, "value", None)]
            for item in values:
                event = item.as_event() if item is not None else None
                if event is not None and event.is_remote:
                    self._heard.append(str(event.content))


async def until(what: str, found: Callable[[], Any]) -> Any:
    """Wait for something that the SDK's own threads bring about."""
    async with asyncio.timeout(PATIENCE_S):
        while not (it := found()):  # noqa: ASYNC110 - of its threads nobody tells us
            await asyncio.sleep(0.02)
    assert it, what
    return it


def saw(what: str, *, is_so: bool) -> None:
    """Assert something, and say so."""
    assert is_so, what
    print(f"saw: {what}", flush=True)  # noqa: T201 - for the test that runs it


async def story(sdk: Any, url: str, people: list[tuple[str, str]], folder: str) -> None:
    """What happens."""
    sdk.uniffi_set_event_loop(asyncio.get_running_loop())
    ann, ben = [
        await RustPerson.log_in(sdk, url, name, password, f"{folder}/{name}")
        for name, password in people
    ]
    version = ann.client.sliding_sync_version()
    saw("the server speaks sliding sync", is_so=version == sdk.SlidingSyncVersion.NATIVE)
    room_id = await ann.client.create_room(
        sdk.CreateRoomParameters(
            name="Tea",
            is_encrypted=True,
            visibility=sdk.RoomVisibility.PRIVATE(),
            preset=sdk.RoomPreset.PRIVATE_CHAT,
            invite=[ben.user_id],
        )
    )
    await (await ben.room(room_id, joined=False)).join()
    saw("ben was invited and joined", is_so=True)
    bens, anns = [await each.room(room_id, joined=True) for each in (ben, ann)]
    await until("ben in ann's room", lambda: anns.joined_members_count() == 2)
    await until("the room's name", lambda: bens.display_name() == "Tea")
    saw("ben sees the room's name", is_so=True)
    to_ann, to_ben = await ben.listen(bens), await ann.listen(anns)
    await to_ben.send(sdk.message_event_content_from_markdown("Is it hot?"))
    saw("ben reads what ann wrote", is_so="Is it hot?" in await ben.hears("Is it hot?"))
    await to_ann.send(sdk.message_event_content_from_markdown("It is."))
    saw("ann reads what ben wrote", is_so="It is." in await ann.hears("It is."))
    for person in (ann, ben):
        await person.service.stop()


def main() -> None:
    """Load the SDK and tell the story."""
    matrix_sdk_python = import_module("matrix_sdk_python")
    people = [(name, password) for name, password in (line.split() for line in sys.stdin)]
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(matrix_sdk_python, sys.argv[1], people, folder))
    os._exit(0)  # the SDK's threads do not outlive an orderly end


if __name__ == "__main__":
    main()
