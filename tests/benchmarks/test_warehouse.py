"""The tables of the benchmark: ratios to the first size, and who grew faster than the rows."""

from tests.benchmarks.warehouse import Built, builds_table, models_table


def built(size: int, seconds: dict[str, float]) -> Built:
    rows = {"staging.stg_cases__cases": 100 * size, "marts.fct_cost": 200 * size}
    return Built(10 * size, 100 * size, rows, 5.0 * size, 4.0 * size, 1_000_000 * size, seconds)


def cells(table: object, column: int) -> list[str]:
    return [str(cell) for cell in table.columns[column].cells]  # type: ignore[attr-defined]


def test_every_size_is_told_beside_the_first() -> None:
    table = builds_table([built(1, {}), built(3, {})])
    assert cells(table, 2) == ["1.0", "3.0"]
    assert cells(table, 4) == ["3.00", "3.00"]
    assert cells(table, 8) == ["1.0", "3.0"]


def test_a_model_that_grows_faster_than_the_rows_is_named() -> None:
    first, last = (
        built(1, {"even": 1.0, "square": 1.0, "short": 0.01}),
        built(3, {"even": 3.0, "square": 9.0, "short": 0.4}),
    )
    table = models_table(first, last)
    assert dict(zip(cells(table, 0), cells(table, 4), strict=True)) == {
        "square": "yes",
        "even": "",
        "short": "",
    }
