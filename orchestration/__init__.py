"""The room that runs the house: intake, Dagster definitions and the command line.

Only this package imports Dagster, and within it `orchestration.intake` does not.
"""
