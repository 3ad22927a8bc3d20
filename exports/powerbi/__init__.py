"""The Power BI project: a star schema on the published tables, every measure as DAX, and pages.

What belongs here: which tables and relationships the model has, and writing them as a project that
Power BI Desktop opens. What does not: defining measures (dbt_project/models/semantic), publishing
the tables (exports.publish).
"""

from exports.powerbi.model import PowerBIError, Words
from exports.powerbi.project import NAME, PARAMETERS, write_project

__all__ = ["NAME", "PARAMETERS", "PowerBIError", "Words", "write_project"]
