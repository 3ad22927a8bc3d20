"""Everything but a kill of the night: a full disk, a source cut off, the database gone, …

What belongs here: one function a fault, which disturbs a night and returns its row. What does not:
what must hold afterwards (trial).
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from tests.faults.stage import Night, Stage, deliver, lines
from tests.faults.trial import Fault
from tests.servers.postgresql import PostgreSQL

_UNNOTICED = 0.7
"""A delivery with at least this share of the last one's rows is not stopped (limits)."""
_PUBLISHING = 5
"""How many lines a night has told when it begins to publish."""


def two_at_once() -> Fault:
    """Two runs started together: one does the night, the other waits and finds nothing new."""

    def disturb(night: Night) -> str:
        pair = [night.start("run"), night.start("run")]
        texts = [process.communicate()[0] for process in pair]
        quiet = sum("Nothing is new" in text for text in texts)
        return f"exits {[process.returncode for process in pair]}, {quiet} found nothing new"

    return Fault("two", "two runs started at once", disturb)


def cut_off(stage: Stage, share: float) -> Fault:
    """An export that ends in the middle of a row; then the whole one arrives."""

    def disturb(night: Night) -> str:
        ledger = night.folder / "exports" / "finance" / "postings.csv"
        content = ledger.read_bytes()
        ledger.write_bytes(content[: int(len(content) * share)])
        done = night.run("run")
        deliver(stage.after, night.folder / "exports")
        return f"exit {done.returncode}: {_sentence(done.stderr)}"

    name = f"cut-{share:.0%}".rstrip("%")
    # So little is missing that it might be a quiet month: what is left is loaded and published.
    text = f"the ledger's export cut off at {share:.0%}"
    return Fault(name, text, disturb, publishes=share > _UNNOTICED)


def disk_full(spare_megabytes: int) -> Fault:
    """The state folder on a disk with little space; then there is more."""
    fault = f"disk full, {spare_megabytes} MB left when the night began"
    root = sys.platform == "linux" and os.geteuid() == 0
    missing = "" if root else "needs root on Linux, to mount a small disk"

    def disturb(night: Night) -> str:
        small = night.home.with_name("small")
        small.mkdir()
        used = sum(path.lstat().st_size for path in night.home.rglob("*")) // 1_000_000 + 3
        options = f"size={used + spare_megabytes}m,mode=755"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", small], check=True)
        shutil.copytree(night.home, small, symlinks=True, dirs_exist_ok=True)
        # Laid over the folder in one step, whole: readers must never miss it.
        subprocess.run(["mount", "--bind", small, night.home], check=True)
        done = night.run("run")
        subprocess.run(["mount", "-o", "remount,size=2g", small], check=True)
        return f"exit {done.returncode}: {_sentence(done.stderr)}"

    def undo(night: Night) -> None:
        for folder in (night.home, night.home.with_name("small")):
            subprocess.run(["umount", "--lazy", folder], check=False)

    return Fault(f"disk-{spare_megabytes}", fault, disturb, undo, missing)


def database_killed(stage: Stage, seconds: float, away: bool) -> Fault:
    """PostgreSQL killed while it is published to; gone for the night, or back at once."""
    back = "gone for the night" if away else "back at once"
    fault = f"PostgreSQL killed {seconds:.2f} s into its publishing, {back}"
    server = stage.server

    def disturb(night: Night) -> str:
        assert server is not None
        process = night.start("run")
        told = 0
        for told, _ in enumerate(lines(process), start=1):
            if told == _PUBLISHING:
                break
        while process.poll() is None and not _publishing(server):
            time.sleep(0.01)
        time.sleep(seconds)
        killed = process.poll() is None
        server.kill()
        if not away:
            server.restart()
        _, err = process.communicate()
        if away:
            server.restart()
        what = "killed" if killed else "killed after the night's end"
        return f"{what}; exit {process.returncode}: {_sentence(err)}"

    missing = "" if server else "PostgreSQL is not installed"
    return Fault(f"database-{seconds:.2f}-{away}", fault, disturb, missing=missing)


def clock_set_back() -> Fault:
    """A night whose clock says that it is more than a year ago."""
    fault = "clock set back by 400 days"
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    missing = "" if library else "libfaketime is not installed"

    def disturb(night: Night) -> str:
        night.environment |= {
            "LD_PRELOAD": str(library),
            "FAKETIME": "-400d",
            "FAKETIME_DONT_RESET": "1",
            # A clock that runs on, as the monotonic one does.
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        done = night.run("run")
        night.environment = {}
        return f"exit {done.returncode}: {_sentence(done.stderr)}"

    return Fault("clock", fault, disturb, missing=missing)


def hangs(stage: Stage) -> Fault:
    """A child that stands still for ever: the night ends by itself and frees the lock."""
    fault = "dbt stands still; the run's time is up"
    missing = "nothing stops a process there" if sys.platform == "win32" else ""

    def disturb(night: Night) -> str:
        # Enough to reach dbt, however slow the machine is today.
        limit = sum(stage.durations[:1]) * 3 + 30
        night.environment["RAADERUM_NIGHT__MAX_MINUTES"] = str(limit / 60)
        process = night.start("run")
        for _ in lines(process):
            break
        dbt = _child(process.pid, "dbt", "build")
        if dbt is None:
            process.communicate()
            return "dbt was not seen"
        dbt.send_signal(signal.SIGSTOP)
        _, err = process.communicate()
        night.environment = {}
        left = " and dbt is still there" if dbt.is_running() else ""
        return f"exit {process.returncode}{left}: {_sentence(err)}"

    return Fault("hang", fault, disturb, missing=missing)


def _child(pid: int, name: str, doing: str) -> psutil.Process | None:
    """The first child whose command has both words; None where the parent ends before."""
    parent = psutil.Process(pid)
    while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
        for child in parent.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                command = child.cmdline()
                if doing in command and any(Path(part).name == name for part in command):
                    return child
        time.sleep(0.05)
    return None


def _publishing(server: PostgreSQL) -> bool:
    """Whether the night has its connection open."""
    with psycopg.connect(server.url) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where application_name = 'raaderum'"
        ).fetchone()
    return bool(row and row[0])


def _sentence(text: str) -> str:
    """What a command said last of its own accord; nothing where it was content."""
    told = [line for line in text.splitlines() if line.startswith("raaderum: ")]
    return told[-1].removeprefix("raaderum: ")[:140] if told else "-"


def all_faults(stage: Stage, seed: int) -> dict[str, Fault]:
    """Every fault by its name; the moments in the database's publishing are the seed's."""
    chance = random.Random(seed)
    early, middle, late = (chance.uniform(*span) for span in ((0, 0.3), (0.3, 1), (1, 2)))
    return {
        "two": two_at_once(),
        "cut-50": cut_off(stage, 0.5),
        "cut-97": cut_off(stage, 0.97),
        "disk-1": disk_full(1),
        "disk-8": disk_full(8),
        "disk-25": disk_full(25),
        "database-early": database_killed(stage, early, away=True),
        "database-middle": database_killed(stage, middle, away=True),
        "database-late": database_killed(stage, late, away=True),
        "database-back": database_killed(stage, early, away=False),
        "clock": clock_set_back(),
        "hang": hangs(stage),
    }
