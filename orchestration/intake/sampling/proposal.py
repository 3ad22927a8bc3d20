"""A profile for a file that no profile reads: a first draft for a person to finish.

What belongs here: the YAML with its comments. What does not: telling names (names) and forms
(sniffing). What is open is a comment and is left undecided; the draft is a valid profile.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from orchestration.intake.contract import Column, entities
from orchestration.intake.cpr import hide
from orchestration.intake.forms import FileForm
from orchestration.intake.profiles import shipped_folder
from orchestration.intake.sampling.names import EntityGuess, Match, guesses, known_words
from orchestration.intake.sampling.sniffing import (
    DATE_FORMS,
    TIMESTAMP_FORMS,
    Marks,
    TextFile,
    are_serials,
    date_forms,
    number_marks,
    text_file,
)

TO_FILL = "FILL IN: the header of this column"
_NEAR = 0.9
_FEW_WORDS = 12


def propose(path: Path, entity: str | None = None) -> str:
    """The YAML of a profile for a text file. Raises ValueError where it cannot be read as one."""
    text = text_file(path)
    best, *others = guesses(text.header, entity)
    if not best.matches:
        raise ValueError("none of its headers resembles a column of the contract")
    lines = [
        f"# yaml-language-server: $schema={(shipped_folder() / 'profile.schema.json').as_posix()}",
        f"# A draft made from the header and the first {len(text.rows)} rows of {hide(path.name)}.",
        "# Read every comment, decide what is open, and try it with `raaderum check --sample`.",
    ]
    if others and others[0].score >= _NEAR * best.score:
        lines.append(f"# OPEN: it may also be {others[0].entity}; say which with --entity.")
    name = re.sub(r"\W+", "_", path.stem.casefold()).strip("_") or "eget"
    lines += [
        f"profile: {name}",
        f"title: {json.dumps(hide(path.stem), ensure_ascii=False)}",
        f"feed: {entities()[best.entity].feed}",
        *_form(text, best),
        "entities:",
        f"  {best.entity}:",
        f"    files: [{json.dumps(_pattern(path), ensure_ascii=False)}]",
        "    # snapshot: every file is everything there is; changes: it adds to what came before.",
        "    delivery: snapshot",
        "    columns:",
        *_columns(text, best),
    ]
    return "\n".join(lines) + "\n"


def _pattern(path: Path) -> str:
    """The file's name with a star for its date or number."""
    stem = re.sub(r"[-_ ]?\d[\d_-]*$", "", path.stem) or path.stem
    return f"{stem}*{path.suffix}"


def _form(text: TextFile, guess: EntityGuess) -> Iterator[str]:
    yield "form:"
    for note in text.notes:
        yield f"  # OPEN: {note}."
    yield f"  separator: {json.dumps(text.separator)}"
    yield f"  encodings: [{text.encoding}]"
    yield from _number(number_marks(_values(text, guess, "decimal")))
    yield from _moments("dates", _values(text, guess, "date"), DATE_FORMS)
    yield from _moments("timestamps", _values(text, guess, "timestamp"), TIMESTAMP_FORMS)


def _values(text: TextFile, guess: EntityGuess, kind: str) -> list[str]:
    columns = entities()[guess.entity].columns
    matches = (match for match in guess.matches if columns[match.column].type == kind)
    return [value for match in matches for value in text.column(match.position)]


def _number(marks: Marks | None) -> Iterator[str]:
    if marks is None:
        yield "  # No number shows its marks: the decimal mark is a point until you say otherwise."
    elif marks.open:
        yield "  # OPEN: numbers such as 1.234 read in two ways. Take one of these; until then such"
        yield "  # amounts are rejected."
        yield '  # number: {decimal: ",", thousands: "."}'
        yield '  # number: {decimal: ".", thousands: ","}'
    else:
        trailing = ", trailing_minus: true" if marks.trailing_minus else ""
        yield f'  number: {{decimal: "{marks.decimal}", thousands: "{marks.thousands}"{trailing}}}'


def _moments(key: str, delivered: list[str], forms: tuple[str, ...]) -> Iterator[str]:
    """The form of dates: one that reads all, or the open ones as comments."""
    values = [value for value in delivered if not value.startswith(("9999", "31-12-9999"))]
    if len(values) < len(delivered):
        open_end = next(value for value in delivered if value not in values)
        yield f'  open_ends: ["{open_end}"]'
    if not values:
        return
    able = date_forms(values, forms)
    if len(able) == 1:
        yield f'  {key}: ["{able[0]}"]'
    elif able:
        yield f"  # OPEN: all {key} read in {len(able)} ways. Take one; else they are rejected."
        yield from (f'  # {key}: ["{form}"]' for form in able)
    elif key == "dates" and are_serials(values):
        yield "  # Five digits where a date is expected: a spreadsheet's serial numbers. Check one."
        yield "  serial_dates: true"
    else:
        yield f"  # OPEN: no one form reads all {key}; list every form that the file uses."


def _columns(text: TextFile, guess: EntityGuess) -> Iterator[str]:
    declared = entities()[guess.entity].columns
    matched = {match.column: match for match in guess.matches}
    for name, column in declared.items():
        if name in matched:
            yield from _column(text, guess.entity, column, matched[name])
        elif column.required:
            yield "      # OPEN: required by the contract, and no header resembles it."
            yield f"      {name}: {{names: [{json.dumps(TO_FILL)}]}}"
    missing = [n for n in declared if n not in matched and not declared[n].required]
    if missing:
        yield f"      # Not found, and not required: {', '.join(missing)}."
    used = {match.position for match in guess.matches}
    rest = [h.strip() for i, h in enumerate(text.header) if i not in used and h.strip()]
    if rest:
        yield "    # OPEN: these headers are unknown. Give each to a column, or to `ignored`:"
        yield f"    # {json.dumps([hide(name) for name in rest], ensure_ascii=False)}"


def _column(text: TextFile, entity: str, column: Column, match: Match) -> Iterator[str]:
    header = json.dumps(match.header, ensure_ascii=False)
    if match.likeness < 1:
        alike = f"{match.likeness:.2f}"
        yield f"      # OPEN: {header} only resembles a known name ({alike}): check it."
    words = sorted(set(text.column(match.position)))
    said = ""
    if len(words) <= _FEW_WORDS and (column.values or column.type == "boolean"):
        known = known_words(entity, match.column) if column.values else {}
        pairs = {word: known[word.casefold()] for word in words if word.casefold() in known}
        yield from _open_words(column, [word for word in words if word not in pairs])
        said = f", values: {json.dumps(pairs, ensure_ascii=False)}" if pairs else ""
    yield f"      {match.column}: {{names: [{header}]{said}}}"


def _open_words(column: Column, words: list[str]) -> Iterator[str]:
    """A comment on the words of a column that nobody has translated."""
    form = FileForm()
    able = column.values or (*form.true, *form.false)
    strange = [word for word in words if word.casefold() not in able]
    if not strange:
        return
    shown = hide(json.dumps(strange, ensure_ascii=False))
    if column.values:
        yield f"      # OPEN: translate {shown} to {', '.join(column.values)} with `values`."
    else:
        yield f"      # OPEN: say which of {shown} is yes (`true` in form) and no (`false`)."
