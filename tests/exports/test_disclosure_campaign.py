"""A sample of `make disclosure`: three sizes of municipality, nothing worked out, cells lost."""

from tests.exports.disclosure_campaign import attacked, measured_table, municipalities


def test_nothing_that_is_hidden_can_be_worked_out_at_any_size() -> None:
    outcomes = [attacked(*one) for one in municipalities(3, seed=2)]
    assert [one.reconstructed for one in outcomes] == [0, 0, 0]
    hidden = [(one.primary + one.complementary) / one.cells for one in outcomes]
    assert hidden == sorted(hidden, reverse=True)
    assert all(0 < share < 1 for share in hidden)
    # The attack works: what only rests on too few itself, hidden alone, is not safe.
    assert all(one.complementary for one in outcomes)
    assert any(one.reconstructed_of_primary for one in outcomes)
    assert measured_table(outcomes).row_count == 4
