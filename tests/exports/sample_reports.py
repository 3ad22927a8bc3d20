"""Made-up reporting tables beside `sample_frames`: one for each plain chart of the cockpit.

Belongs here: small tables with the columns of the warehouse, hidden rows and missing values among
them where a table has such. They do not add up with each other. Not here: assertions.
"""

import pandas as pd

MONTHS = pd.date_range("2024-01-01", "2026-10-01", freq="MS")
YEARS = (2024, 2025, 2026)
TEAMS = ("Familie 1", "Familie 2")
DISTRICTS = {"Nord": 12, "Syd": 9, "Vest": 3, "Øst": 2}


def report_frames() -> dict[str, pd.DataFrame]:
    """The tables by name, before disclosure control, and the effects of initiatives."""
    return {**_money(), **_flows(), **_teams(), **_refunds(), **_notifications(), **_forecasts()}


def _table(keys: dict[str, list], **values: object) -> pd.DataFrame:
    """One row for each combination of the keys, with those values in every row."""
    frame = pd.MultiIndex.from_product(keys.values(), names=keys).to_frame(index=False)
    frame = frame.assign(**values)
    if "month" in frame:
        frame["year"] = frame["month"].dt.year
    return frame


def _money() -> dict[str, pd.DataFrame]:
    whole = {"level": "total", "key": "total", "label_da": "I alt", "label_en": "Total"}
    months: dict[str, list] = {"month": list(MONTHS)}
    causes = ["unmatched", "not_yet_invoiced", "double_booked", "wrong_account", "wrong_person",
              "late", "price", "quantity", "other"]  # fmt: skip
    scenario = _table({"scenario": ["flere netværk"], "month": list(MONTHS)}, base_mean=9e6,
                      base_p10=8e6, base_p90=1e7, mean=8.8e6, p10=7.9e6, p90=9.7e6,
                      difference=-2e5, cumulative_difference=-2e5)  # fmt: skip
    effects = _table({"initiative_id": ["netvaerk"], "month": list(MONTHS[-6:])},
                     label_da="Netværk først", label_en="Network first",
                     cumulative_effect=-4e5, cumulative_planned_saving=5e5, cumulative_p05=-9e5,
                     cumulative_p95=1e5, actual=1e6, counterfactual=1.4e6,
                     placebo_share=0.1, verdict="saves")  # fmt: skip
    reasons = _table({"reason": ["new", "price"]}, year=2026, amount=2e5, reason_da="Nye",
                     reason_en="New", as_of_before=pd.Timestamp("2026-09-30"), **whole)  # fmt: skip
    return {
        "rpt_consumption_month": _table(months, adjusted_budget=1e8, used_amount=8e7,
                                        consumption_rate=0.8, norm_rate=0.78,
                                        deviation_points=0.02, **whole),
        "rpt_reconciliation_month": _table(months, booked=9e6, committed=8e6, difference=1e6,
                                           is_complete=True, **dict.fromkeys(causes, 1e5), **whole),
        "rpt_outturn_bridge": reasons,
        "rpt_scenario_month": scenario,
        "initiative_effects": effects,
    }  # fmt: skip


def _flows() -> dict[str, pd.DataFrame]:
    kinds = ["placement", "prevention"]
    quarters = list(pd.date_range("2024-01-01", "2026-07-01", freq="QS"))
    flow = _table({"quarter": quarters, "category": kinds}, months_known=3, started=9, ended=7,
                  net_inflow=2, children=16, children_min=7)  # fmt: skip
    flow["year"] = flow["quarter"].dt.year
    districts = _table({"month": list(MONTHS), "category": ["placement"],
                        "district": list(DISTRICTS)})  # fmt: skip
    districts["children"] = districts["district"].map(DISTRICTS)
    many = _table({"month": list(MONTHS), "category": ["prevention"], "district": ["Nord"]},
                  children=40)  # fmt: skip
    years: dict[str, list] = {"year": list(YEARS)}
    duration = pd.DataFrame({"measure_type": ["1", "27"], "category": "placement",
                             "label_da": ["Netværksplejefamilie", "Opholdssted"],
                             "label_en": ["Network foster family", "Residential home"],
                             "median_days": [900, 600]})  # fmt: skip
    counts = {"measures": 20, "measures_ended": 10, "measures_running": 10, "p25_days": 100,
              "p75_days": 1200, "share_running_after_a_year": 0.7, "children": 18,
              "children_min": 9}  # fmt: skip
    return {
        "rpt_flow_quarter": flow,
        "rpt_activity_district_month": pd.concat([districts, many], ignore_index=True),
        "rpt_duration": duration.assign(**counts),
        "rpt_move_year": _table(years, moves=20, moved_up=6, moved_down=8, breakdowns=6,
                                children=18, children_min=6),
        "rpt_alternative_to_placement": _table(years, started=12, placed=5, not_placed=7,
                                               still_followed=0, share_placed=0.42, children=12,
                                               children_min=5),
    }  # fmt: skip


def _teams() -> dict[str, pd.DataFrame]:
    of_team: dict[str, list] = {"month": list(MONTHS), "team": list(TEAMS)}
    duty = {"duty": "plan", "duty_da": "Handleplan", "duty_en": "Action plan"}
    deadlines = _table(of_team, due=9, children=9, met_on_time=7, met_late=1, still_open=0,
                       never_met=1, share_on_time=0.78, days_late_average=4.0, **duty)  # fmt: skip
    deadlines.loc[deadlines["team"] == "Familie 2", "children"] = 2
    review = _table({"reason": ["plan_expired"], "team": list(TEAMS)}, reason_en="Plan has expired",
                    reason_da="Plan er udløbet", open_cases=90, cases=8, children=8,
                    share_of_cases=0.09)  # fmt: skip
    return {
        "rpt_deadline_month": deadlines,
        "rpt_deadline_next": _table(
            {"rule": ["plan_3_months"], "team": list(TEAMS)}, duty="plan", rule_en="Plan",
            rule_da="Plan inden 3 måneder", children=8, overdue=6, longest_days_late=30,
            due_in_next_30_days=7, next_due_on=pd.Timestamp("2026-11-09")),
        "rpt_plan_month": _table(of_team, cases=90, children=90, cases_with_valid_plan=80,
                                 share_with_valid_plan=0.89),
        "rpt_plan_goal_year": _table({"year": list(YEARS), "team": list(TEAMS)}, plans=50,
                                     children=44, plans_with_goals=48, goals=120, goals_met=60,
                                     share_met=0.5),
        "rpt_case_review": review,
        "rpt_caseload_month": _table(of_team, caseworkers=5, fte=4.4, open_cases=110,
                                     children=110, children_smallest=100, cases_per_fte=25.0,
                                     median_cases_per_fte=24.0, p90_cases_per_fte=30.0,
                                     measure_cost=3e6, cost_per_case=27_000.0,
                                     cost_per_child=27_000.0, largest_child_share=0.05),
        "rpt_caseworker_tradeoff": _table(
            {"year": list(YEARS)}, months=12, open_cases=530.0, fte=18.0, cases_per_fte=29.4,
            children=800, casework_cost=9e6, measure_cost=1.4e8, measure_cost_per_case=2.6e5,
            measure_cost_per_child=1.7e5, casework_cost_change=2e5, measure_cost_change=-9e5,
            net_change=-7e5),
        "rpt_data_quality_month": _table(of_team, source="cases", entity="measures",
                                         rule="measure_overlap", severity="warning",
                                         rows_checked=100, rows_failing=3, share_failing=0.03,
                                         rows_smallest=3),
    }  # fmt: skip


def _refunds() -> dict[str, pd.DataFrame]:
    money = {"eligible_cost": 5e6, "expected_refund": 4e5, "booked_refund": 3e5,
             "unclaimed_refund": 1e5}  # fmt: skip
    persons = {"households": 60, "children": 66, "children_smallest": 60,
               "largest_household_share": 0.1}  # fmt: skip
    lost = _table({"year": [2024, 2025]}, households=9, children=9, largest_household_share=0.3,
                  cost_on_wrong_account=4e5, lost_to_wrong_account=1e5)  # fmt: skip
    return {
        "rpt_refund_month": _table({"month": list(MONTHS)}, **money, **persons),
        "rpt_refund_year": _table({"year": list(YEARS)}, **money, **persons),
        "rpt_refund_lost_year": lost,
    }


def _notifications() -> dict[str, pd.DataFrame]:
    told = {"notifications": 60, "children": 55, "median_hours_to_assessment": 12.0,
            "share_assessed_on_time": 0.96, "share_acknowledged_on_time": 0.9,
            "share_repeated": 0.2, "share_led_to_measure": 0.4}  # fmt: skip
    source = _table({"year": list(YEARS), "reporter": ["school"]}, reporter_da="Skole",
                    reporter_en="School", **told)  # fmt: skip
    return {
        "rpt_notification_month": _table({"month": list(MONTHS)}, share_universal_services=0.5,
                                         is_complete=True, **told),
        "rpt_notification_source": source,
    }  # fmt: skip


def _forecasts() -> dict[str, pd.DataFrame]:
    errors = {"wape": 0.04, "mase": 0.8, "coverage_80": None, "wape_last_year_month": 0.05,
              "wape_last_year": 0.06, "wape_run_rate": 0.05, "wape_profile": 0.05,
              "wape_best_rule": 0.05, "scored": 10}  # fmt: skip
    classes = [("month", "total", "1", 1), ("month", "total", "2-3", 2),
               ("month", "measure_type", "1", 1), ("year", "total", "7-9 known", 2)]  # fmt: skip
    frame = pd.DataFrame(classes, columns=["span", "level", "horizon_bin", "sort_order"])
    frame = frame.assign(kind="backtest", measure="net_expenditure", **errors)
    return {"rpt_forecast_accuracy": frame}
