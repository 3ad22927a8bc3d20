"""A small sample of what `make fuzz` searches for: every seed, and some hundreds of made inputs."""

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.fuzz.harness import READ, REFUSED, TARGETS, seeds

HEADER = b"posting_id,posting_date,year,account,amount,cpr,text\n"
CELLS = st.sampled_from(
    [b"P1", b"2024-03-01", b"2024", b"5.28.20", b"1.50", b"1.500", b"@", b"x @ y", b'"', b"", b"\r",
     b"\n", b",", b";", b"\xff", b"\0", b"-", b"9999-12-31", b'"a,b"', b'"a\nb"', b"582211010"]
)  # fmt: skip
FILES = st.builds(
    lambda cells, header, loose: (HEADER if header else b"") + b",".join(cells) + loose,
    st.lists(CELLS, max_size=40),
    st.booleans(),
    st.binary(max_size=30),
)


@pytest.mark.parametrize("target", ["account", "masking"])
@settings(deadline=None, max_examples=300)
@given(data=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_bytes_of_a_value(target: str, data: bytes) -> None:
    assert TARGETS[target](data) in (READ, REFUSED)


@pytest.mark.parametrize(
    ("target", "outcomes"),
    [("account", {READ, REFUSED}), ("masking", {READ}), ("csv_reader", {READ, REFUSED})],
)
def test_seeds_lead_to_every_outcome(target: str, outcomes: set[str]) -> None:
    assert {TARGETS[target](seed) for seed in seeds(target)} == outcomes


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.one_of(FILES, st.binary(max_size=200)))
@example(data=b"a")
def test_any_bytes_of_a_file(data: bytes) -> None:
    assert TARGETS["csv_reader"](data) in (READ, REFUSED)


@settings(
    deadline=None,
    max_examples=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a load takes too long to shrink by
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=FILES)
def test_any_bytes_of_a_load(data: bytes) -> None:
    assert TARGETS["whole_load"](data) in (READ, REFUSED)
