"""The emulated kernels under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer."""

import re
from pathlib import Path

import pytest

from kernels.emulation.emulated import NEEDS_COMPILER
from kernels.emulation.sanitized import sanitized

pytestmark = [pytest.mark.kernels, NEEDS_COMPILER]

HERE = Path(__file__).parent
SAMPLES = (HERE / "samples/fused.cu").read_text().splitlines()
FAULTS = {
    "addresses": {
        ("AddressSanitizer: heap-buffer-overflow", "read_past_the_end"),
        ("UndefinedBehaviorSanitizer: signed-integer-overflow", "add_past_the_largest_int"),
    },
    "threads": {
        ("ThreadSanitizer: data race", "least_by_race"),
        ("ThreadSanitizer: data race", "total_without_barrier"),
    },
}


def what_and_where(finding):
    """Split one line of a sanitizer into the error and the sample kernel that it is in."""
    what, line = re.fullmatch(r"(.*) kernels\.emulation\.samples/fused\.cu:(\d+).*", finding).groups()
    declared = [text for text in SAMPLES[: int(line)] if "__global__" in text]
    return what, re.search(r"void (\w+)", declared[-1])[1]


@pytest.mark.parametrize("sanitize", FAULTS)
def test_planted_faults_are_found_and_their_sound_twins_are_passed(sanitize):
    faults = FAULTS[sanitize]
    done = sanitized(sanitize, str(HERE / "faults.py"), "total", "least", *sorted(kernel for _, kernel in faults))
    assert done.status == 0, done.printed
    assert set(map(what_and_where, done.found)) == faults, done.printed


@pytest.mark.parametrize("subject", ["emulation", "layout_emulated", "mst_emulated"])
@pytest.mark.parametrize("sanitize", FAULTS)
def test_nothing_is_found(sanitize, subject):
    # Not those about an error, or the order of blocks, which run at once for ThreadSanitizer; nor what only takes time.
    sound = "not left_out and not rising_order and not 1024 and not number_of_axes"
    tests = str(HERE / f"test_{subject}.py")
    # --capture=no: pytest would keep to itself what is found in a test that passes.
    command = ("-m", "pytest", "-q", "--capture=no", "-p", "no:cacheprovider", "-k", sound, tests)
    done = sanitized(sanitize, *command)
    assert not done.found, done.printed
    assert done.status == 0, done.printed
