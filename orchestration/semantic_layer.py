"""The semantic layer out of dbt's manifest, in the shape that exports read.

What belongs here: dbt's semantic models and metrics as `exports.semantics` declares them. What
does not: defining measures (dbt_project/models/semantic), what is done with them (exports).

`python -m orchestration.semantic_layer` makes the copy that exports take labels from
(`make semantics`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exports.semantics import (
    AGGREGATIONS,
    GOOD_DIRECTIONS,
    PACKAGED,
    Aggregate,
    Join,
    Measure,
    SemanticLayer,
    SemanticsError,
)
from orchestration.manifest import ensure_manifest

_DIMENSION = re.compile(r"\{\{\s*(?:Time)?Dimension\(\s*'(\w+)__(\w+)'[^}]*\}\}")
_META = ("label_en", "unit", "format", "folder", "good_direction", "dax")


def semantic_layer(manifest: Path) -> SemanticLayer:
    """Every metric of the manifest as a measure. Raises SemanticsError, naming it, for a fault."""
    found = json.loads(manifest.read_text("utf-8"))
    models = {model["name"]: model for model in found["semantic_models"].values()}
    metrics = {metric["name"]: metric for metric in found["metrics"].values()}
    project = _Project(models, metrics)
    return SemanticLayer({name: project.measure(name) for name in sorted(metrics)})


@dataclass(frozen=True)
class _Project:
    """dbt's semantic models and metrics by name."""

    models: Mapping[str, Any]
    metrics: Mapping[str, Any]

    def measure(self, name: str) -> Measure:
        metric = self.metrics[name]
        meta = metric["config"]["meta"]
        missing = [key for key in _META if key not in meta]
        if missing:
            raise SemanticsError(f"metric {name}: config.meta lacks {', '.join(missing)}")
        if meta["good_direction"] not in GOOD_DIRECTIONS:
            raise SemanticsError(f"metric {name}: good_direction is one of {GOOD_DIRECTIONS}")
        aggregates: dict[str, Aggregate] = {}
        formula = self._formula(name, (), aggregates)
        return Measure(
            name=name,
            label={"da": metric["label"], "en": meta["label_en"]},
            folder=meta["folder"],
            description=metric["description"],
            unit=meta["unit"],
            format=meta["format"],
            good_direction=meta["good_direction"],
            dax=meta["dax"].strip(),
            formula=formula,
            aggregates=aggregates,
        )

    def _formula(
        self, name: str, filters: tuple[str, ...], aggregates: dict[str, Aggregate]
    ) -> str:
        """The metric over its aggregates, which are added to `aggregates`."""
        metric = self.metrics[name]
        params, filters = metric["type_params"], (*filters, *_filters(metric["filter"]))
        if metric["type"] == "simple":
            return self._simple(name, params["measure"], filters, aggregates)
        if metric["type"] == "ratio":
            above, below = (
                self._input(name, params[part], filters, aggregates)
                for part in ("numerator", "denominator")
            )
            return f"1.0 * {above} / nullif({below}, 0)"
        if metric["type"] != "derived":
            raise SemanticsError(f"metric {name}: type {metric['type']} is not supported")
        formula = str(params["expr"])
        inputs = {
            part["alias"] or part["name"]: self._input(name, part, filters, aggregates)
            for part in params["metrics"]
        }
        return re.sub(r"\b\w+\b", lambda word: inputs.get(word[0], word[0]), formula)

    def _input(
        self,
        name: str,
        part: Mapping[str, Any],
        filters: tuple[str, ...],
        aggregates: dict[str, Aggregate],
    ) -> str:
        if part["offset_window"] or part["offset_to_grain"]:
            raise SemanticsError(f"metric {name}: an offset is not supported")
        more = (*filters, *_filters(part["filter"]))
        return f"({self._formula(part['name'], more, aggregates)})"

    def _simple(
        self,
        name: str,
        measure: Mapping[str, Any],
        filters: tuple[str, ...],
        aggregates: dict[str, Aggregate],
    ) -> str:
        model, found = self._find_measure(measure["name"])
        if found["agg"] not in AGGREGATIONS:
            raise SemanticsError(f"measure {found['name']}: {found['agg']} is not supported")
        additive, meta = found["non_additive_dimension"], model["config"]["meta"]
        aggregate = Aggregate(
            table=model["node_relation"]["alias"],
            aggregation=found["agg"],
            value=str(found["expr"] or found["name"]),
            dimensions=_dimensions(model),
            filters=tuple(self._condition(name, model, text) for text in filters),
            joins=dict(self._joins(model)),
            at={additive["name"]: additive["window_choice"]} if additive else {},
            at_filters=tuple(meta.get("newest_decided_by", ())) if additive else (),
            levels={level: tuple(names) for level, names in meta.get("levels", {}).items()},
        )
        # The same metric under another filter is another aggregate.
        key = name
        while key in aggregates and aggregates[key] != aggregate:
            key += "_too"
        aggregates[key] = aggregate
        fill = measure["fill_nulls_with"]
        return key if fill is None else f"coalesce({key}, {fill})"

    def _find_measure(self, name: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        for model in self.models.values():
            for measure in model["measures"]:
                if measure["name"] == name:
                    return model, measure
        raise SemanticsError(f"no semantic model has the measure {name}")

    def _joins(self, model: Mapping[str, Any]) -> Iterator[tuple[str, Join]]:
        """The tables of dimensions that a semantic model's foreign entities lead to."""
        for entity in model["entities"]:
            other, key = self._primary(entity["name"])
            if entity["type"] == "foreign" and other:
                yield (
                    entity["name"],
                    Join(
                        table=other["node_relation"]["alias"],
                        key=key,
                        foreign_key=str(entity["expr"] or entity["name"]),
                        columns={
                            f"{entity['name']}__{name}": text
                            for name, text in _dimensions(other).items()
                        },
                    ),
                )

    def _primary(self, entity: str) -> tuple[Mapping[str, Any] | None, str]:
        for model in self.models.values():
            for found in model["entities"]:
                if found["name"] == entity and found["type"] == "primary":
                    return model, str(found["expr"] or entity)
        return None, ""

    def _condition(self, name: str, model: Mapping[str, Any], text: str) -> str:
        """A filter with its dimensions by name: the facts' own without their entity."""
        entities = {entity["name"]: entity["type"] for entity in model["entities"]}
        if model["primary_entity"]:
            entities[model["primary_entity"]] = "primary"

        def written(match: re.Match[str]) -> str:
            entity, dimension = match[1], match[2]
            if entities.get(entity) == "primary" and dimension in _dimensions(model):
                return dimension
            other, _ = self._primary(entity)
            if entities.get(entity) == "foreign" and other and dimension in _dimensions(other):
                return f"{entity}__{dimension}"
            raise SemanticsError(f"metric {name}: {model['name']} has no {entity}__{dimension}")

        return _DIMENSION.sub(written, text)


def _dimensions(model: Mapping[str, Any]) -> dict[str, str]:
    return {item["name"]: str(item["expr"] or item["name"]) for item in model["dimensions"]}


def _filters(found: Mapping[str, Any] | None) -> list[str]:
    return [item["where_sql_template"].strip() for item in (found or {}).get("where_filters", [])]


if __name__ == "__main__":
    semantic_layer(ensure_manifest()).write(PACKAGED)
