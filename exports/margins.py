"""Which hidden cells follow from the published ones, and what else to hide so that none does.

Belongs here: the linear algebra of complementary suppression, on named nodes and relations.
Not here: which cells are sensitive, or in which table they stand (`exports.disclosure`).

A relation is a set of signed nodes that sum to zero: a parent less its children. Whoever knows all
published nodes can solve for a hidden one exactly when it is constant over the null space of the
relations restricted to the hidden nodes. This covers chains of subtractions that no rule of the
form "two per group" sees.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np


class Node(NamedTuple):
    """A cell of one year: its kind (`total`, `function`, `measure_type`, `sector`, …) and key."""

    kind: str
    key: str


Relation = Mapping[Node, int]
Rank = Callable[[Node], tuple[float, ...]]

# Singular values of matrices with entries -1, 0, 1 of this size are 0 or far above this.
_ZERO = 1e-9


def relation(parent: Node, children: Sequence[Node]) -> dict[Node, int]:
    """The relation that says: the children sum to the parent."""
    return {parent: -1, **dict.fromkeys(children, 1)}


def exposed(relations: Sequence[Relation], hidden: frozenset[Node]) -> frozenset[Node]:
    """The hidden nodes whose value follows exactly from the published ones."""
    nodes = sorted(hidden)
    matrix = _matrix(relations, nodes)
    if not matrix.size:
        return frozenset()
    _, values, vectors = np.linalg.svd(matrix)
    free = vectors[int((values > _ZERO).sum()) :]
    fixed = np.abs(free).max(axis=0, initial=0.0) < _ZERO
    return frozenset(node for node, is_fixed in zip(nodes, fixed, strict=True) if is_fixed)


def protect(
    relations: Sequence[Relation], sensitive: frozenset[Node], rank: Rank
) -> frozenset[Node]:
    """`sensitive` and what must be hidden with it, so that nothing hidden can be worked out.

    `rank` orders what may be hidden, least loss first. For each exposed node the cheapest circuit
    through it is hidden: cells that can all move together while every margin stays. Then each
    further hidden node, the dearest first, is published again where cheaper ones do. A node that no
    circuit protects (nothing is left to hide around it) stays hidden alone.
    """
    published = {node for entry in relations for node in entry} - sensitive
    candidates = sorted(published, key=rank)
    hidden = _covered(relations, sensitive, candidates, rank)
    unsafe = exposed(relations, hidden)
    for node in sorted(hidden - sensitive, key=rank, reverse=True):
        cheaper = candidates[: candidates.index(node)]
        without = _covered(relations, hidden - {node}, cheaper, rank)
        if exposed(relations, without) <= unsafe:
            hidden = without
    return hidden


def _covered(
    relations: Sequence[Relation], hidden: frozenset[Node], candidates: Sequence[Node], rank: Rank
) -> frozenset[Node]:
    """`hidden` with a circuit of the first candidates that suffice for each exposed node."""
    for node in sorted(exposed(relations, hidden), key=rank):
        if node in exposed(relations, hidden):
            others = [*sorted(hidden - {node}), *(n for n in candidates if n not in hidden)]
            hidden = hidden | _circuit(relations, node, others)
    return hidden


def _matrix(relations: Sequence[Relation], nodes: Sequence[Node]) -> np.ndarray:
    """The relations as rows over these nodes; rows that name none of them are left out."""
    column = {node: number for number, node in enumerate(nodes)}
    rows = [entry for entry in relations if column.keys() & entry.keys()]
    matrix = np.zeros((len(rows), len(nodes)))
    for number, entry in enumerate(rows):
        for node, sign in entry.items():
            if node in column:
                matrix[number, column[node]] = sign
    return matrix


def _circuit(relations: Sequence[Relation], node: Node, others: Sequence[Node]) -> frozenset[Node]:
    """The nodes of `others` that must move if `node` moves, taking the first ones that suffice.

    Gauss-Jordan elimination with the columns in the order of `others`: the pivots are the first
    independent columns, and the node's column is a unique combination of them (the fundamental
    circuit of a minimum weight basis). Empty when the node is independent of all others.
    """
    matrix = _matrix(relations, [*others, node])
    pivots: list[int] = []
    for number in range(len(others)):
        below = np.abs(matrix[len(pivots) :, number])
        if not below.size or below.max() < _ZERO:
            continue
        row, best = len(pivots), len(pivots) + int(below.argmax())
        matrix[[row, best]] = matrix[[best, row]]
        matrix[row] /= matrix[row, number]
        factors = matrix[:, number].copy()
        factors[row] = 0.0
        matrix -= np.outer(factors, matrix[row])
        pivots.append(number)
    weights = matrix[:, -1]
    if np.abs(weights[len(pivots) :]).max(initial=0.0) > _ZERO:
        return frozenset()
    return frozenset(
        others[number]
        for number, weight in zip(pivots, weights, strict=False)
        if abs(weight) > _ZERO
    )
