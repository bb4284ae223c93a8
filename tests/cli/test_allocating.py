"""What the server gives back can be handed out again."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

COUNTING = """
import ctypes, re, sys, threading
from privity.cli.allocating import hand_out_sparingly

libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
assert sys.argv[1] == "as it comes" or hand_out_sparingly()
for _ in range(4):
    thread = threading.Thread(target=lambda: libc.malloc(1000))
    thread.start()
    thread.join()
told = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, ctypes.c_void_p(told))
libc.fclose(ctypes.c_void_p(told))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told")
@pytest.mark.parametrize("way", ["as it comes", "sparingly"])
def test_threads_get_no_heap_of_their_own(way: str) -> None:
    command = [sys.executable, "-c", COUNTING, way]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert (told.count("<heap ") == 1) == (way == "sparingly")
