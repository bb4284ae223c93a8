"""Synapse from PyPI in a virtual environment of its own, with nothing in its way.

Its database is SQLite or a PostgreSQL of its own.

Rate limits, presence, URL previews, statistics and the user directory are off, passwords are
hashed at the least cost, and it logs warnings only. All else is as it comes.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from bench.environment import environment
from bench.process import ServerProcess, free_port, wait_for_port
from bench.servers import NAME
from bench.servers.postgres import USER, Postgres

MOST_START_S = 60.0
_NO_LIMIT = {"per_second": 1_000_000, "burst_count": 1_000_000}
_LIMITS: dict[str, object] = {
    "rc_message": _NO_LIMIT,
    "rc_registration": _NO_LIMIT,
    "rc_registration_token_validity": _NO_LIMIT,
    "rc_login": {"address": _NO_LIMIT, "account": _NO_LIMIT, "failed_attempts": _NO_LIMIT},
    "rc_admin_redaction": _NO_LIMIT,
    "rc_joins": {"local": _NO_LIMIT, "remote": _NO_LIMIT},
    "rc_joins_per_room": _NO_LIMIT,
    "rc_3pid_validation": _NO_LIMIT,
    "rc_invites": {"per_room": _NO_LIMIT, "per_user": _NO_LIMIT, "per_issuer": _NO_LIMIT},
    "rc_third_party_invite": _NO_LIMIT,
    "rc_media_create": _NO_LIMIT,
    "rc_presence": {"per_user": _NO_LIMIT},
    "rc_delayed_event_mgmt": _NO_LIMIT,
    "rc_room_creation": _NO_LIMIT,
    "rc_reports": _NO_LIMIT,
    "rc_user_directory": _NO_LIMIT,
}


class Synapse:
    """The peer."""

    name = "synapse"
    idle_clients: tuple[int, ...] = (100, 500)

    def __init__(self, folder: Path, database: str) -> None:
        self.database = database
        self.audiences: tuple[int, ...] = (10, 50, 100) if database == "sqlite" else (10, 100)
        self._postgres = Postgres() if database == "postgresql" else None
        self.port = free_port()
        self.log = folder / "log"
        self._folder = folder
        self._python = environment("synapse")
        self._config = folder / "homeserver.yaml"  # JSON is YAML
        self._config.write_text(json.dumps(self._settings(), indent=1), "utf-8")
        (folder / "log.yaml").write_text(json.dumps(self._logging()), "utf-8")
        self._run("-m", "synapse.app.homeserver", "-c", self._config, "--generate-keys")

    def version(self) -> str:
        """Its version, and what it runs on."""
        own = self._run(
            "-c",
            "import sqlite3, sys\n"
            "from importlib.metadata import version\n"
            "print(f'{version(\"matrix-synapse\")}, '\n"
            "      f'Python {sys.version_info.major}.{sys.version_info.minor}, '\n"
            "      f'SQLite {sqlite3.sqlite_version}')",
        )
        if self._postgres is None:
            return own
        return f"{own.rpartition(', ')[0]}, {self._postgres.version()}"

    def start(self, *, wait: bool = True) -> ServerProcess:
        """Start it. Unless told otherwise, wait until it takes connections."""
        command: list[str | Path] = [
            self._python,
            "-m",
            "synapse.app.homeserver",
            "-c",
            self._config,
        ]
        process = ServerProcess(command, self._folder / "output", cwd=self._folder)
        if self._postgres is not None:
            process.counted.append(self._postgres.process)
        if wait:
            wait_for_port(self.port, process, MOST_START_S)
        return process

    def close(self) -> None:
        """Give back the database."""
        if self._postgres is not None:
            self._postgres.stop()

    def _database(self) -> dict[str, object]:
        if self._postgres is None:
            return {"name": "sqlite3", "args": {"database": str(self._folder / "homeserver.db")}}
        where = {"host": str(self._postgres.folder), "user": USER, "dbname": USER}
        return {"name": "psycopg2", "args": {**where, "cp_min": 5, "cp_max": 10}}

    def _run(self, *words: str | Path) -> str:
        done = subprocess.run(
            [self._python, *words], cwd=self._folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def _settings(self) -> dict[str, object]:
        listener = {
            "port": self.port,
            "bind_addresses": ["127.0.0.1"],
            "type": "http",
            "tls": False,
            "resources": [{"names": ["client"], "compress": False}],
        }
        return {
            "server_name": NAME,
            "public_baseurl": f"http://127.0.0.1:{self.port}/",
            "pid_file": str(self._folder / "pid"),
            "listeners": [listener],
            "database": self._database(),
            "log_config": str(self._folder / "log.yaml"),
            "media_store_path": str(self._folder / "media"),
            "signing_key_path": str(self._folder / "signing.key"),
            "registration_shared_secret": "of no use outside of this machine",
            "macaroon_secret_key": "of no use outside of this machine",
            "form_secret": "of no use outside of this machine",
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "report_stats": False,
            "enable_registration": True,
            "enable_registration_without_verification": True,
            "bcrypt_rounds": 4,
            "presence": {"enabled": False},
            "url_preview_enabled": False,
            "user_directory": {"enabled": False},
            **_LIMITS,
        }

    def _logging(self) -> dict[str, object]:
        to_file = {
            "class": "logging.FileHandler",
            "filename": str(self.log),
            "level": "WARNING",
        }
        return {
            "version": 1,
            "handlers": {"file": to_file},
            "root": {"level": "WARNING", "handlers": ["file"]},
            "disable_existing_loggers": False,
        }
