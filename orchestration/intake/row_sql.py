"""The SQL of one row: from the text columns of a delivered file to the columns of the raw layer.

What belongs here: translating, typing, coarsening, minimising, and listing what is wrong.
What does not: single values (values), files and the fate of rows (entity_load).
"""

from orchestration.intake import cpr
from orchestration.intake.column_text import literal, signed, with_zeros, without_birthday
from orchestration.intake.contract import Column, Entity
from orchestration.intake.cpr import Pseudonymiser, birth_date_sql, digits_sql, hide_sql
from orchestration.intake.forms import FileForm
from orchestration.intake.headers import Header
from orchestration.intake.mappings import JOIN
from orchestration.intake.profiles import ColumnMap, MappingUse, ReadingMap
from orchestration.intake.values import cleaned, reading, shown, translated

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

    def query(self, header: Header, source: str) -> str:
        """SQL over the text columns in `source`: raw columns, `_file_no`, `_row` and findings.

        Texts, typed values and findings are computed one layer after the other, so that each
        is computed once.
        """
        columns = self.entity.columns
        looked_up = self._looked_up(header)
        texts = ", ".join(f"{self.text(name, header)} as t_{name}" for name in columns)
        readings = {
            name: reading(f"t_{name}", f"v_{name}", column, self._form(name), self.secret)
            for name, column in columns.items()
        }
        typed = ", ".join(f"{item.value} as v_{name}" for name, item in readings.items())
        broken = {
            name: rule
            for name, item in readings.items()
            if (rule := self._broken(name, item.broken, looked_up))
        }
        bent = {name: item.warning for name, item in readings.items() if item.warning}
        bent |= self._doubts()
        return (
            f"with texts as (select _file_no, _row, {texts}{self._local_parts(header)}"
            f" from {source}{self._joins(looked_up, header)}),"
            f" typed as (select *, {typed} from texts),"
            f" judged as (select *{_flags('b', broken)}{self._order_flags()}{_flags('w', bent)}"
            f" from typed)"
            f" select {self._stored()}, _file_no, _row,"
            f" {self._found('b', [*broken, *self._orders()], looked_up)} as _errors,"
            f" {self._found('w', list(bent))} as _warnings from judged"
        )

    # -- texts ------------------------------------------------------------------------------

    def _source_text(self, mapped: ColumnMap | None, header: Header) -> str:
        """SQL: the cleaned and translated text of a column, null where it is not delivered."""
        position = header.position(mapped.names) if mapped else None
        if mapped is None or position is None:
            return "null::varchar"
        return translated(cleaned(f"c{position}", self.form), mapped)

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

    def _doubts(self) -> dict[str, str]:
        """Flags for numbers of registered persons that are possible and still may be wrong."""
        flags = {}
        for name, column in self.entity.columns.items():
            if column.born:
                digits, born = f"t_{name}", f"v_{column.born}"
                # A replacement number has no check digit, and often no true date of birth.
                flags[name] = (
                    f"case when v_{name} is null then null"
                    f" when {cpr.is_replacement_sql(digits)} then 'cpr_replacement'"
                    f" when {cpr.fails_modulus_sql(digits)} then 'cpr_modulus' end"
                )
                flags[column.born] = (
                    f"case when {born} <> {cpr.birth_date_sql(digits)} then 'cpr_birth_date' end"
                )
        return flags

    def _found(self, prefix: str, flags: list[str], looked_up: dict[str, str] | None = None) -> str:
        """SQL: the list of what is wrong with a row; built only where something is."""
        if not flags:
            return f"[]::{ERROR}[]"
        found = []
        for flag in flags:
            name = flag.removesuffix("_order") if flag in self._orders() else flag
            # A doubt is about the person, whose date of birth is nobody's who reads the listing.
            value = (
                "null::varchar"
                if prefix == "w" and flag in self._doubts()
                else shown(f"t_{name}", self.entity.columns[name])
            )
            if looked_up and name in looked_up:
                value = f"coalesce({value}, {hide_sql(f't_{looked_up[name]}')})"
            found.append(
                f"case when {prefix}_{flag} is not null then {{'column_name': '{name}',"
                f" 'rule': {prefix}_{flag}, 'value': {value}, 'suggestion': null::varchar}} end"
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
                born = birth_date_sql("t_cpr")
                value = f"cast(date_trunc('month', coalesce({value}, {born})) as date)"
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
