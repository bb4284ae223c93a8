"""A client that sends a body part by part, and reads an answer part by part, or goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from privity.api.app import router
from privity.api.door import Door
from privity.follow.followers import follow
from tests.world import Person, World

UPLOAD = "/_matrix/media/v3/upload"
MEDIA = "/_matrix/client/v1/media"


async def upload(person: Person, body: bytes, kind: str = "image/png", **query: str) -> str:
    """Upload in one piece. Its path below `/download` and `/thumbnail`."""
    answer = await person.world.request(
        "POST", UPLOAD, body, token=person.token, query=query, headers={"content-type": kind}
    )
    assert answer.status == 200, answer.body
    return str(answer["content_uri"]).removeprefix("mxc://")


def files_in(world: World) -> list[Path]:
    """Every file in the folder of media, those that are coming in too."""
    folder = world.house.config.data_dir / "media"
    return sorted(path for path in folder.rglob("*") if path.is_file())


@dataclass(slots=True)
class Carrier:
    """One request over ASGI. `parts` are sent one by one; `stays` false: then it goes away.

    `falls_silent`: it stays, but what it promised does not come.
    `read` counts the parts that the server asked for, `told` is what it answered. With `patience`
    it goes away after so many parts of the answer.
    """

    parts: Sequence[bytes] = ()
    stays: bool = True
    falls_silent: bool = False
    patience: int | None = None
    read: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def carry(
        self, person: Person, method: str, path: str, headers: dict[str, str] | None = None
    ) -> None:
        """Send it through a door."""
        sent = {"authorization": f"Bearer {person.token}", **(headers or {})}
        house = person.world.house
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("192.0.2.1", 50_000),
        }
        await Door(house, follow(house), router())(scope, self._receive, self._send)

    @property
    def status(self) -> int | None:
        """The status of the answer, if there was one."""
        return self.told[0]["status"] if self.told else None

    @property
    def errcode(self) -> str:
        """The errcode of the answer."""
        return str(orjson.loads(self.told[1]["body"])["errcode"])

    async def _receive(self) -> dict[str, Any]:
        if self.read < len(self.parts):
            self.read += 1
            more = self.read < len(self.parts) or not self.stays or self.falls_silent
            return {"type": "http.request", "body": self.parts[self.read - 1], "more_body": more}
        if self.stays:
            await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.told.append(dict(message))
        if self.patience is not None and len(self.told) > self.patience:
            self.gone.set()
        await asyncio.sleep(0)
