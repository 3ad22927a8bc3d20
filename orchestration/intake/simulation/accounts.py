"""Accounts as the ledger writes them.

An account is held as `function-grouping` (`52822-001`). What belongs here: which account a measure
type has on a date, and its written forms (domain brief 1.1). What does not: parsing, which is
intake's.
"""

import numpy as np

from orchestration.intake.simulation.months import day_number
from orchestration.intake.simulation.parameters import Parameters
from orchestration.intake.simulation.types import Ints, Texts

OWNERSHIP_DIGIT = {-1: "0", 0: "1", 1: "3", 2: "3", 3: "4", 4: "4"}
"""By position in organisation.OWNERS; -1 is nobody (paid to the family)."""

_ART = {-1: "52", 0: "10", 1: "47", 2: "48", 3: "40", 4: "52"}
_FOSTER_ART = "52"
_COST_CENTRE = "0100"


def account_of_type(p: Parameters, kind: Ints, day: Ints) -> Texts:
    """`function-grouping` of each measure type on each day: foster care left 5.28.20 in 2018."""
    functions = p["functions"]
    new = np.array([t["account"] for t in p["types"].values()], dtype=object)
    old = new.copy()
    for i, account in enumerate(new):
        if account.startswith("52822"):
            network = i == p.type_index("1")
            old[i] = functions["old_foster"]["network" if network else "account"]
    before = np.asarray(day) < day_number(functions["chart_2018"])
    return np.where(before, old[kind], new[kind])


def art_of(account: Texts, owner: Ints) -> Texts:
    """Two-digit art: foster families are persons, others by who owns the provider."""
    by_owner = np.array([_ART[i - 1] for i in range(len(_ART))], dtype=object)[owner + 1]
    foster = np.array(
        [a.startswith("52822") or a in ("52820-001", "52820-002") for a in account], dtype=bool
    )
    return np.where(foster, _FOSTER_ART, by_owner)


def write_account(account: Texts, owner: Ints, dranst: str = "1") -> Texts:
    """The 16-digit form, with ownership and art by the provider's owner."""
    art = art_of(account, owner)
    return np.array(
        [
            string16(a, dranst, OWNERSHIP_DIGIT[int(o)], x)
            for a, o, x in zip(account, owner, art, strict=True)
        ],
        dtype=object,
    )


def string16(account: str, dranst: str, ownership: str, art: str) -> str:
    """Function 5, dranst 1, ownership 1, cost centre 4, grouping 3, art 2."""
    function, grouping = account.split("-")
    return f"{function}{dranst}{ownership}{_COST_CENTRE}{grouping}{art}"


def composite9(account: str, dranst: str) -> str:
    """Function 5, dranst 1, grouping 3."""
    function, grouping = account.split("-")
    return f"{function}{dranst}{grouping}"


def prisme(account: str, dranst: str, art: str) -> str:
    """Prisme's dashed string."""
    return f"01005-{composite9(account, dranst)}-010025-{art}9---3046"
