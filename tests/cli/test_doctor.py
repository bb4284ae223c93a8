"""`privity doctor`: what is wrong, and the command that mends it."""

from __future__ import annotations

import asyncio
import http.server
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from privity.cli import ailments
from privity.config import Config
from privity.main import open_house
from privity.store.engine import WriteTx
from tests.cli.commands import SERVER_NAME, Operator
from tests.homeserver import Homeserver, free_port
from tests.media.carrier import MEDIA, files_in, upload
from tests.postgres import Cluster
from tests.services.bridge import registration, written
from tests.world import World

Finding = dict[str, Any]

FROM_THE_FUTURE = (
    "INSERT INTO accounts (user_id, address, created_ts, is_admin, standing)"
    " VALUES ('@a:b', '', 99999999999999, 0, 'active')"
)


def wrong(operator: Operator, *words: str) -> dict[str, Finding]:
    """What the doctor finds wrong, by what it is about, but for the server that is not there."""
    said = operator.types("doctor", "--json", "--listen", f"127.0.0.1:{free_port()}", *words)
    found = {each["about"]: each for each in said.json["findings"] if not each["is_well"]}
    assert said.status == 1
    assert "nothing answers" in found.pop("server")["says"]
    assert all(each["mend"] for each in found.values())
    return found


def test_a_server_that_is_well_ends_with_0(homeserver: Homeserver, beside: Operator) -> None:
    listen = f"127.0.0.1:{homeserver.port}"
    said = beside.types("doctor", "--listen", listen)
    assert (said.status, said.err) == (0, "")
    assert "WRONG" not in said.out
    abouts = ["configuration", "data folder", "disk", "database", "identity", "clock", "media"]
    abouts.append("server")
    assert [line.split(":")[0].split(None, 1)[1] for line in said.out.splitlines()] == abouts


def test_the_first_start_is_told_and_nothing_is_made(operator: Operator) -> None:
    found = wrong(operator)
    assert "privity serve --server-name example.org" in found["data folder"]["mend"]
    assert not operator.data_dir.exists()


def test_a_service_that_does_not_listen_is_told(operator: Operator, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    (file,) = written(tmp_path, registration(url=url))
    config = tmp_path / "with-services.toml"
    config.write_text(f"app_services = ['{file}']", "utf-8")
    found = wrong(operator, "--config", str(config))
    assert found["service"]["says"] == f"irc does not listen at {url}"
    assert found["service"]["mend"] == f"curl -sS {url}"


def test_tokens_that_everybody_may_read_are_hidden_by_the_command(
    operator: Operator, tmp_path: Path
) -> None:
    (file,) = written(tmp_path, registration())
    config = tmp_path / "with-services.toml"
    config.write_text(f"app_services = ['{file}']", "utf-8")
    Path(file).chmod(0o644)
    mend = wrong(operator, "--config", str(config))["service"]["mend"]
    subprocess.run(mend, shell=True, check=True)  # noqa: S602 - as it is pasted
    assert "service" not in wrong(operator, "--config", str(config))


def test_a_registration_that_is_wrong_is_told(operator: Operator, tmp_path: Path) -> None:
    (file,) = written(tmp_path, registration(id=7))
    config = tmp_path / "with-services.toml"
    config.write_text(f"app_services = ['{file}']", "utf-8")
    said = operator.types("doctor", "--json", "--config", str(config))
    assert said.status == 1
    assert "has a 'id' that is not a text" in said.json["findings"][-1]["says"]


async def test_what_others_may_read_is_mended_by_the_command(
    operator: Operator, tmp_path: Path
) -> None:
    await operator.has_started_a_server()
    credentials = tmp_path / "the key of the bucket"
    credentials.write_text("id secret")
    for path in (credentials, operator.data_dir / "privity.db"):
        path.chmod(0o644)
    operator.data_dir.chmod(0o755)
    config = Config(data_dir=operator.data_dir, media_s3_credentials=str(credentials))
    assert len(list(ailments.of_folder(config))) == 3
    for finding in ailments.of_folder(config):
        await asyncio.to_thread(subprocess.run, ["sh", "-c", finding.mend], check=True)
    assert [finding.is_well for finding in ailments.of_folder(config)] == [True]
    assert wrong(operator) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("unsafe_no_rate_limits = true", "unsafe_no_rate_limits weakens this server"),
        ('public_url = "http://chat.example.org"', "in clear"),
        ("lisen = 'x'", "'lisen' is not a configuration key"),
        ("listen = 8008", "'listen' takes a text in quotes"),
        ("listen = ", "cannot be read"),
        ("media_s3_bucket = 'm'\nmedia_s3_credentials = '/nowhere'", "does not hold a key's id"),
    ],
)
async def test_a_configuration_that_weakens_or_is_none_is_told(
    operator: Operator, tmp_path: Path, text: str, says: str
) -> None:
    await operator.has_started_a_server()
    file = tmp_path / "privity.toml"
    file.write_text(text, "utf-8")
    said = operator.types("doctor", "--json", "--config", str(file))
    about = [each for each in said.json["findings"] if each["about"] == "configuration"]
    assert (said.status, len(about)) == (1, 1)
    assert says in about[0]["says"]
    assert str(file) in about[0]["mend"]


def damage(database: Path) -> None:
    with database.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(4096))


def make_nonsense(database: Path) -> None:
    database.write_bytes(b"nonsense" * 1000)


@pytest.mark.parametrize("harm", [damage, make_nonsense])
async def test_a_damaged_database_is_told(operator: Operator, harm: Callable[[Path], None]) -> None:
    await operator.has_started_a_server()
    for beside in operator.data_dir.glob("*.db-*"):
        beside.unlink()
    harm(operator.data_dir / "privity.db")
    found = wrong(operator)
    assert found.keys() == {"database"}
    assert ".recover" in found["database"]["mend"]


def test_an_empty_database_is_told(operator: Operator) -> None:
    operator.data_dir.mkdir(mode=0o700)
    (operator.data_dir / "privity.db").touch(mode=0o600)
    assert "no tables yet" in wrong(operator)["database"]["says"]


async def change(operator: Operator, sql: str) -> None:
    def job(tx: WriteTx) -> int:
        return tx.run(sql)

    async with open_house(Config(data_dir=operator.data_dir)) as house:
        await house.store.write(job)


@pytest.mark.parametrize(
    ("sql", "about", "says"),
    [
        ("DELETE FROM migrations WHERE number = 2", "database", "older version"),
        ("INSERT INTO migrations (number, name) VALUES (9999, 'x')", "database", "newer version"),
        ("DELETE FROM server", "identity", "no name and no key"),
        ("DELETE FROM server WHERE name = 'key_seed'", "identity", "damaged"),
        ("UPDATE server SET value = x'00' WHERE name = 'key_seed'", "identity", "damaged"),
        (FROM_THE_FUTURE, "clock", "behind"),
    ],
)
async def test_a_database_that_does_not_fit_is_told(
    operator: Operator, sql: str, about: str, says: str
) -> None:
    await operator.has_started_a_server()
    await change(operator, sql)
    found = wrong(operator)
    assert found.keys() == {about}
    assert says in found[about]["says"]


async def test_another_name_than_the_databases_is_told(operator: Operator, tmp_path: Path) -> None:
    await operator.has_started_a_server()
    file = tmp_path / "privity.toml"
    file.write_text('server_name = "other.test"', "utf-8")
    found = wrong(operator, "--config", str(file))
    assert SERVER_NAME in found["identity"]["mend"]


def test_something_else_at_the_address_is_told(operator: Operator) -> None:
    class Another(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Another) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        listen = f"127.0.0.1:{server.server_port}"
        (finding,) = ailments.of_server(Config(listen=listen, data_dir=operator.data_dir))
        server.shutdown()
    assert "something else answers" in finding.says
    assert finding.mend


async def test_the_doctor_changes_nothing(operator: Operator) -> None:
    await operator.has_started_a_server()
    database = operator.data_dir / "privity.db"
    before = database.read_bytes()
    wrong(operator)
    assert database.read_bytes() == before


@pytest.mark.real
async def test_a_postgresql_is_looked_at_too(operator: Operator, postgres: Cluster) -> None:
    address = postgres.database()
    operator.data_dir.mkdir(mode=0o700)
    assert "no tables yet" in wrong(operator, "--database", address)["database"]["says"]
    await operator.has_started_a_server(database=address)
    assert wrong(operator, "--database", address) == {}
    said = operator.types("invite", "ann@example.org", "--json", "--database", address)
    assert said.status == 0
    assert "Nobody has an account" in operator.types("user", "list", "--database", address).out


def test_a_postgresql_that_is_away_is_told(operator: Operator) -> None:
    operator.data_dir.mkdir(mode=0o700)
    address = f"postgresql://127.0.0.1:{free_port()}/privity"
    found = wrong(operator, "--database", address)
    assert "systemctl status postgresql" in found["database"]["mend"]
    said = operator.types("user", "list", "--database", address)
    assert said.status == 1
    assert "Try: privity doctor" in said.err


async def test_media_whose_file_is_lost_is_told_with_the_way_to_get_it_back(
    operator: Operator, tmp_path: Path
) -> None:
    async with World(data_dir=operator.data_dir) as world:
        ann = await world.person("ann")
        await upload(ann, b"one")
        path = f"{MEDIA}/download/{await upload(ann, b'another')}"
        assert operator.types("backup", str(tmp_path / "backup.tar")).status == 0
        (lost,) = (file for file in files_in(world) if file.read_bytes() == b"another")
        lost.unlink()
        found = wrong(operator)["media"]
        assert found["says"] == "1 of 2 files are lost"
        mend = found["mend"].replace("BACKUP", str(tmp_path / "backup.tar"))
        done = await asyncio.create_subprocess_shell(mend)
        assert await done.wait() == 0
        assert (await ann.get(path)).raw == b"another"
