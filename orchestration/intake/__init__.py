"""Intake: from delivered files to the raw layer. Plain Python, no Dagster.

What belongs here: contracts, source profiles, parsing, pseudonymisation, accounting of rows.
What does not: scheduling, the warehouse, anything that reads the raw layer.
"""
