"""What a step had started ends with it; what was there before stays."""

import subprocess
import sys

import psutil
import pytest

from orchestration.child_processes import none_left

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STARTS_ANOTHER = [
    sys.executable,
    "-c",
    f"import subprocess; subprocess.Popen({SLEEP!r}).wait()",
]


def test_what_was_started_in_a_broken_step_is_ended_with_its_own_children() -> None:
    before = subprocess.Popen(SLEEP)
    try:
        with pytest.raises(OSError, match="No space"), none_left():
            inside = psutil.Process(subprocess.Popen(STARTS_ANOTHER).pid)
            while not inside.children():
                pass
            family = [inside, *inside.children()]
            raise OSError("No space left on device")
        assert not any(one.is_running() and one.status() != "zombie" for one in family)
        assert before.poll() is None
    finally:
        before.kill()
        before.wait()


def test_pythons_own_helper_is_left_alone() -> None:
    with none_left():
        helper = subprocess.Popen([*SLEEP, "multiprocessing.resource_tracker"])
    assert helper.poll() is None
    helper.kill()
    helper.wait()
