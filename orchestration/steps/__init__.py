"""The steps of the night as plain functions, without Dagster.

What belongs here: what an asset does, callable and testable alone. What does not: when it runs
(assets, jobs, schedules).
"""
