"""What docs/deploy says is right: flags, files, sizes and times, by the programs that read it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from privity.api.app import router
from privity.api.sync import LONGEST_WAIT_MS
from privity.cli.listening import DRAIN_S
from privity.config import Config
from privity.main import parser

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "docs" / "deploy"
UNITS = ("privity.service", "privity@.service")


def read(name: str) -> str:
    """One of the files."""
    return (DEPLOY / name).read_text("utf-8")


def program(name: str) -> str:
    """A program of the system; without it the test is skipped, and says so."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"NOT TESTED: {name} is not installed")
    return found


def in_unit(unit: str, name: str) -> str:
    """The value of a key of a unit."""
    (value,) = re.findall(rf"^{name}=(.*)$", read(unit), re.MULTILINE)
    return str(value)


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_starts_a_command_that_there_is(unit: str) -> None:
    words = shlex.split(in_unit(unit, "ExecStart"))[1:]
    assert parser().parse_args(words).config is not None
    assert int(in_unit(unit, "TimeoutStopSec")) > DRAIN_S
    assert int(in_unit(unit, "StartLimitIntervalSec")) == 0, "a database that is away would end it"


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_a_unit(unit: str, tmp_path: Path) -> None:
    verify = program("systemd-analyze")
    name = unit.replace("@", "@8008")
    text = read(unit).replace("/opt/privity/bin/privity", "/bin/true")
    (tmp_path / name).write_text(text.replace("User=privity", "User=daemon"), "utf-8")
    said = subprocess.run(
        [verify, "verify", str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    complaints = [line for line in said.stderr.splitlines() if name in line]
    assert complaints == []


def test_the_image_starts_a_command_that_there_is_and_asks_for_a_path_that_there_is() -> None:
    file = read("Containerfile")
    (words,) = re.findall(r'^CMD \["(.*)"\]$', file, re.MULTILINE)
    parser().parse_args(words.split('", "'))
    (path,) = re.findall(r"urlopen\('http://127.0.0.1:8008(/\w+)'", file)
    assert router().find("GET", path) is not None
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", file, re.MULTILINE):
        assert all((ROOT / source).exists() for source in sources.split())
    assert re.search(r"^USER privity$", file, re.MULTILINE)


def test_what_is_composed_starts_commands_that_there_are() -> None:
    services = yaml.safe_load(read("compose.yaml"))["services"]
    assert set(services) == {"a", "b", "db", "caddy"}
    for name in ("a", "b"):
        parser().parse_args(services[name]["command"])
        assert services[name]["cap_drop"] == ["ALL"]


def test_balancers_take_the_largest_upload_and_wait_for_the_longest_sync() -> None:
    mebibytes = Config().max_upload_bytes // 2**20
    nginx, caddy = read("nginx.conf"), read("Caddyfile")
    assert f"client_max_body_size {mebibytes}m;" in nginx
    assert f"max_size {mebibytes}MiB" in caddy
    for file, key in ((nginx, "proxy_read_timeout"), (caddy, "response_header_timeout")):
        (seconds,) = re.findall(rf"{key} (\d+)s", file)
        assert int(seconds) * 1000 > LONGEST_WAIT_MS


def test_nginx_writes_nothing_down_and_believes_no_client() -> None:
    file = read("nginx.conf")
    assert "access_log off;" in file
    assert re.search(r"error_log .* crit;", file)
    assert "X-Forwarded-For $remote_addr;" in file
    assert "$proxy_add_x_forwarded_for" not in file


@pytest.mark.real
def test_nginx_understands_its_file(tmp_path: Path) -> None:
    nginx = program("nginx")
    key, certificate = tmp_path / "key", tmp_path / "pem"
    make = f"req -x509 -newkey ed25519 -nodes -days 1 -subj /CN=x -keyout {key} -out {certificate}"
    subprocess.run([program("openssl"), *make.split()], check=True, capture_output=True)
    text = read("nginx.conf").replace("/var/log/nginx/error.log", str(tmp_path / "log"))
    text = text.replace("/etc/ssl/chat.example.org.pem", str(certificate))
    text = text.replace("/etc/ssl/chat.example.org.key", str(key))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}}}\n", "utf-8")
    said = subprocess.run(
        [nginx, "-t", "-e", str(tmp_path / "log"), "-c", str(whole)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr


@pytest.mark.real
def test_caddy_understands_its_file() -> None:
    said = subprocess.run(
        [program("caddy"), "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
