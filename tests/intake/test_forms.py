"""Forms: what a profile may say about files, and what it may not."""

import pytest

from orchestration.intake.forms import FileForm, FixedWidth, NumberForm, SignColumn


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"separator": ";;"}, "one character"),
        ({"format": "fixed_width"}, "needs fixed_width"),
        ({"title_rows": -1}, "from 0"),
        ({"totals": ["I alt ("]}, "not a regular expression"),
        ({"serial_dates": True, "dates": ["%d%m%y"]}, "read in two ways"),
        ({"number": {"implied_decimals": 2, "thousands": " "}}, "implied decimals"),
    ],
)
def test_a_form_that_contradicts_itself(form: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        FileForm.model_validate(form)


def test_serial_dates_stand_beside_dates_of_eight_digits() -> None:
    assert FileForm(serial_dates=True, dates=("%Y%m%d", "%d-%m-%y")).serial_dates


def test_one_mark_cannot_be_two() -> None:
    with pytest.raises(ValueError, match="must differ"):
        NumberForm(decimal=".", thousands=".")


def test_a_word_has_one_sign() -> None:
    with pytest.raises(ValueError, match="both positive and negative"):
        SignColumn(names=("DK",), positive=("D",), negative=("d",))


def test_columns_of_a_line_have_names_of_their_own() -> None:
    column = {"name": "CPR", "start": 1, "width": 10}
    with pytest.raises(ValueError, match="same name"):
        FixedWidth.model_validate({"columns": [column, column]})
