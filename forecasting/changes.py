"""What a scenario says: its changes, each with a start, a ramp, an amount and an uncertain effect.

Belongs here: the shape of a scenario file and what is refused of it. Does not belong here: reading
the file (the caller's), what a change does to a forecast (`scenarios.py`).

An uncertain number is `0.2`, or `{low: 0.1, expected: 0.2, high: 0.35}`: the least, the likeliest
and the greatest that is thought possible, drawn from the triangle over the three. What a change
costs (caseworkers, places) is there from its start; what it does grows over the ramp.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema

BASE = "base"
ALL_PLACEMENTS = "all_placements"
"""Instead of a list of measure types: every type of placement that is forecast."""

_MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])(-01)?$")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Uncertain(_Part):
    """A number that is not known: least, likeliest, greatest."""

    low: float
    expected: float
    high: float

    @model_validator(mode="before")
    @classmethod
    def _a_number_is_certain(cls, value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return {"low": value, "expected": value, "high": value}
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, handler(core_schema)]}

    @model_validator(mode="after")
    def _in_order(self) -> "Uncertain":
        if not self.low <= self.expected <= self.high:
            raise ValueError("low, expected and high must rise")
        return self


def _within(value: Uncertain, low: float, high: float) -> Uncertain:
    if value.low < low or value.high > high:
        raise ValueError(f"must lie between {low:g} and {high:g}")
    return value


class _Change(_Part):
    """start: the first month, YYYY-MM. ramp_months: months until the whole effect is there."""

    start: Annotated[date, WithJsonSchema({"type": "string", "pattern": _MONTH.pattern})]
    ramp_months: int = Field(0, ge=0, le=120)

    @field_validator("start", mode="before")
    @classmethod
    def _month(cls, value: Any) -> Any:
        text = value.isoformat() if isinstance(value, date) else str(value)
        if not _MONTH.match(text):
            raise ValueError("must be a month, YYYY-MM")
        return date.fromisoformat(text[:7] + "-01")


class Convert(_Change):
    """Children in one kind of placement get another one.

    persons: full-year persons (children at a time) that are to change. effect: the share of them
    that do. unit_price: what the new kind costs per full-year person; default as in the base.
    """

    kind: Literal["convert"]
    from_type: str = Field(alias="from")
    to: str
    persons: Uncertain
    effect: Uncertain = Uncertain(low=1, expected=1, high=1)
    unit_price: Uncertain | None = None

    @field_validator("effect")
    @classmethod
    def _share(cls, value: Uncertain) -> Uncertain:
        return _within(value, 0, 1)

    @field_validator("persons", "unit_price")
    @classmethod
    def _positive(cls, value: Uncertain | None) -> Uncertain | None:
        return value if value is None else _within(value, 0, 1e9)


class Avert(_Change):
    """Placements that intensive help at home makes unnecessary.

    places: of the help, filled from the start. unit_price: of one place a year. effect: full-year
    persons fewer in `measure_type` per place.
    """

    kind: Literal["avert"]
    measure_type: str
    by: str
    places: Uncertain
    unit_price: Uncertain
    effect: Uncertain

    @field_validator("places", "unit_price", "effect")
    @classmethod
    def _positive(cls, value: Uncertain) -> Uncertain:
        return _within(value, 0, 1e9)


class Caseload(_Change):
    """More caseworkers, so that each has fewer cases, and measures become fewer and shorter.

    extra_fte, fte_price: hired from the start, and what one costs a year. booked_on: the function
    that pays them. effect: relative change of full-year persons in `measure_types` for every case
    that a caseworker has less, such as -0.02.
    """

    kind: Literal["caseload"]
    cases_per_fte_before: float = Field(gt=0)
    cases_per_fte_after: float = Field(gt=0)
    extra_fte: float = Field(gt=0)
    fte_price: Uncertain
    booked_on: str
    measure_types: tuple[str, ...] | Literal["all_placements"] = "all_placements"
    effect: Uncertain

    @model_validator(mode="after")
    def _fewer_and_possible(self) -> "Caseload":
        fewer = self.cases_per_fte_before - self.cases_per_fte_after
        if fewer <= 0:
            raise ValueError("cases_per_fte_after must be below cases_per_fte_before")
        if self.effect.low * fewer < -1:
            raise ValueError("effect times the cases fewer is below -1: more than there is")
        return self


class Price(_Change):
    """Other prices for the same activity. change: relative, 0.03 is three per cent dearer."""

    kind: Literal["price"]
    measure_types: tuple[str, ...] | Literal["all_placements"]
    change: Uncertain

    @field_validator("change")
    @classmethod
    def _possible(cls, value: Uncertain) -> Uncertain:
        return _within(value, -1, 10)


class Inflow(_Change):
    """More or fewer new measures. change: relative, of those that begin. duration_months: how long
    one lasts on average, which is how slowly the number that run follows."""

    kind: Literal["inflow"]
    measure_types: tuple[str, ...] | Literal["all_placements"]
    change: Uncertain
    duration_months: float = Field(gt=0, le=240)

    @field_validator("change")
    @classmethod
    def _possible(cls, value: Uncertain) -> Uncertain:
        return _within(value, -1, 10)


Change = Annotated[Convert | Avert | Caseload | Price | Inflow, Field(discriminator="kind")]


class Scenario(_Part):
    """A what-if under its name; changes are made in the order in which they stand."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    title: str = ""
    assumptions: str = ""
    changes: tuple[Change, ...] = Field(min_length=1)

    @field_validator("name")
    @classmethod
    def _not_the_base(cls, value: str) -> str:
        if value == BASE:
            raise ValueError("is the name of the forecast itself; take another")
        return value
