"""What can be wrong with a server, and the command that mends each: the questions of the doctor.

1. the configuration: nothing in it weakens the server, and clients reach it encrypted
2. the data folder: there, ours, nobody else's
3. the disk: room left
4. the database: whole, and of this version's schema
5. the identity: a name and a key, and the name that the configuration says
6. the clock: not before what the database has seen
7. the media: each row has its file
8. the application services: their files are right, and they listen where they say
9. the server: it answers where it should

A question that cannot be answered for want of an earlier answer is not asked.
"""

from __future__ import annotations

import http.client
import json
import os
import shlex
import shutil
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from privity.cli.command import command_line
from privity.config import Config
from privity.matrix.app_services import AppServices
from privity.store import accounts, identity, unnamed
from privity.store.engine import Tx
from privity.store.engine.migrate import migrations
from privity.store.files import path_of
from privity.store.store import MEDIA_FOLDER

LEAST_FREE_BYTES = 1024**3
CLOCK_TOLERANCE_MS = 5 * 60 * 1000
ANSWER_WITHIN_S = 3
_OTHERS = 0o007
_PORTS = {"http": 80, "https": 443}
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - told apart, not bound

_HAS_TABLES = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE name = 'migrations'",
    "postgres": "SELECT 1 FROM information_schema.tables WHERE table_name = 'migrations'",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer about one thing. `mend` is a command, empty where all is well."""

    about: str
    says: str
    mend: str = ""

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.mend


def of_config(config: Config, config_file: Path | None) -> Iterator[Finding]:
    """Question 1."""
    file = shlex.quote(str(config_file or "privity.toml"))
    edit = f"${{EDITOR:-vi}} {file}"
    weakened = config.weakened_by()
    for name in weakened:
        yield Finding("configuration", f"{name} weakens this server: take it out of {file}", edit)
    public = urlsplit(config.client_url)
    if public.scheme != "https" and public.hostname not in _LOOPBACK:
        says = f"clients reach {config.client_url} in clear: set public_url to https://..."
        yield Finding("configuration", says, edit)
    elif not weakened:
        yield Finding("configuration", "every key is known, and none weakens the server")


def of_folder(config: Config) -> Iterator[Finding]:
    """Question 2."""
    folder = config.data_dir
    quoted = shlex.quote(str(folder))
    if not folder.is_dir():
        start = command_line("serve --server-name example.org", config)
        yield Finding("data folder", f"{folder} is not there: the first start makes it", start)
        return
    wrong = []
    if folder.stat().st_uid != os.geteuid():
        chown = f'sudo chown -R "$(id -un)" {quoted}'
        wrong.append(Finding("data folder", f"{folder} belongs to somebody else", chown))
    credentials = Path(config.media_s3_credentials)  # none: the folder we are in, which is no file
    for path in (folder, *sorted(folder.glob("*.db*")), *([credentials] * credentials.is_file())):
        mode = stat.S_IMODE(path.stat().st_mode)
        right = 0o700 if path.is_dir() else 0o600
        if mode & ~right:
            says = f"others may read {path} (mode {mode:04o})"
            chmod = f"chmod {right:o} {shlex.quote(str(path))}"
            wrong.append(Finding("data folder", says, chmod))
    yield from wrong or [Finding("data folder", f"{folder} is nobody else's")]


def of_disk(config: Config) -> Iterator[Finding]:
    """Question 3."""
    if not config.data_dir.is_dir():
        return
    free_bytes = shutil.disk_usage(config.data_dir).free
    says = f"{free_bytes / 1024**3:.1f} GiB free"
    if free_bytes < LEAST_FREE_BYTES:
        quoted = shlex.quote(str(config.data_dir))
        yield Finding(
            "disk", f"only {says}: see what fills it", f"du -xh {quoted} | sort -h | tail"
        )
    else:
        yield Finding("disk", says)


def of_database(tx: Tx, config: Config) -> Iterator[Finding]:
    """Question 4."""
    if not config.database:
        broken = [row[0] for row in tx.all("PRAGMA quick_check(3)") if row[0] != "ok"]
        if broken:
            yield unreadable(config, broken[0])
            return
    if tx.one(_HAS_TABLES["postgres" if config.database else "sqlite"]) is None:
        start = command_line("serve --server-name example.org", config)
        yield Finding("database", "it has no tables yet: the first start makes them", start)
        return
    known = {migration.number for migration in migrations()}
    done = {row[0] for row in tx.all("SELECT number FROM migrations")}
    if done - known:
        says = "it was written by a newer version of privity"
        yield Finding("database", says, "python3 -m pip install --upgrade privity")
    elif known - done:
        says = "it is of an older version: the next start brings it up to date"
        yield Finding("database", says, command_line("serve", config))
    else:
        yield Finding("database", f"whole, schema {max(done)}")


def unreadable(config: Config, why: str) -> Finding:
    """The database is damaged or out of reach."""
    if config.database:
        return Finding("database", f"it cannot be read: {why}", "systemctl status postgresql")
    file = shlex.quote(str(config.data_dir / "privity.db"))
    mend = f"sqlite3 {file} .recover | sqlite3 {file}.recovered"
    return Finding("database", f"it cannot be read: {why}", mend)


def of_identity(tx: Tx, config: Config) -> Iterator[Finding]:
    """Question 5."""
    start = command_line("serve", config)
    try:
        known = identity.known(tx)
    except (ValueError, KeyError):
        says = "the signing key is damaged: bring the database back from a backup"
        yield Finding("identity", says, f"ls -l {shlex.quote(str(config.data_dir))}")
        return
    if known is None:
        yield Finding("identity", "no name and no key yet: the first start makes them", start)
    elif config.server_name not in {"", known.server_name}:
        says = f"the configuration says {config.server_name}, the database {known.server_name}"
        named = command_line(f"serve --server-name {shlex.quote(known.server_name)}", config)
        yield Finding("identity", says, named)
    else:
        yield Finding("identity", f"{known.server_name}, key {known.key.key_id}")


def of_clock(tx: Tx, now_ms: int) -> Iterator[Finding]:
    """Question 6."""
    newest_ts = accounts.newest_ts(tx)
    if newest_ts > now_ms + CLOCK_TOLERANCE_MS:
        behind_s = (newest_ts - now_ms) // 1000
        says = f"the clock is at least {behind_s} s behind what the database has seen"
        yield Finding("clock", says, "sudo timedatectl set-ntp true")
    else:
        yield Finding("clock", "not behind the database")


def of_media(tx: Tx, config: Config, there: set[str]) -> Iterator[Finding]:
    """Question 7. A file without a row is no fault: it goes by itself."""
    needed = unnamed.needed(tx)
    lost = sorted(needed - there)
    if lost:
        mend = f"tar -xOf BACKUP media/{lost[0]} > {_place(config, lost[0])}"
        yield Finding("media", f"{len(lost)} of {len(needed)} files are lost", mend)
    else:
        extra = len(there - needed)
        yield Finding("media", f"{len(needed)} files, {extra} more that nobody needs")


def no_media(config: Config, why: str) -> Finding:
    """Question 7 cannot be answered."""
    where = config.media_s3_bucket or str(config.data_dir / MEDIA_FOLDER)
    curl = f"curl -sSI {config.media_s3_url}/{config.media_s3_bucket}"
    mend = curl if config.media_s3_bucket else f"ls -l {shlex.quote(where)}"
    return Finding("media", f"{where} cannot be read: {why}", mend)


def _place(config: Config, digest: str) -> str:
    if config.media_s3_bucket:
        return f"FILE && aws s3 cp FILE s3://{config.media_s3_bucket}/{digest[:2]}/{digest[2:]}"
    return shlex.quote(str(path_of(config.data_dir / MEDIA_FOLDER, digest)))


def of_services(config: Config, services: AppServices) -> Iterator[Finding]:
    """Question 8. Of those that want to hear something; and who else may read their tokens."""
    for file in config.app_services:
        mode = stat.S_IMODE(Path(file).stat().st_mode)
        if mode & _OTHERS:
            says = f"everybody may read the tokens in {file} (mode {mode:04o})"
            yield Finding("service", says, f"chmod o= {shlex.quote(file)}")
    for service in services.all:
        if service.url is None:
            continue
        parts = urlsplit(service.url)
        port = parts.port or _PORTS[parts.scheme]
        try:
            socket.create_connection((parts.hostname, port), ANSWER_WITHIN_S).close()
        except OSError:
            says = f"{service.id} does not listen at {service.url}"
            yield Finding("service", says, f"curl -sS {shlex.quote(service.url)}")
        else:
            yield Finding("service", f"{service.id} listens at {service.url}")


def of_server(config: Config) -> Iterator[Finding]:
    """Question 9."""
    start = command_line(f"serve --listen {config.listen}", config)
    host, _, port = config.listen.rpartition(":")
    host = host.strip("[]")
    connection = http.client.HTTPConnection(
        _EVERYWHERE.get(host, host), int(port) if port.isdecimal() else 0, timeout=ANSWER_WITHIN_S
    )
    try:
        connection.request("GET", "/_matrix/client/versions")
        is_ours = "versions" in json.loads(connection.getresponse().read())
    except OSError:
        yield Finding("server", f"nothing answers at {config.listen}", start)
    except (http.client.HTTPException, ValueError):
        yield _another(config)
    else:
        yield Finding("server", f"answers at {config.listen}") if is_ours else _another(config)
    finally:
        connection.close()


def _another(config: Config) -> Finding:
    another_port = command_line("serve --listen 127.0.0.1:8009", config)
    return Finding("server", f"something else answers at {config.listen}", another_port)
