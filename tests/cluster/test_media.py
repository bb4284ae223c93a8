"""Media that came in at one process is there at the other: from a bucket, or a shared folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from privity.follow.cleaning import clean_up
from privity.media.clean_up import HOUR_MS
from tests.cluster.conftest import at
from tests.media.bucket import _bucket, _running
from tests.media.carrier import MEDIA, upload
from tests.media.pictures import picture, size_of
from tests.media.test_create import PUT, create, somebody_waits
from tests.postgres import Cluster
from tests.world import World

__all__ = ["_bucket", "_running"]

pytestmark = pytest.mark.real

Settings = Callable[[str], dict[str, Any]]


@pytest.fixture(params=["bucket", "folder"])
def settings(request: pytest.FixtureRequest, postgres: Cluster, tmp_path: Path) -> Settings:
    """What a process of the cluster is started with, by its name."""
    database = {"database": postgres.migrated()}
    if request.param == "folder":
        return lambda _: {**database, "data_dir": tmp_path / "shared"}
    bucket = request.getfixturevalue("bucket")
    return lambda name: {**database, **bucket, "data_dir": tmp_path / name}


async def test_what_came_in_at_one_process_is_read_at_the_other(settings: Settings) -> None:
    async with World(**settings("one")) as one, World(**settings("other")) as other:
        ann, ben = await one.person("ann"), await one.person("ben")
        ben = at(other, ben)
        path = await upload(ann, picture("PNG", (300, 300)))
        assert (await ben.get(f"{MEDIA}/download/{path}")).raw == picture("PNG", (300, 300))
        for who in (ben, ann):
            small = await who.get(f"{MEDIA}/thumbnail/{path}", width=32, height=32)
            assert size_of(small.raw) == (32, 32)


async def test_who_waits_at_one_process_for_media_hears_of_it_from_the_other(
    settings: Settings,
) -> None:
    async with World(**settings("one")) as one, World(**settings("other")) as other:
        ann, ben = await one.person("ann"), await one.person("ben")
        path = await create(ann)
        waiting = asyncio.create_task(at(other, ben).get(f"{MEDIA}/download/{path}"))
        await somebody_waits(other)
        await ann.put(f"{PUT}/{path}", b"here")
        assert (await waiting).raw == b"here"


async def test_one_of_them_cleans_up_for_both(settings: Settings) -> None:
    async with World(**settings("one")) as one, World(**settings("other")) as other:
        ann = await one.person("ann")
        await upload(ann, b"x")
        await ann.post("/account/deactivate", {"auth": ann.auth(), "erase": True})
        await clean_up(one.house, "one")
        for world in (one, other):
            world.clock.advance(HOUR_MS + 1)
        assert (await clean_up(other.house, "other") or {})["files"] == 1
        assert await one.store.files.digests() == set()
