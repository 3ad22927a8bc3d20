"""The SQL of one row: from the text columns of a delivered file to the columns of the raw layer.

What belongs here: translating, typing, coarsening, minimising, and listing what is wrong.
What does not: single values (values), files and the fate of rows (entity_load).
"""

from dataclasses import replace

from orchestration.intake import cpr
from orchestration.intake.column_text import literal, signed, with_zeros, without_birthday
from orchestration.intake.contract import Column, Entity
from orchestration.intake.cpr import Pseudonymiser, birth_date_sql, digits_sql, hide_sql
from orchestration.intake.forms import FileForm
from orchestration.intake.headers import Header
from orchestration.intake.mappings import JOIN
from orchestration.intake.profiles import ColumnMap, MappingUse, ReadingMap
from orchestration.intake.values import Reading, cleaned, reading, shown, translated

REPEATING = ("date", "integer", "boolean", "cpr", "account")
"""Types whose values repeat over the rows of a file."""

ERROR = "STRUCT(column_name VARCHAR, rule VARCHAR, value VARCHAR, suggestion VARCHAR)"


class RowSql:
    """The query that reads the rows of files with one header.

    `stems` are the files' names; `answers` are the tables of columns that are looked up.
    """

    def __init__(
        self,
        entity: Entity,
        reading: ReadingMap,
        secret: Pseudonymiser,
        stems: list[str],
        answers: dict[str, str] | None = None,
    ) -> None:
        self.entity = entity
        self.mapped = reading.mapped
        self.form = reading.form
        self.secret = secret
        self.stems = stems
        self.answers = answers or {}

    def repeated(self, header: Header) -> dict[str, tuple[int, str]]:
        """The columns that are read once for each distinct text: position in the file, and query.

        The query (see Repeated) gives what the row's own query needs of the column: `v_` the typed
        value, `b_` and `w_` the rule it breaks or bends, `s_` the text to show then, `born_` the
        birth date in a CPR number.
        """
        found = {}
        for name, column in self.entity.columns.items():
            position = self._position_alone(name, header)
            if position is not None and (column.type in REPEATING or column.values):
                found[name] = (position, self._repeated_query(name, position, header))
        return found

    def _repeated_query(self, name: str, position: int, header: Header) -> str:
        item = self._reading(name, {})
        doubt = f", {self._doubt(name)} as w_{name}" if name in self._registered() else ""
        broken = item.broken or "null::varchar"
        listed = "true" if f"{name}_order" in self._orders() else f"({broken}) is not null"
        text = self._shown(name, {})
        return (
            f"select v_{name}, {broken} as b_{name}, case when {listed} then {text} end as s_{name}"
            f"{doubt}{self._born([name])}"
            f" from (select *, {item.value} as v_{name}"
            f" from (select {self.text(name, header)} as t_{name}"
            f" from (select x as c{position} from new_texts)))"
        )

    def query(self, header: Header, source: str) -> str:
        """SQL over the columns in `source`: raw columns, `_file_no`, `_row` and findings.

        `source` has the text columns, and what was made of the `repeated` ones. Texts, typed values
        and findings are computed one layer after the other, so that each is computed once.
        """
        looked_up = self._looked_up(header)
        repeated = self.repeated(header)
        readings = {
            name: self._reading(name, looked_up)
            for name in self.entity.columns
            if name not in repeated
        }
        texts = "".join(f", {self.text(name, header)} as t_{name}" for name in readings)
        typed = "".join(f", {item.value} as v_{name}" for name, item in readings.items())
        broken = {name: item.broken for name, item in readings.items() if item.broken}
        bent = {name: item.warning for name, item in readings.items() if item.warning}
        bent |= {name: self._doubt(name) for name in self._registered() if name in readings}
        bent |= {
            born: f"case when v_{born} <> born_{name} then 'cpr_birth_date' end"
            for name, born in self._registered().items()
        }
        listed = {name: self._shown(name, looked_up) for name in readings}
        listed |= {name: f"s_{name}" for name in repeated}
        # A doubt is about the person, whose date of birth is nobody's who reads the listing.
        doubted = dict.fromkeys(
            [*self._registered(), *self._registered().values()], "null::varchar"
        )
        warned = [*bent, *(name for name in self._registered() if name in repeated)]
        return (
            f"with texts as (select {source}.*, {self._deleted(header)} as _deleted"
            f"{texts}{self._local_parts(header)}"
            f" from {source}{self._joins(looked_up, header)}),"
            f" typed as (select *{typed}{self._born(list(readings))} from texts),"
            f" judged as (select *{_flags('b', broken)}{self._order_flags()}{_flags('w', bent)}"
            f" from typed)"
            f" select {self._stored()}, _deleted, _file_no, _row,"
            f" {self._found('b', [*repeated, *broken, *self._orders()], listed)} as _errors,"
            f" {self._found('w', warned, listed | doubted)} as _warnings from judged"
        )

    def _reading(self, name: str, looked_up: dict[str, str]) -> Reading:
        column = self.entity.columns[name]
        item = reading(f"t_{name}", f"v_{name}", column, self._form(name), self.secret)
        return replace(
            item,
            value=self._value(name, item.value),
            broken=self._broken(name, item.broken, looked_up),
        )

    def _shown(self, name: str, looked_up: dict[str, str]) -> str:
        """SQL: the text of a column, or of what it is looked up by, as an error may list it."""
        value = shown(f"t_{name}", self.entity.columns[name])
        if name in looked_up:
            return f"coalesce({value}, {hide_sql(f't_{looked_up[name]}')})"
        return value

    def _born(self, names: list[str]) -> str:
        """SQL: the birth dates in CPR numbers, where another column is compared or filled."""
        columns = self.entity.columns
        if not any(column.stored_as or column.born for column in columns.values()):
            return ""
        numbers = [name for name in names if columns[name].type == "cpr"]
        return "".join(f", {birth_date_sql(f't_{name}')} as born_{name}" for name in numbers)

    def _deleted(self, header: Header) -> str:
        """SQL: whether the row says of itself that it is gone; null where rows cannot say so."""
        mark = self.mapped.deleted
        position = header.position(mark.names) if mark else None
        if mark is None or position is None:
            return "null::boolean"
        words = ", ".join(literal(word.casefold()) for word in mark.values)
        return f"coalesce(lower({cleaned(f'c{position}', self.form)}) in ({words}), false)"

    # -- texts ------------------------------------------------------------------------------

    def _source_text(self, mapped: ColumnMap | None, header: Header) -> str:
        """SQL: the cleaned and translated text of a column, null where it is not delivered."""
        position = header.position(mapped.names) if mapped else None
        if mapped is None or position is None:
            return "null::varchar"
        return translated(cleaned(f"c{position}", self.form), mapped)

    def _value(self, name: str, value: str) -> str:
        """SQL: the typed value; of a key, which is translated before it is kept, the text."""
        mapped = self.mapped.columns.get(name)
        return f"t_{name}" if mapped and mapped.mapping else value

    def _looked_up(self, header: Header) -> dict[str, str]:
        """Columns that this file does not have and that are looked up, with what by."""
        return {
            name: column.lookup.by
            for name, column in self.mapped.columns.items()
            if column.lookup and name in self.answers and header.position(column.names) is None
        }

    def _joins(self, looked_up: dict[str, str], header: Header) -> str:
        return "".join(
            f" left join {self.answers[name]} as l_{name} on l_{name}.key = {self.text(by, header)}"
            for name, by in looked_up.items()
        )

    def _mapping_key(self, use: MappingUse, header: Header) -> str:
        """SQL: the parts of a mapping table's key as one text, null where all are empty."""
        parts = [self._source_text(ColumnMap(names=names), header) for names in use.by]
        whole = f" || {literal(JOIN)} || ".join(f"coalesce({part}, '')" for part in parts)
        return f"nullif({whole}, {literal(JOIN * (len(parts) - 1))})"

    def text(self, name: str, header: Header) -> str:
        """SQL: the cleaned and translated text of a column of the contract."""
        if name in self._looked_up(header):
            return f"l_{name}.value"
        mapped = self.mapped.columns.get(name)
        local = self.mapped.local_account
        kind = self.entity.columns[name].type
        if local and kind == "account":
            function = self._source_text(local.function, header)
            return f"{function} || ' / ' || {self._source_text(local.grouping, header)}"
        if mapped and mapped.mapping:
            return self._mapping_key(mapped.mapping, header)
        if mapped and mapped.derive == "file_and_row":
            stems = ", ".join(literal(stem) for stem in self.stems)
            return f"[{stems}][_file_no + 1] || ':' || _row"
        if mapped and mapped.derive == "year_of_posting_date":
            day = self._source_text(self.mapped.columns["posting_date"], header)
            read = reading(day, day, Column(type="date"), self.form, self.secret).value
            return f"year({read})::varchar"
        text = self._source_text(mapped, header)
        return self._completed(name, text, mapped, header) if mapped else text

    def _position_alone(self, name: str, header: Header) -> int | None:
        """Where the column stands in the file, None where its text is made of more than that."""
        mapped = self.mapped.columns.get(name)
        local = self.mapped.local_account and self.entity.columns[name].type == "account"
        if mapped is None or local or mapped.derive or mapped.mapping:
            return None
        if mapped.sign or mapped.open_end_age or name in self._looked_up(header):
            return None
        return header.position(mapped.names)

    def _form(self, name: str) -> FileForm:
        """The form of one column: the file's, or with the column's own form of numbers."""
        mapped = self.mapped.columns.get(name)
        if mapped is None or mapped.number is None:
            return self.form
        return self.form.model_copy(update={"number": mapped.number})

    def _completed(self, name: str, text: str, mapped: ColumnMap, header: Header) -> str:
        """SQL: the text with what was lost on its way, or stands in another column."""
        column = self.entity.columns[name]
        if column.type == "cpr":
            return digits_sql(text)
        if mapped.digits:
            text = with_zeros(text, mapped.digits)
        if mapped.sign:
            position = header.position(mapped.sign.names)
            word = "null::varchar" if position is None else cleaned(f"c{position}", self.form)
            text = signed(text, word, mapped.sign)
        if mapped.open_end_age:
            day = reading(text, text, column, self.form, self.secret).value
            text = without_birthday(text, day, self.text("cpr", header), mapped.open_end_age)
        return text

    def _local_parts(self, header: Header) -> str:
        local = self.mapped.local_account
        if not local:
            return ""
        function = self._source_text(local.function, header)
        grouping = self._source_text(local.grouping, header)
        return f", {function} as l_function, {grouping} as l_grouping"

    # -- findings ---------------------------------------------------------------------------

    def _broken(self, name: str, rule: str, looked_up: dict[str, str]) -> str:
        """SQL: the rule that a column breaks, the profile's own before the contract's."""
        mapped = self.mapped.columns.get(name, ColumnMap())
        rule = rule or "null"
        if mapped.match:
            fits = f"regexp_full_match(t_{name}, {literal(mapped.match)})"
            rule = f"case when not {fits} then {literal(mapped.rule)} else {rule} end"
        if name in looked_up:
            unanswered = f"t_{name} is null and t_{looked_up[name]} is not null"
            rule = f"case when {unanswered} then 'lookup_missing' else {rule} end"
        return "" if rule == "null" else rule

    def _orders(self) -> list[str]:
        return [f"{end}_order" for _, end in self.entity.order]

    def _order_flags(self) -> str:
        return _flags(
            "b",
            {
                f"{end}_order": f"case when v_{end} < v_{start} then 'date_order' end"
                for start, end in self.entity.order
            },
        )

    def _doubt(self, name: str) -> str:
        """SQL: the rule bent by a registered person's number that is possible and may be wrong."""
        digits = f"t_{name}"
        # A replacement number has no check digit, and often no true date of birth.
        return (
            f"case when v_{name} is null then null"
            f" when {cpr.is_replacement_sql(digits)} then 'cpr_replacement'"
            f" when {cpr.fails_modulus_sql(digits)} then 'cpr_modulus' end"
        )

    def _registered(self) -> dict[str, str]:
        """Columns with the number of a registered person, and the column of the birth date."""
        columns = self.entity.columns.items()
        return {name: column.born for name, column in columns if column.born}

    def _found(self, prefix: str, flags: list[str], texts: dict[str, str]) -> str:
        """SQL: the list of what is wrong with a row; built only where something is."""
        if not flags:
            return f"[]::{ERROR}[]"
        found = []
        for flag in flags:
            name = flag.removesuffix("_order") if flag in self._orders() else flag
            found.append(
                f"case when {prefix}_{flag} is not null then {{'column_name': '{name}', 'rule':"
                f" {prefix}_{flag}, 'value': {texts[name]}, 'suggestion': null::varchar}} end"
            )
        any_flag = ", ".join(f"{prefix}_{flag}" for flag in flags)
        return (
            f"case when coalesce({any_flag}) is null then []"
            f" else list_filter([{', '.join(found)}], lambda e: e is not null) end"
        )

    # -- values -----------------------------------------------------------------------------

    def _stored(self) -> str:
        """SQL: the columns of the raw table, coarsened and minimised as the contract says."""
        minimise = self.entity.minimise
        parts = []
        for name, column in self.entity.columns.items():
            value = f"v_{name}"
            if column.stored_as:
                value = f"cast(date_trunc('month', coalesce({value}, born_cpr)) as date)"
            if minimise and name in minimise.drop:
                value = f"case when coalesce(v_{minimise.when}, false) then null else {value} end"
            parts.append(f"{value} as {self.entity.stored_name(name)}")
            if column.type == "account" and self.mapped.local_account:
                parts += [
                    f"'local' as {name}_scheme",
                    f"l_function as {name}_function",
                    f"l_grouping as {name}_grouping",
                ]
        return ", ".join(parts)


def _flags(prefix: str, rules: dict[str, str]) -> str:
    return "".join(f", {rule} as {prefix}_{name}" for name, rule in rules.items())
