"""`privity backup FILE`: everything that a server is, in one file, while it runs.

The database first, in one snapshot; then the media, so that each row of the copy has its file. A
server that runs is not disturbed, and none has to be of this release: nothing is migrated.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from privity import __version__
from privity.cli.command import Command, Failed, add_data_dir, command_line, config_of
from privity.cli.telling import size
from privity.clock import SystemClock
from privity.config import Config
from privity.store.engine import Row
from privity.store.files import DiskAway, Files
from privity.store.whole import Tables, WholeDatabase
from privity.store.whole.archive import ArchiveWriter, chunks_of

OpenWhole = Callable[[Config], WholeDatabase]
OpenFiles = Callable[[Config], Files]

LEFT_OUT = frozenset({"leases", "processes", "thumbnails", "files_unnamed", "files_leaving"})
"""What is made anew by itself."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was seen in the snapshot: the manifest so far, and the sizes of media by digest."""

    manifest: dict[str, Any]
    media: dict[str, int]


def command(whole_there_is: Callable[[Config], WholeDatabase], files_of: OpenFiles) -> Command:
    """The command over the composition's ways to a database that is there, and to its media."""

    def work(arguments: argparse.Namespace) -> int:
        config = config_of(arguments)
        whole = whole_there_is(config)
        path: Path = arguments.file
        if path.exists():
            again = command_line(f"backup {path}.new", config)
            raise Failed(f"{path} is there already. Try: {again}")
        try:
            lost = _back_up(whole, files_of(config), path, with_media=not arguments.without_media)
        except OSError as error:
            raise Failed(f"{path} cannot be written: {error.strerror}. Try: df -h") from error
        _tell(path, lost)
        return 0

    return Command("backup", "copy the server into one file, while it runs", _add_arguments, work)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the file to make")
    parser.add_argument("--without-media", action="store_true", help="the database alone")
    add_data_dir(parser)


def _back_up(whole: WholeDatabase, files: Files, path: Path, *, with_media: bool) -> list[str]:
    """Returns the digests of media that is lost or damaged."""
    with ArchiveWriter(path) as archive:
        copied = whole.read(lambda tables: _copy_tables(tables, archive))
        lost = asyncio.run(_copy_media(files, copied.media, archive)) if with_media else []
        archive.finish({**copied.manifest, "with_media": with_media, "lost_media": lost})
    return lost


def _copy_tables(tables: Tables, archive: ArchiveWriter) -> Copied:
    told: dict[str, Any] = {}
    copied = Copied({}, {})
    for name in tables.names():
        if name in LEFT_OUT:
            continue
        columns, rows = tables.rows(name)
        count = 0
        for number, (some, content) in enumerate(chunks_of(_noted(copied, name, columns, rows))):
            archive.add(f"tables/{name}/{number:06}.jsonl.gz", content)
            count += some
        told[name] = {"columns": columns, "rows": count}
    copied.manifest.update(
        {"release": __version__, "made_ts": SystemClock().now_ms(), "tables": told}
    )
    return copied


def _noted(
    copied: Copied, table: str, columns: tuple[str, ...], rows: Iterator[Row]
) -> Iterator[Row]:
    """The rows as they come; what the manifest and the media need of them is noted on the way."""
    for row in rows:
        named = dict(zip(columns, row, strict=True))
        if table == "media":
            copied.media[named["digest"]] = named["size_bytes"]
        elif table == "migrations":
            copied.manifest.setdefault("migrations", []).append(named["number"])
        elif table == "server" and named["name"] == "server_name":
            copied.manifest["server_name"] = bytes(named["value"]).decode()
        yield row


async def _copy_media(files: Files, media: dict[str, int], archive: ArchiveWriter) -> list[str]:
    lost = []
    for digest, size_bytes in sorted(media.items()):
        try:
            parts = await files.read(digest, 0, size_bytes)
            is_whole = await archive.add_media(digest, size_bytes, parts)
        except DiskAway:
            is_whole = False
        if not is_whole:
            lost.append(digest)
    await files.stop()
    return lost


def _tell(path: Path, lost: list[str]) -> None:
    print(f"{path}: {size(path.stat().st_size)}, readable by its owner alone.")
    print("It holds the signing key and every token's hash: keep it as you keep the server.")
    if lost:
        print(f"{len(lost)} files of media are lost or damaged, and not in it:")
        print("\n".join(f"    {digest}" for digest in lost[:10]))
