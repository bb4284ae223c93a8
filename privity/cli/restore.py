"""`privity restore FILE`: a server from its backup, where there is none.

1. The archive is whole: every byte is what it was, before anything is touched.
2. It is of this release or an older one, and of the server that the configuration names.
3. There is no server where it goes.
4. The media, each file under the digest of what came; then the database, all of it or nothing.
   Until that stands there is no server, and whatever stops this leaves none.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from privity.cli.command import Command, Failed, add_data_dir, command_line, config_of
from privity.cli.telling import day_and_time
from privity.config import Config
from privity.store.engine.migrate import missing
from privity.store.files import DiskAway, Files
from privity.store.whole import Filling, NotEmpty, WholeDatabase
from privity.store.whole.archive import MEDIA, TABLE, Archive, Damaged

ROWS_AT_A_TIME = 500
COLUMN = re.compile(r"[a-z_][a-z0-9_]*")


def command(
    whole_of: Callable[[Config], WholeDatabase], files_of: Callable[[Config], Files]
) -> Command:
    """The command over the composition's ways to a database and to a place for media."""

    def work(arguments: argparse.Namespace) -> int:
        config = config_of(arguments)
        path: Path = arguments.file
        try:
            with Archive(path) as archive:  # 1
                _check(archive, config)  # 2
                asyncio.run(_restore(archive, whole_of(config), files_of(config)))
                _tell(archive, config)
        except OSError as error:
            raise Failed(f"{path}: {error.strerror}. Try: ls -l {path.parent}") from error
        except DiskAway as error:
            raise Failed(f"{error}. Nothing was restored. Try: df -h") from error
        except Damaged as error:
            verify = f"sha256sum {path}"
            says = f"{path} is damaged: {error}. Nothing was restored. Try another copy: {verify}"
            raise Failed(says) from error
        except NotEmpty as error:
            elsewhere = f"privity restore {path} --data-dir ANOTHER"
            raise Failed(f"{error}: nothing is ever overwritten. Try: {elsewhere}") from error
        return 0

    return Command("restore", "make a server from its backup", _add_arguments, work)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="made by privity backup")
    parser.add_argument("--server-name", help="refuse the backup of any other server")
    add_data_dir(parser)


def _check(archive: Archive, config: Config) -> None:
    missing(archive.manifest["migrations"])
    name = archive.manifest["server_name"]
    if config.server_name not in {"", name}:
        again = command_line(f"restore ... --server-name {name}", config)
        raise Failed(f"this is the backup of {name}, not of {config.server_name}. Try: {again}")


async def _restore(archive: Archive, whole: WholeDatabase, files: Files) -> None:
    whole.check_empty()  # 3
    await files.start()
    restored: list[str] = []
    try:
        await _restore_media(archive, files, restored)  # 4
        numbers = archive.manifest["migrations"]
        await asyncio.to_thread(whole.make, numbers, lambda filling: _fill(archive, filling))
    except BaseException:
        for digest in restored:
            await files.remove(digest)
        raise
    finally:
        await files.stop()


async def _restore_media(archive: Archive, files: Files, restored: list[str]) -> None:
    for member in archive.members:
        match = MEDIA.fullmatch(member.name)
        if match is None or await files.has(match[1]):
            continue
        async with files.incoming() as incoming:
            for part in archive.parts(member):
                if incoming.take(part):
                    await files.write(incoming)
            restored.append(await files.keep(incoming))
        if restored[-1] != match[1]:
            raise Damaged("a file in it is not what its digest says")


def _fill(archive: Archive, filling: Filling) -> None:
    tables: dict[str, Any] = archive.manifest["tables"]
    counts = dict.fromkeys(tables, 0)
    for member in archive.members:
        match = TABLE.fullmatch(member.name)
        if match is None or match[1] == "migrations":
            continue
        name = match[1]
        rows = archive.rows(member)
        columns = tuple(tables[name]["columns"])
        if not all(COLUMN.fullmatch(word) for word in (name, *columns)):
            raise Damaged("a name in it is none of ours")
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            filling.add(name, columns, rows[start : start + ROWS_AT_A_TIME])
        counts[name] += len(rows)
    for name, count in counts.items():
        if name != "migrations" and count != tables[name]["rows"]:
            raise Damaged(f"rows of {name} are not there")


def _tell(archive: Archive, config: Config) -> None:
    manifest = archive.manifest
    made = day_and_time(manifest["made_ts"])
    print(f"{manifest['server_name']}, as it was on {made}, is in {config.data_dir}.")
    if not manifest["with_media"]:
        print("Its media was not in the backup: what was sent as a file will not be found.")
    print(f"Start it: {command_line('serve', config)}")
