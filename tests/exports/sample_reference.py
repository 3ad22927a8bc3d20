"""The made-up municipality's types, functions and load status.

Belongs here: fixed facts for `sample_frames`. Labels and codes as in the project's reference seeds;
places and prices are invented, at the scale of a municipality with about 138 million DKK a year.
"""

from dataclasses import dataclass

import pandas as pd

FUNCTIONS: dict[str, tuple[str, str]] = {
    "5.28.20": ("Opholdssteder mv. for børn og unge", "Residential homes etc."),
    "5.28.21": ("Forebyggende foranstaltninger for børn og unge", "Preventive measures"),
    "5.28.22": ("Plejefamilier", "Foster families"),
    "5.28.23": ("Døgninstitutioner for børn og unge", "Residential institutions"),
    "5.28.24": ("Sikrede døgninstitutioner mv. for børn og unge", "Secure institutions"),
    "5.28.25": ("Særlige dagtilbud og særlige klubber", "Special day care and clubs"),
    "5.57.72": ("Sociale formål", "Social purposes"),
    "5.22.07": ("Indtægter fra den centrale refusionsordning", "Income from the refund scheme"),
    "6.45.58": ("Det specialiserede børneområde (myndighed)", "Children's area (authority)"),
}


@dataclass(frozen=True)
class TypeSpec:
    """A type's labels, home function, places at a time, price per year (DKK), share external."""

    label_da: str
    label_en: str
    category: str
    function: str
    places: int
    price: float
    external: float


def _spec(line: str) -> tuple[str, TypeSpec]:
    key, label_da, label_en, category, function, places, price, external = line.split("|")
    return key, TypeSpec(
        label_da, label_en, category, function, int(places), float(price), float(external)
    )


TYPES: dict[str, TypeSpec] = dict(
    map(
        _spec,
        """\
27|Opholdssted|Residential home (private)|placement|5.28.20|21|1080000|1
6|Eget værelse eller kollegium|Own room or hall of residence|placement|5.28.20|11|270000|0.4
11|Kost- eller efterskole|Boarding school|placement|5.28.20|8|150000|1
early_prevention|Tidligt forebyggende indsats|Early prevention|prevention|5.28.21|55|18000|0
counselling|Rådgivning og behandling|Counselling and treatment|prevention|5.28.21|45|26000|0.2
home_support|Støtte i hjemmet|Support in the home|prevention|5.28.21|70|50000|0.3
family_treatment|Familiebehandling|Family treatment|prevention|5.28.21|55|90000|0.2
intensive_home_based|Intensiv hjemmebaseret indsats|Intensive support|prevention|5.28.21|24|150000|0
contact_person|Fast kontaktperson|Contact person|prevention|5.28.21|75|52000|0.4
respite|Støtteophold (aflastning)|Respite stay|prevention|5.28.21|58|61000|0.6
family_stay|Døgnophold for familien|Residential stay for the family|prevention|5.28.21|3|420000|1
internship|Praktiktilbud|Work placement|prevention|5.28.21|4|36000|0
other_help|Anden hjælp|Other help|prevention|5.28.21|20|22000|0.3
economic_support|Økonomisk støtte|Economic support|prevention|5.28.21|34|13000|0
parent_support|Støtteperson til forældre|Support person|prevention|5.28.21|18|27000|0.5
1|Netværksplejefamilie|Network foster family|placement|5.28.22|12|190000|0
22|Kommunal plejefamilie|Municipal foster family|placement|5.28.22|11|690000|0
23|Almen plejefamilie|General foster family|placement|5.28.22|61|360000|0.3
24|Forstærket plejefamilie|Reinforced foster family|placement|5.28.22|24|480000|0.5
25|Specialiseret plejefamilie|Specialised foster family|placement|5.28.22|9|700000|1
26|Opretholdt plejefamilie|Continued foster family|placement|5.28.22|9|260000|0.3
9|Døgninstitution|Residential institution|placement|5.28.23|14|1150000|0.6
7|Delvis lukket institution|Partly closed institution|placement|5.28.23|2|1600000|1
8|Sikret institution|Secure institution|placement|5.28.24|2|1500000|1
special_day_care|Særligt dagtilbud eller særlig klub|Special day care|prevention|5.28.25|13|290000|0
extra_costs|Merudgifter|Extra costs|support|5.57.72|115|20000|0
lost_earnings|Tabt arbejdsfortjeneste|Lost earnings|support|5.57.72|58|115000|0
home_training|Hjemmetræning|Home training|support|5.57.72|8|180000|0""".splitlines(),
    )
)


def load_tables() -> dict[str, pd.DataFrame]:
    """rpt_load and rpt_data_quality: counts of rows, not of persons."""
    loaded = pd.Timestamp("2026-11-01 03:12:00")
    files = [
        ("finance", "posting", "posting.csv", 48_211, 48_166, 45, 0, 0),
        ("finance", "budget", "budget.csv", 1_284, 1_284, 0, 0, 0),
        ("cases", "child", "child.csv", 10_512, 10_510, 2, 0, 0),
        ("cases", "measure", "measure.csv", 9_322, 9_301, 9, 12, 0),
    ]
    names = ["source", "entity", "file", "rows_read", "rows_loaded", "rows_rejected"]
    load = pd.DataFrame(files, columns=[*names, "rows_superseded", "rows_out_of_scope"])
    load = load.assign(load_id="L20261101", loaded_at=loaded, state="loaded")
    rules = [
        (
            "finance",
            "posting",
            "cpr_missing",
            "warning",
            "Postering uden CPR-nummer",
            "Posting without a CPR number",
            1_204,
        ),
        (
            "finance",
            "posting",
            "amount_unclear",
            "error",
            "Beløbet kan læses på to måder",
            "The amount can be read in two ways",
            45,
        ),
        (
            "cases",
            "measure",
            "end_before_start",
            "error",
            "Slutdato ligger før startdato",
            "The end date is before the start date",
            9,
        ),
    ]
    columns = ["source", "entity", "rule", "severity", "message_da", "message_en", "rows"]
    return {"rpt_load": load, "rpt_data_quality": pd.DataFrame(rules, columns=columns)}
