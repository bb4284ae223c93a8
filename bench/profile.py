"""Where a server's time goes while it is loaded: py-spy, as a text to read and a flame graph."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

SAMPLES_PER_S = 250
LINES = 45
MADE = "(<string>)"
_OVERHEAD_S = 30


class Profiler:
    """Samples a process during each window, and writes `FOLDER/WHAT.{txt,folded}`.

    The second is for flame graphs (speedscope and its like read it).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._what = ""
        self._spy: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def begin(self, pid: int, what: str) -> None:
        """Start sampling. Threads are told apart; waiting ones are left out."""
        self._what = re.sub(r"\W+", "-", what)
        self._pid = pid
        self._path("folded").unlink(missing_ok=True)
        self._before_us = _threads_us(pid)
        command = [Path(sys.executable).with_name("py-spy"), "record", "--pid", str(pid)]
        command += ["--format", "raw", "--rate", str(SAMPLES_PER_S), "--threads", "--nonblocking"]
        command += ["--duration", "600", "--output", self._path("folded")]
        self._spy = subprocess.Popen(
            [str(word) for word in command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def end(self) -> None:
        """Stop sampling and write what was seen."""
        assert self._spy is not None
        spent_us = _threads_us(self._pid) - self._before_us
        self._spy.send_signal(signal.SIGINT)
        self._spy.wait(_OVERHEAD_S)
        if not self._path("folded").exists():
            print(f"profile: {self._what} was over before anything was seen")
            return
        stacks = read_stacks(self._path("folded"))
        threads = _table(
            "CPU time by thread, from the system", spent_us, spent_us.total() or 1, "us"
        )
        self._path("txt").write_text(f"{threads}\n\n{summary(stacks)}", "utf-8")
        print(f"profile: {self._path('txt')}")

    def _path(self, kind: str) -> Path:
        return self._folder / f"{self._what}.{kind}"


Stacks = list[tuple[list[str], int]]


def read_stacks(folded: Path) -> Stacks:
    """Stacks (outermost first, the thread before all) and how often each was seen."""
    stacks: Stacks = []
    for line in folded.read_text("utf-8").splitlines():
        frames, _, count = line.rpartition(" ")
        stacks.append((frames.split(";"), int(count)))
    return stacks


def summary(stacks: Stacks) -> str:
    """Shares by thread, by function in itself, and by function with all that it called."""
    threads: Counter[str] = Counter()
    itself: Counter[str] = Counter()
    with_callees: Counter[str] = Counter()
    for frames, count in stacks:
        functions = [_without_line(frame) for frame in frames]
        functions = [functions[0], *map(_named, functions, functions[1:])]
        threads[functions[0]] += count
        itself[functions[-1]] += count
        with_callees.update(dict.fromkeys(set(functions[1:]), count))
    return "\n\n".join(
        _table(title, counts, threads.total() or 1, "samples")
        for title, counts in (
            ("seen by thread, waiting for the disk included", threads),
            ("in the function itself", itself),
            ("with all that it called", with_callees),
        )
    )


def _table(title: str, counts: Counter[str], total: int, unit: str) -> str:
    lines = [f"{100 * count / total:6.1f} %  {name}" for name, count in counts.most_common(LINES)]
    return "\n".join([f"{title} ({total:,} {unit})", *lines])


def _threads_us(pid: int) -> Counter[str]:
    """Microseconds on a core of each thread so far, by number and name."""
    found: Counter[str] = Counter()
    for task in Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text("utf-8").strip()
        found[f"{name} {task.name}"] = (
            int((task / "schedstat").read_text("utf-8").split()[0]) // 1000
        )
    return found


def _named(caller: str, function: str) -> str:
    """A function that was made, as a dataclass's `__init__` is, is known by who called it."""
    return f"{function} from {caller}" if function.endswith(MADE) else function


def _without_line(frame: str) -> str:
    """`send (privity/rooms/send.py:41)` as `send (privity/rooms/send.py)`."""
    name, colon, line = frame.rpartition(":")
    return f"{name})" if colon and line.rstrip(")").isdecimal() else frame
