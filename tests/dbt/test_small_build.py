"""The warehouse on three children and ten postings, every figure reckoned by hand."""

from datetime import date
from decimal import Decimal

from tests.dbt.conftest import Warehouse
from tests.dbt.small_municipality import HOME, POSTINGS, PREVENTION


def money(text: str) -> Decimal:
    return Decimal(text)


def test_every_posting_is_in_fct_cost_to_the_oere(warehouse: Warehouse) -> None:
    expected = sum(Decimal(str(row["amount"])) for row in POSTINGS)
    assert warehouse.value("select sum(amount) from marts.fct_cost") == expected
    assert warehouse.value("select count(*) from marts.fct_cost") == len(POSTINGS)


def test_how_each_posting_is_tied_to_its_measure(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select posting_id, match_method, coalesce(measure_id, '-'), measure_type, series_function
        from marts.fct_cost left join (select measure_key, measure_id from marts.fct_measure)
        using (measure_key) order by cast(substr(posting_id, 2) as integer)"""
    )
    assert found == [
        ("b1", "measure_id", "M1", "27", HOME),
        ("b2", "person_provider_account_month", "M1", "27", HOME),
        ("b3", "person_account_month", "M1", "27", HOME),
        ("b4", "person_account_month", "M2", "home_support", PREVENTION),
        ("b5", "unmatched", "-", "23", "5.28.22"),
        ("b6", "unmatched", "-", "unknown", HOME),
        ("b7", "unmatched", "-", "unknown", "unknown"),
        ("b8", "measure_id", "M1", "27", HOME),
        ("b9", "unmatched", "-", "unknown", "6.45.58"),
        ("b10", "measure_id", "M1", "27", HOME),
    ]


def test_commitments_of_the_year(warehouse: Warehouse) -> None:
    found = dict(
        warehouse.rows("select measure_id, committed_amount_this_year from marts.fct_measure")
    )
    assert found == {
        "M1": money("1098000.00"),  # 366 days of 3,000
        "M2": money("34571.42"),  # four months of 4 hours a week at 500, each rounded
        "M3": money("120000.00"),  # July to December at 20,000
        "M4": 0,  # a draft never counts
        "M5": 0,  # expected, not granted
    }
    expected_amount = "select expected_amount from marts.fct_measure where measure_id = 'M5'"
    assert warehouse.value(expected_amount) == money("700.00")


def test_sector_and_own_municipality(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select distinct measure_id, m.sector, m.in_own_municipality
        from marts.fct_measure_month m join marts.fct_measure using (measure_key) order by 1"""
    )
    assert found == [
        ("M1", "external", False),
        ("M2", "internal", True),
        ("M3", "external", True),
        ("M5", "unknown", None),
    ]


def test_outturn_holds_budget_actual_and_commitment(warehouse: Warehouse) -> None:
    [total] = warehouse.rows(
        """select original_budget, adjusted_budget, actual_to_date, committed, mean,
        probability_over_budget from marts.fct_outturn where level = 'total'"""
    )
    assert total == (
        money("1000000.00"),
        money("1100000.00"),  # the supplement of December is not decided yet
        money("283756.09"),  # the posting of 2 October is not booked yet
        money("1252571.42"),
        money("1050000.00"),
        money("0.2500"),
    )


def test_report_of_the_year_names_levels_in_danish(warehouse: Warehouse) -> None:
    [row] = warehouse.rows(
        """select label_da, label_en, deviation, children, children_month_min, largest_child_share,
        parent_function, suppressed from reporting.rpt_outturn
        where year = 2024 and level = 'measure_type' and key = '27'"""
    )
    assert row == ("Opholdssted", "Residential home (private)", -20000, 1, 1, 1, HOME, False)
    total = "select distinct label_da from reporting.rpt_outturn where level = 'total'"
    assert warehouse.value(total) == "I alt"
    labels = dict(
        warehouse.rows(
            """select key, label_da from reporting.rpt_outturn
            where level = 'function' and year = 2024"""
        )
    )
    assert labels["unknown"] == "Uden for området eller ukendt konto"


def test_a_past_year_came_out_as_booked(warehouse: Warehouse) -> None:
    [row] = warehouse.rows(
        "select mean, p10, p90 from reporting.rpt_outturn where year = 2023 and level = 'total'"
    )
    assert row == (92000, 92000, 92000)


def test_series_for_the_forecast_have_no_gaps(warehouse: Warehouse) -> None:
    [(first, last, months, amount)] = warehouse.rows(
        """select min(month), max(month), count(*), sum(net_expenditure)
        from intermediate.int_forecast_series where function = '5.28.20' and measure_type = '27'"""
    )
    assert (first, last, months) == (date(2023, 12, 1), date(2024, 9, 1), 10)
    assert amount == money("362000.10")


def test_activity_of_complete_months(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select measure_type, month, full_year_persons from intermediate.int_activity_series
        where month = date '2024-09-01' order by measure_type"""
    )
    month = date(2024, 9, 1)
    assert found == [("1", month, money("0.0820")), ("27", month, money("0.0820"))]


def test_placements_at_the_end_of_a_month(warehouse: Warehouse) -> None:
    [row] = warehouse.rows(
        """select children_population, children_placed, share_foster, share_network, share_internal,
        started, ended from reporting.rpt_placement_month where month = date '2024-07-01'"""
    )
    half = money("0.500000")
    # Nobody is placed with the municipality itself: a network family is not its own provision.
    assert row == (3, 2, half, half, 0, 1, 0)


def test_who_is_placed_where_and_how_old(warehouse: Warehouse) -> None:
    [row] = warehouse.rows(
        """select share_own_municipality, share_near, average_age, moves, breakdowns
        from reporting.rpt_placement_month where month = date '2024-07-01'"""
    )
    # Guldborgsund is a neighbour; the children are 14 years and 4 months and 16 years and 6 months.
    assert row == (money("0.500000"), money("1.000000"), money("15.42"), 0, 0)


def test_placements_begin_once_and_nobody_has_moved_or_gone(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select event, event_on, measure_type_before, measure_type_after, age_years
        from marts.fct_placement_event order by event_on"""
    )
    assert found == [
        ("start", date(2023, 1, 1), None, "27", 12),
        ("start", date(2024, 7, 1), None, "1", 16),
    ]


def test_children_of_a_district_at_the_end_of_a_month(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select category, district, children from reporting.rpt_activity_district_month
        where month = date '2024-07-01' order by category, district"""
    )
    # The child with a protected address has no district; together they are those placed.
    assert found == [("placement", "Nord", 1), ("placement", "unknown", 1)]


def test_inflow_and_outflow_of_a_category(warehouse: Warehouse) -> None:
    quarters = warehouse.rows(
        """select quarter, category, months_known, started, ended, net_inflow, children,
        children_min from reporting.rpt_flow_quarter order by quarter, category"""
    )
    # What began before the history is not in it: support began in February, the history in May.
    assert quarters == [
        (date(2024, 4, 1), "prevention", 2, 0, 1, -1, 1, 1),
        (date(2024, 7, 1), "placement", 3, 1, 0, 1, 1, 1),
    ]
    years = warehouse.rows(
        """select year, category, months_known, started, ended
        from reporting.rpt_flow_year order by category"""
    )
    assert years == [(2024, "placement", 5, 1, 0), (2024, "prevention", 5, 0, 1)]
    # Who begins to be placed has not moved.
    assert warehouse.value("select count(*) from reporting.rpt_move_year") == 0


def test_the_order_plan_says_since_when_it_does_not_hold(warehouse: Warehouse) -> None:
    [row] = warehouse.rows(
        """select full_year_persons_deviation, unit_price_deviation, persons_deviate_from_month,
        price_deviates_from_month from reporting.rpt_order_plan where measure_type = '27'"""
    )
    # One child instead of two, at 366 days of 3,000 instead of a million, from January on.
    assert row == (money("-1.0000"), money("98000.00"), 1, 1)


def test_the_adjusted_budget_is_told_apart(warehouse: Warehouse) -> None:
    [row] = warehouse.rows(
        """select original_budget, supplementary_budget, transferred_budget, adjusted_budget,
        budget_frame from reporting.rpt_outturn
        where year = 2024 and level = 'measure_type' and key = '27'"""
    )
    assert row == (1000000, 100000, -30000, 1070000, "service")


def test_volume_price_and_mix_of_a_type(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select sector, budget_amount, actual_amount, volume_effect, price_effect, mix_effect
        from reporting.rpt_variance where measure_type = '27' order by sector"""
    )
    # 274 of 366 days of the plan's two places at a million, and of the ledger's 1,070,000. In all
    # placements are one full-year person for planned 1.497: so much smaller, the plan is a million,
    # and a quarter of a place stood empty while a network family came instead.
    assert {sector: [str(amount) for amount in amounts] for sector, *amounts in found} == {
        "external": ["1497267.76", "270000.10", "-497267.76", "-478633.78", "-251366.12"],
        "total": ["801038.25", "270000.10", "-497267.76", "217595.73", "-251366.12"],
        "unknown": ["-696229.51", "0.00", "0.00", "696229.51", "0.00"],
    }


def test_order_plan_beside_the_actual(warehouse: Warehouse) -> None:
    [row] = warehouse.rows(
        """select planned_full_year_persons, planned_unit_price, actual_full_year_persons
        from reporting.rpt_order_plan where year = 2024 and measure_type = '27'"""
    )
    assert row == (2, 1000000, 1)


def test_month_report_spans_past_and_forecast(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select month, actual, mean, budget_month, is_complete
        from reporting.rpt_expenditure_month
        where level = 'total' and month >= date '2024-09-01' order by month"""
    )
    month_budget = money("91666.67")
    assert found == [
        (date(2024, 9, 1), money("1234.56"), None, month_budget, True),
        (date(2024, 10, 1), None, money("101000.00"), month_budget, False),
    ]


def test_earlier_forecasts_stand_against_what_came(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select kind, run_id, target_month, horizon_months, mean, actual, error, in_80, profile
        from marts.fct_forecast_accuracy where series_id = 'total' order by kind"""
    )
    month, actual = date(2024, 9, 1), money("1234.5600")
    # Ten months of history are too few for a rule of thumb; the interval was a point.
    assert found == [
        ("backtest", "run_1", month, 3, 1000, actual, money("-234.5600"), None, None),
        ("published", "run_0", month, 1, 1200, actual, money("-34.5600"), False, None),
    ]


def test_an_initiative_stands_beside_what_it_was_to_save(warehouse: Warehouse) -> None:
    [row] = warehouse.rows(
        """select label_da, starts_on, planned_saving, actual, effect, cumulative_effect, verdict
        from marts.fct_initiative_effect join marts.dim_initiative using (initiative_key)"""
    )
    saved = money("-765.44")
    start, verdict = date(2024, 9, 1), "not_yet_distinguishable"
    expected = ("Intensiv indsats", start, 100, money("1234.56"), saved, saved, verdict)
    assert row == expected


def test_a_protected_child_has_no_district_and_a_family_no_name(warehouse: Warehouse) -> None:
    assert warehouse.value("select district from marts.dim_child where child_id = 'c3'") is None
    name = "select provider_name from marts.dim_provider where provider_id = 'p3'"
    assert warehouse.value(name) == "Netværksfamilie p3"


def test_both_laws_meet_in_their_topic(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select b.legal_basis, b.counterpart from marts.fct_measure m
        join marts.dim_legal_basis b using (legal_basis_key) where m.measure_id = 'M1'"""
    )
    assert found == [("SEL § 52, stk. 3, nr. 7", "BL § 46")]


def test_refund_of_a_household_by_month(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select month, eligible_cost, expected_refund, is_limit_verified
        from marts.fct_refund_month where expected_refund > 0 order by month"""
    )
    assert [(month.isoformat(), *rest) for month, *rest in found] == [
        ("2023-12-01", money("92000.00"), money("4666.67"), False),  # a quarter above 880,000 / 12
        # 270,000.10 booked from January to March, over the 91 days that the measure ran in them.
        ("2024-01-01", money("91978.06"), money("4244.52"), False),  # a quarter above 900,000 / 12
        ("2024-02-01", money("86043.98"), money("2761.00"), False),
        ("2024-03-01", money("91978.06"), money("4244.52"), False),
        ("2024-10-01", money("93000.00"), money("4500.00"), False),  # the month is not over
    ]
    report = "select sum(expected_refund), max(children) from reporting.rpt_refund_year"
    assert warehouse.rows(report) == [(money("15916.71"), 1)]


def test_data_quality_counts_rows(warehouse: Warehouse) -> None:
    found = dict(warehouse.rows("select rule, rows from reporting.rpt_data_quality"))
    assert found["amount_ambiguous"] == 1
    assert found["posting_unmatched"] == 1
    assert found["posting_account_unknown"] == 1
    assert found["measure_without_expected_end"] == 1


def test_duties_fall_due_and_are_met(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select subject_id, rule, due_on::varchar, on_time, days_late, is_open
        from marts.fct_deadline order by subject_id, occurrence, due_on, rule"""
    )
    assert found == [
        # What M1 and M2 owed lies before the case system's first recorded end.
        ("M3", "bl_follow_up_first", "2024-10-01", None, 0, True),
        ("M3", "bl_plan_placement", "2024-10-01", None, 0, True),
        ("a1", "bl_assessment", "2024-04-04", True, 0, False),
        ("u1", "bl_notification_assessment", "2024-03-28", False, 1, False),
        ("u1", "bl_notification_acknowledgement", "2024-04-09", True, 0, False),
        ("u2", "sel_notification_assessment", "2023-12-02", True, 0, False),
        ("u2", "sel_notification_acknowledgement", "2023-12-11", True, 0, False),
        ("u3", "bl_notification_assessment", "2024-09-28", True, 0, False),
        ("u3", "bl_notification_acknowledgement", "2024-10-07", None, 0, True),
    ]


def test_notifications_tell_their_source_and_what_came_of_them(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select notification_id, reporter, is_universal_services, hours_to_assessment,
        is_assessed_on_time, is_repeat, led_to_measure from marts.fct_notification order by 1"""
    )
    assert found == [
        ("u1", "school", True, money("24.02"), False, False, False),
        ("u2", "police", False, money("6.00"), True, False, True),
        ("u3", "unknown", False, money("1.50"), True, True, None),
    ]


def test_caseload_of_the_last_month(warehouse: Warehouse) -> None:
    [row] = warehouse.rows(
        """select open_cases, children, fte, cases_per_fte from marts.fct_caseload_month
        where month = date '2024-09-01' and caseworker_id = 'w1'"""
    )
    assert row == (3, 3, 1, 3)
    [team] = warehouse.rows(
        """select median_cases_per_fte, p90_cases_per_fte, measure_cost, children_smallest
        from reporting.rpt_caseload_month where month = date '2024-09-01'"""
    )
    assert team == (3, 3, money("110000.00"), 2)  # 30 days of 3,000 and a month of 20,000
    [year] = warehouse.rows(
        """select casework_cost, measure_cost, casework_cost_change
        from reporting.rpt_caseworker_tradeoff where year = 2024"""
    )
    assert year == (money("400.00"), money("282121.53"), None)


def test_why_each_open_case_is_reviewed(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        """select case_id, without_expected_end, plan_expired, no_network_solution,
        without_measure, reasons, weight, priority from marts.fct_case_review order by 1"""
    )
    assert found == [
        ("k1", False, True, True, False, 2, 3, 2),
        ("k2", False, False, False, True, 1, 1, 3),
        ("k3", True, False, False, False, 1, 2, 3),
    ]


def test_plans_that_ran_out_and_their_goals(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        "select year, team, plans, goals, goals_met, share_met from reporting.rpt_plan_goal_year"
    )
    assert found == [(2023, "Familie", 1, 4, 3, money("0.750000"))]


def test_every_dimension_has_its_unknown_row(warehouse: Warehouse) -> None:
    tables = warehouse.rows(
        """select table_name from information_schema.tables
        where table_schema = 'marts' and starts_with(table_name, 'dim_')"""
    )
    assert len(tables) >= 10
    for (table,) in tables:
        key = table.removeprefix("dim_") + "_key"
        assert warehouse.value(f"select count(*) from marts.{table} where {key} = -1") == 1, table


def test_comments_reach_the_database(warehouse: Warehouse) -> None:
    without = warehouse.value(
        """select count(*) from duckdb_columns()
        where schema_name in ('marts', 'reporting') and comment is null"""
    )
    assert without == 0
