"""What leaves the house: language, disclosure control, charts, cockpit, committee pack, BI.

Everything here reads published `reporting` tables (pandas frames with the columns that the
dbt contracts declare) and writes files. No dagster, no dbt, and no import of `orchestration` or
`forecasting`: the rooms meet through data.
"""
