"""The status words of a published run, as cockpit and pack have them.

Belongs here: reading them out of both files. Not here: what they should be.
"""

import csv
import re
from io import StringIO

TABLES = ("outturn_function", "outturn_measure_type")
_ROW = re.compile(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', re.DOTALL)
_LAST = re.compile(r".*<td[^>]*>(.*?)</td>", re.DOTALL)

Words = dict[tuple[str, str], str]


def in_cockpit(html: str, year: int) -> Words:
    """The word by table and label, of the tables of one year."""
    words = {}
    for table in TABLES:
        body = html.split(f'<table id="{table}-{year}"', 1)[1].split("</table>", 1)[0]
        for label, cells in _ROW.findall(body):
            last = _LAST.match(cells)
            words[table, label] = last[1].replace("\N{NO-BREAK SPACE}", " ") if last else ""
    return words


def in_pack(tal: str) -> Words:
    """The word by table and label, out of the pack's tal.csv."""
    return {
        (row["table"], row["label"]): row["value"]
        for row in csv.DictReader(StringIO(tal))
        if row["table"] in TABLES and row["column"] == "status"
    }
