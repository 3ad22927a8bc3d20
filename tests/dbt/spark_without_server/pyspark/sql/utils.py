"""Spark's error for a question about what is not there."""


class AnalysisException(Exception):  # noqa: N818 - Spark's name
    """Never raised here."""
