"""Coverage-guided fuzzing of one target: `python -m tests.fuzz TARGET SECONDS [FOLDER]`.

Belongs here: starting atheris on a target with its seeds. Does not: the targets (harness). What
is found stays in FOLDER as `crash-…`, so that it can become a test.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["orchestration.intake"]):
    from tests.fuzz import harness


def main() -> None:
    """Fuzz until the time is over or something is found (then the exit code is not 0)."""
    target, seconds = sys.argv[1], sys.argv[2]
    folder = Path(sys.argv[3] if len(sys.argv) > 3 else "var/fuzz") / target
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(harness.seeds(target)):
        (corpus / f"seed-{number:03d}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", "-timeout=60", "-print_final_stats=1"]
    options += [
        f"-max_len={harness.LONGEST[target]}",
        f"-artifact_prefix={folder}/",
        "-rss_limit_mb=3000",
    ]
    atheris.enabled_hooks.add("RegEx")  # what a pattern looks for is told to the search

    def attempt(data: bytes) -> None:
        harness.TARGETS[target](data)

    atheris.Setup([sys.argv[0], *options, str(corpus)], attempt)
    atheris.Fuzz()


main()
