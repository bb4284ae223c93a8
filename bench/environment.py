"""A virtual environment of its own for what is not ours, made once from a locked file."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"


def environment(name: str) -> Path:
    """The python of `.cache/bench-NAME`, holding what `bench/requirements-NAME.txt` locks.

    Made again when that file has changed. Raises `subprocess.CalledProcessError` when pip fails.
    """
    locked = ROOT / "bench" / f"requirements-{name}.txt"
    folder = CACHE / f"bench-{name}"
    made_from = folder / "made-from"
    digest = hashlib.sha256(locked.read_bytes()).hexdigest()
    python = folder / "bin" / "python"
    if made_from.exists() and made_from.read_text("utf-8") == digest:
        return python
    print(f"bench: making the virtual environment of {name}, once", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "-r",
        locked,
    ]
    subprocess.run(install, check=True)
    made_from.write_text(digest, "utf-8")
    return python
