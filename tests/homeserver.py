"""The real server in a child process, as an operator starts it: for tests over a real socket."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

import httpx

SERVER_NAME = "privity.test"
READY = "privity: ready"
MOST_START_S = 20
MOST_STOP_S = 5
LOG_TAIL_CHARACTERS = 4000


class Account(NamedTuple):
    """A person who has just registered."""

    user_id: str
    access_token: str
    device_id: str


class NotReady(AssertionError):  # noqa: N818 - named for what happened
    """The server did not start. The text has the end of its log."""


class Homeserver:
    """One server with its data folder, which survives `stop`, `kill` and the next `start`.

    As a context it runs from entering to leaving. `config` is the text of a TOML file. Standard
    error goes to `DATA_DIR.log`.
    """

    def __init__(self, data_dir: Path, *, database: str = "", config: str = "") -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = data_dir.with_name(f"{data_dir.name}.log")
        self._which = ["--data-dir", str(data_dir)]
        if database:
            self._which += ["--database", database]
        if config:
            config_file = data_dir.with_name(f"{data_dir.name}.toml")
            config_file.write_text(config, "utf-8")
            self._which += ["--config", str(config_file)]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start and wait for the ready line. Raises `NotReady`."""
        here = ["--listen", f"127.0.0.1:{self.port}", "--server-name", SERVER_NAME]
        with self.log_file.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "privity", "serve", *here, *self._which],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        line = first_line(self._process.stdout)
        if not line.startswith(READY) or self.url not in line:
            self.kill()
            message = f"the server said {line!r} instead of {READY!r}:\n{self.log_tail()}"
            raise NotReady(message)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def stop(self) -> None:
        """SIGTERM: it must drain and end with status 0 within 5 s."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(MOST_STOP_S)
        except subprocess.TimeoutExpired as still_running:
            process.kill()
            process.wait()
            message = f"the server took more than {MOST_STOP_S} s to stop:\n{self.log_tail()}"
            raise AssertionError(message) from still_running
        assert status == 0, f"the server ended with {status}:\n{self.log_tail()}"

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def log_tail(self) -> str:
        """The end of what the server wrote to standard error."""
        return self.log_file.read_text("utf-8", errors="replace")[-LOG_TAIL_CHARACTERS:]

    def invite(self, address: str, *, admin: bool = False) -> str:
        """A single-use registration token, made by the command line; the server may be running."""
        words = ["invite", address, "--json", *self._which, *(["--admin"] if admin else [])]
        done = subprocess.run(
            [sys.executable, "-m", "privity", *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"privity invite failed: {done.stderr}"
        invitation = json.loads(done.stdout)
        assert invitation.keys() == {"token", "link", "expires_ts"}, invitation.keys()
        return str(invitation["token"])

    def register(self, localpart: str, password: str, *, admin: bool = False) -> Account:
        """A new account through the UIA stages that the server asks for, one after another."""
        token = self.invite(f"{localpart}@example.org", admin=admin)
        wanted = {"username": localpart, "password": password}
        with httpx.Client(base_url=self.url) as client:
            answer = _register(client, wanted, {})
            while answer.status_code == httpx.codes.UNAUTHORIZED:
                answer = _register(client, wanted, _next_stage(answer.json(), token))
        assert answer.status_code == httpx.codes.OK, answer.text
        made = answer.json()
        return Account(made["user_id"], made["access_token"], made["device_id"])


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


def first_line(stream: IO[str]) -> str:
    """The first line of `stream`, or nothing after `MOST_START_S`. The rest is read away."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        with stream:
            lines.put(stream.readline())
            for _ in stream:
                pass

    threading.Thread(target=read, daemon=True).start()
    try:
        return lines.get(timeout=MOST_START_S)
    except queue.Empty:
        return ""


def _register(client: httpx.Client, wanted: dict[str, str], auth: dict[str, Any]) -> httpx.Response:
    body = {**wanted, "auth": auth} if auth else wanted
    return client.post("/_matrix/client/v3/register", json=body)


def _next_stage(asked: dict[str, Any], token: str) -> dict[str, Any]:
    assert "error" not in asked, f"a stage was refused: {asked['error']}"
    stages = {
        "m.login.registration_token": {"type": "m.login.registration_token", "token": token},
        "m.login.dummy": {"type": "m.login.dummy"},
    }
    completed = asked.get("completed", [])
    flow = next((f for f in asked["flows"] if set(f["stages"]) <= stages.keys()), None)
    assert flow is not None, f"no flow that an invited person can pass: {asked['flows']}"
    stage = next(stage for stage in flow["stages"] if stage not in completed)
    return {**stages[stage], "session": asked["session"]}
