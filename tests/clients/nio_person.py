"""A person with a device: matrix-nio, used as the bots and apps that are built on it use it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import nio
from nio.crypto.attachments import decrypt_attachment

PATIENCE_S = 30
LONG_POLL_MS = 30_000
ENCRYPTED = nio.EnableEncryptionBuilder().as_dict()

Found = TypeVar("Found")


class NioPerson:
    """One device; its keys, and how far it has synced, are in `folder` and survive a restart."""

    def __init__(self, url: str, localpart: str, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        remembers = nio.AsyncClientConfig(store_sync_tokens=True, encryption_enabled=True)
        self.client = nio.AsyncClient(url, localpart, store_path=str(folder), config=remembers)
        self._folder = folder
        self.began_at = ""
        self.heard: list[nio.Event] = []
        self.client.add_event_callback(self._hear, nio.Event)

    @property
    def user_id(self) -> str:
        """The whole user id."""
        return str(self.client.user_id)

    async def log_in(self, password: str) -> None:
        """A new device of an account that is there already."""
        answer = await self.client.login(password, device_name="nio")
        assert isinstance(answer, nio.LoginResponse), answer

    async def register(self, password: str, token: str) -> None:
        """A new account with an invitation, by nio's own steps."""
        answer = await self.client.register_with_token(self.client.user, password, token, "nio")
        assert isinstance(answer, nio.RegisterResponse), answer

    def restarted(self) -> NioPerson:
        """The same device in a new program: it has the folder, the user id and the token."""
        old = self.client
        again = NioPerson(old.homeserver, old.user, self._folder)
        again.client.restore_login(old.user_id, old.device_id, old.access_token)
        again.began_at = again.client.loaded_sync_token
        return again

    @contextlib.asynccontextmanager
    async def online(self) -> AsyncIterator[NioPerson]:
        """Syncing until the context is left, as `sync_forever` does it."""
        syncing = asyncio.create_task(
            self.client.sync_forever(timeout=LONG_POLL_MS, full_state=True)
        )
        try:
            await self.client.synced.wait()
            yield self
        finally:
            syncing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await syncing
            await self.client.close()

    async def until(self, what: str, check: Callable[[], Found | None]) -> Found:
        """Wait until `check` returns something true, looking after each sync."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (found := check()):
                    await self.client.synced.wait()
        except TimeoutError:
            raise AssertionError(f"{self.user_id} waited {PATIENCE_S} s for {what}") from None
        return found

    async def create_room(self, *others: str) -> str:
        """A private encrypted room with invitations for `others`."""
        answer = await self.client.room_create(
            preset=nio.RoomPreset.private_chat, invite=others, initial_state=[ENCRYPTED]
        )
        assert isinstance(answer, nio.RoomCreateResponse), answer
        return str(answer.room_id)

    async def accept(self, room_id: str) -> None:
        """Wait for the invitation and join."""
        await self.until("an invitation", lambda: room_id in self.client.invited_rooms)
        answer = await self.client.join(room_id)
        assert isinstance(answer, nio.JoinResponse), answer

    async def sees_members(self, room_id: str, count: int) -> None:
        """Wait until that many have joined the encrypted room."""
        rooms = self.client.rooms
        await self.until(
            f"{count} members",
            lambda: (
                room_id in rooms
                and rooms[room_id].encrypted
                and rooms[room_id].joined_count == count
            ),
        )

    async def say(self, room_id: str, words: str, **more: object) -> str:
        """Send a text, encrypted by nio, and return the event's id."""
        content = {"msgtype": "m.text", "body": words, **more}
        answer = await self.client.room_send(
            room_id, "m.room.message", content, ignore_unverified_devices=True
        )
        assert isinstance(answer, nio.RoomSendResponse), answer
        return str(answer.event_id)

    async def hear(self, words: str) -> nio.RoomMessage:
        """Wait until this text was received and decrypted, and return its event."""
        return await self.until(
            f"the words {words!r}",
            lambda: next(
                (e for e in self.heard if e.decrypted and getattr(e, "body", None) == words), None
            ),
        )

    def words(self) -> list[str]:
        """Every text that this program has received and decrypted."""
        return [e.body for e in self.heard if isinstance(e, nio.RoomMessageText)]

    async def upload(self, plain: bytes) -> dict[str, Any]:
        """Encrypt and upload a file. Returns what to announce: an EncryptedFile."""
        answer, keys = await self.client.upload(
            lambda *_: BytesIO(plain), encrypt=True, filesize=len(plain)
        )
        assert isinstance(answer, nio.UploadResponse), answer
        return {**(keys or {}), "url": answer.content_uri}

    async def download(self, event: nio.RoomEncryptedFile) -> bytes:
        """Fetch and decrypt the file that the event announces."""
        answer = await self.client.download(event.url)
        assert isinstance(answer, nio.MemoryDownloadResponse), answer
        return bytes(
            decrypt_attachment(answer.body, event.key["k"], event.hashes["sha256"], event.iv)
        )

    async def _hear(self, _room: nio.MatrixRoom, event: nio.Event) -> None:
        self.heard.append(event)
