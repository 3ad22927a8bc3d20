"""The error that a person can mend: told as one sentence, without a traceback.

What belongs here: the one class. What does not: defects, which keep their traceback in a log file.
"""


class Refusal(Exception):  # noqa: N818 - it is no error of the program
    """What was asked for cannot be done with this data or state; the message says what to do."""
