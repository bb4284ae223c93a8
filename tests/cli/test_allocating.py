"""What the server gives back can be handed out again."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

COUNTING = """
import ctypes, re, sys, threading
from privity.cli.allocating import LARGE_BYTES, hand_out_sparingly

libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
assert sys.argv[1] == "as it comes" or hand_out_sparingly()
libc.free(ctypes.c_void_p(libc.malloc(10 * LARGE_BYTES)))  # what teaches it to give back less
is_outside = libc.malloc(2 * LARGE_BYTES) % 4096 == 16  # at the beginning of its own pages
for _ in range(4):
    thread = threading.Thread(target=lambda: libc.malloc(1000))
    thread.start()
    thread.join()
print(is_outside, flush=True)
told = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, ctypes.c_void_p(told))
libc.fclose(ctypes.c_void_p(told))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told")
@pytest.mark.parametrize("way", ["as it comes", "sparingly"])
def test_there_is_one_heap_and_what_is_large_is_outside_of_it(way: str) -> None:
    command = [sys.executable, "-c", COUNTING, way]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    is_sparing = way == "sparingly"
    assert (told.count("<heap ") == 1) == is_sparing
    assert told.startswith("True\n") == is_sparing
