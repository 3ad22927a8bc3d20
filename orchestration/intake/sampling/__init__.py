"""What a profile makes of one file, and a profile for a file that none reads.

What belongs here: `raaderum check --sample`. What does not: loading for good (load).
"""
