"""The lineage of the warehouse as a picture: what is built from what, a folder a band of columns.

What belongs here: placing dbt's nodes and drawing them as SVG. What does not: dbt's own docs site,
which has the same graph to click in (`make docs` makes both).

`python -m orchestration.lineage FILE` writes the picture.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from orchestration.manifest import ensure_manifest

# Folder of dbt_project -> heading and colours (fill, stroke), in the order of the work.
BANDS = {
    "reference": ("seeds", "#f1efe8", "#6b6557"),
    "raw": ("raw (intake)", "#f1efe8", "#6b6557"),
    "staging": ("staging", "#e3eef7", "#2f5d83"),
    "history": ("snapshots", "#e3eef7", "#2f5d83"),
    "intermediate": ("intermediate", "#e8f3ea", "#2f6b3c"),
    "marts": ("marts", "#fdf1dc", "#8a5a00"),
    "reporting": ("reporting", "#f7e6ea", "#8c2f45"),
}
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _TOP, _MARGIN = 172, 18, 64, 7, 58, 16
_SWEEPS = 24
_COLUMNS = {"intermediate": 4, "marts": 2}
"""Into how many columns a band's nodes are parted, by how deep they lie in it; else one."""
Graph = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Node:
    """A source, seed, snapshot or model: its name and its folder's band."""

    name: str
    band: str


def nodes_of(manifest: Mapping[str, dict]) -> tuple[dict[str, Node], dict[str, list[str]]]:
    """The nodes by dbt's id, and the parents of each."""
    nodes = {
        key: Node(source["name"], "raw")
        for key, source in manifest["sources"].items()
        if source["name"]
    }
    parents: dict[str, list[str]] = {key: [] for key in nodes}
    for key, node in manifest["nodes"].items():
        if node["resource_type"] in ("model", "seed", "snapshot"):
            nodes[key] = Node(node["name"], node["schema"])
            parents[key] = sorted(set(node.get("depends_on", {}).get("nodes", ())))
    known = {key: [parent for parent in found if parent in nodes] for key, found in parents.items()}
    return nodes, known


def columns_of(nodes: Mapping[str, Node], parents: Graph) -> list[tuple[str, list[str]]]:
    """Columns from left to right: the band, and its nodes in the order that crosses least."""
    depth: dict[str, int] = {}

    def deep(key: str) -> int:
        """How many nodes of the same band lie before it."""
        if key not in depth:
            same = [parent for parent in parents[key] if nodes[parent].band == nodes[key].band]
            depth[key] = 1 + max((deep(parent) for parent in same), default=-1)
        return depth[key]

    deepest: dict[str, int] = {}
    for key, node in nodes.items():
        deepest[node.band] = max(deep(key), deepest.get(node.band, 0))
    places: dict[tuple[int, int], list[str]] = {}
    order = list(BANDS)
    for key in sorted(nodes, key=lambda key: nodes[key].name):
        band = nodes[key].band
        column = deep(key) * _COLUMNS.get(band, 1) // (deepest[band] + 1)
        places.setdefault((order.index(band), column), []).append(key)
    columns = [(order[place[0]], keys) for place, keys in sorted(places.items())]
    children: dict[str, list[str]] = {key: [] for key in nodes}
    for key, found in parents.items():
        for parent in found:
            children[parent].append(key)
    for sweep in range(_SWEEPS):
        neighbours = parents if sweep % 2 == 0 else children
        height = {key: i / len(keys) for _, keys in columns for i, key in enumerate(keys)}
        for _, keys in columns:
            keys.sort(key=lambda key: (_middle(neighbours[key], height, height[key]), key))
    return columns


def _middle(keys: Iterable[str], height: Mapping[str, float], otherwise: float) -> float:
    found = [height[key] for key in keys]
    return sum(found) / len(found) if found else otherwise


def lineage_svg(manifest: Mapping[str, dict]) -> str:
    """The picture. The same manifest gives the same text."""
    nodes, parents = nodes_of(manifest)
    columns = columns_of(nodes, parents)
    tallest = max(len(keys) for _, keys in columns) * (_HEIGHT + _GAP_Y)
    width = 2 * _MARGIN + len(columns) * (_WIDTH + _GAP_X) - _GAP_X
    height = _TOP + tallest + _MARGIN
    at: dict[str, tuple[float, float]] = {}
    for number, (_, keys) in enumerate(columns):
        # Short columns spread out, so that lines run level where they can.
        step = min(tallest / len(keys), 2.5 * (_HEIGHT + _GAP_Y))
        first = _TOP + (tallest - step * len(keys)) / 2
        for row, key in enumerate(keys):
            at[key] = (_MARGIN + number * (_WIDTH + _GAP_X), first + row * step)
    body = [*_bands(columns, height), *_edges(nodes, parents, at), *_boxes(nodes, at)]
    title = f"Lineage: {len(nodes)} tables from raw to reporting"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" role="img"'
            f' aria-label="{title}" font-family="sans-serif" font-size="10">',
            f"<title>{title}</title>",
            f'<rect width="{width}" height="{height:.0f}" fill="white"/>',
            *body,
            "</svg>\n",
        ]
    )


def _bands(columns: Sequence[tuple[str, list[str]]], height: float) -> Iterable[str]:
    for band, (heading, fill, stroke) in BANDS.items():
        found = [number for number, (name, _) in enumerate(columns) if name == band]
        if found:
            left = _MARGIN + found[0] * (_WIDTH + _GAP_X) - 8
            right = _MARGIN + found[-1] * (_WIDTH + _GAP_X) + _WIDTH + 8
            yield (
                f'<rect x="{left}" y="8" width="{right - left}" height="{height - 16:.0f}" rx="6"'
                f' fill="{fill}" fill-opacity="0.55"/>'
            )
            yield (
                f'<text x="{left + 8}" y="32" font-size="17" font-weight="bold"'
                f' fill="{stroke}">{heading}</text>'
            )


def _edges(
    nodes: Mapping[str, Node], parents: Graph, at: Mapping[str, tuple[float, float]]
) -> Iterable[str]:
    for key in sorted(parents):
        stroke = BANDS[nodes[key].band][2]
        for parent in parents[key]:
            x1, y1 = at[parent][0] + _WIDTH, at[parent][1] + _HEIGHT / 2
            x2, y2 = at[key][0], at[key][1] + _HEIGHT / 2
            bend, back = max((x2 - x1) / 2, 18), -1
            if x2 < x1:
                # In the same column: a bow on the right.
                x2, bend, back = x2 + _WIDTH, 30, 1
            curve = (
                f"M{x1:.0f} {y1:.1f}C{x1 + bend:.0f} {y1:.1f}"
                f" {x2 + back * bend:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
            )
            yield f'<path d="{curve}" fill="none" stroke="{stroke}" stroke-opacity="0.35"/>'


def _boxes(nodes: Mapping[str, Node], at: Mapping[str, tuple[float, float]]) -> Iterable[str]:
    for key, (x, y) in sorted(at.items()):
        stroke = BANDS[nodes[key].band][2]
        yield (
            f'<rect x="{x:.0f}" y="{y:.1f}" width="{_WIDTH}" height="{_HEIGHT}" rx="3"'
            f' fill="white" stroke="{stroke}"/>'
            f'<text x="{x + 6:.0f}" y="{y + 12.5:.1f}">{escape(nodes[key].name)}</text>'
        )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(
        lineage_svg(json.loads(ensure_manifest().read_text("utf-8"))), encoding="utf-8"
    )
