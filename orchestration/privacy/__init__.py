"""Personal data: keys, copies at rest, erasure, retention, and the log of who looked.

What belongs here: what is done to data because it is about persons. What does not: how a number is
found and replaced while a file is read (intake.cpr), which columns are kept (intake.contract).
"""
