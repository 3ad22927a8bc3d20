"""Costs and measures against the simulator's truth: which posting was really of which measure."""

import sys
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import Municipality

pytestmark = pytest.mark.slow

# A divided posting is right as far as a share and the true share of its measure go together.
JUDGED = """
with truth as (
    select posting_id, measure_id, sum(cast(amount as decimal(18, 2))) as amount
    from read_csv('{truth}', all_varchar = true)
    where measure_id <> '' and posting_id in (select posting_id from marts.fct_cost)
    group by all
),
found as (
    select posting_id, measure_id, match_method, sum(amount) as amount
    from marts.fct_cost inner join marts.fct_measure using (measure_key)
    group by all
)
select
    coalesce(found.match_method, 'unmatched') as method,
    sum(abs(coalesce(found.amount, 0))) as tied,
    sum(abs(coalesce(truth.amount, 0))) as due,
    sum(
        case
            when found.amount * truth.amount > 0 then least(abs(found.amount), abs(truth.amount))
            else 0
        end
    ) as right_amount
from found
full outer join truth using (posting_id, measure_id)
group by method
order by tied desc
"""


def test_costs_find_their_measures(night: Municipality, exports: Path) -> None:
    truth = (exports / "truth" / "matches.csv").as_posix()
    with duckdb.connect(str(night.current / "serving.duckdb"), read_only=True) as connection:
        rows = connection.execute(JUDGED.format(truth=truth)).fetchall()
    due = sum(float(row[2]) for row in rows)
    tied = sum(float(row[1]) for row in rows)
    right = sum(float(row[3]) for row in rows)
    told = [f"\n{'method':30}{'amount':>16}{'precision':>11}{'of recall':>11}"]
    for method, amount, _, good in rows:
        precision = f"{float(good) / float(amount):.4f}" if amount else "-"
        told.append(f"{method:30}{amount:16,.2f}{precision:>11}{float(good) / due:11.4f}")
    told.append(f"{'all':30}{tied:16,.2f}{right / tied:11.4f}{right / due:11.4f}")
    sys.stdout.write("\n".join(told) + "\n")
    assert right / tied >= 0.99
    assert right / due >= 0.97


def test_a_divided_posting_and_a_correction_tell_of_themselves(night: Municipality) -> None:
    with duckdb.connect(str(night.current / "serving.duckdb"), read_only=True) as connection:
        [(divided, corrected, confident)] = connection.execute(
            """select count(distinct posting_id) filter (where share_number > 1),
            count(*) filter (where corrects_posting_id is not null),
            bool_and((match_confidence = 0) = (match_method = 'unmatched')) from marts.fct_cost"""
        ).fetchall()
    assert divided > 10
    assert corrected > 10
    assert confident
