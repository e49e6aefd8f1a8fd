"""Run a Python program with the emulated kernels under sanitizers, in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from kernels.emulation.emulated import COMPILER, SANITIZE

# Both must be in the process before Python is. ASan looks for C++'s exceptions when it starts.
LIBRARIES = {"addresses": ("libasan.so", "libstdc++.so"), "threads": ("libtsan.so",)}
OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=0:halt_on_error=0",  # Python leaves to the system what it held to the end
    "UBSAN_OPTIONS": "print_summary=1:report_error_type=1",
    "TSAN_OPTIONS": "exitcode=0",  # what was found is read from the text, for all three alike
}
# ThreadSanitizer of older compilers can't place its memory where the system spreads addresses wider than this.
SPREAD, WIDEST = Path("/proc/sys/vm/mmap_rnd_bits"), 28


class Sanitized(NamedTuple):
    """What a program printed, how it ended, and what the sanitizers found, in order."""

    status: int
    printed: str
    found: list[str]


def sanitized(sanitize: str, *arguments: str) -> Sanitized:
    """Run `python ARGUMENTS` under "addresses" (AddressSanitizer, UndefinedBehaviorSanitizer) or "threads"."""
    paths = (
        subprocess.check_output([*COMPILER, f"-print-file-name={each}"], text=True) for each in LIBRARIES[sanitize]
    )
    environment = {
        **os.environ,
        **OPTIONS,
        SANITIZE: sanitize,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),  # as the tests find their modules
        "LD_PRELOAD": ":".join(str(Path(path.strip()).resolve()) for path in paths),
        "OMP_NUM_THREADS": "1",  # torch's own threads are not what is looked at
    }
    wide = SPREAD.exists() and int(SPREAD.read_text()) > WIDEST
    command = [*(("setarch", "--addr-no-randomize") if wide else ()), sys.executable, *arguments]
    done = subprocess.run(command, env=environment, text=True, capture_output=True)
    printed = done.stdout + done.stderr
    return Sanitized(done.returncode, printed, re.findall(r"SUMMARY: (\w+Sanitizer: .*)", printed))
