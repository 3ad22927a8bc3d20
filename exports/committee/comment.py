"""The economist's comment: Markdown as plain blocks that PDF, page and workbook all write.

Belongs here: the form of the file (front matter, Markdown) and its blocks. Not here: where the file
lies and what it must not name (`orchestration`), how a block looks (templates, `workbook`).

Nothing of the text is ever markup of the output: blocks carry plain strings, which each format
escapes in its own way. HTML in the file is shown as the text that it is.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import yaml
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from exports.committee.rules import committee_rules

_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\n(?P<meta>.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
# The economist writes in the municipality's language; both are understood.
_AUTHOR, _DATE = ("forfatter", "author"), ("dato", "date")


class CommentError(ValueError):
    """A comment that cannot go into a pack; the message says what to change."""


@dataclass(frozen=True)
class Span:
    """A piece of running text in one style."""

    text: str
    strong: bool = False
    emphasis: bool = False


@dataclass(frozen=True)
class Block:
    """A paragraph, heading or quotation of spans; or a list, each item of which is blocks.

    `start` is the first number of a numbered list, 0 for one with bullets.
    """

    kind: Literal["paragraph", "heading", "quote", "list"]
    spans: tuple[Span, ...] = ()
    items: tuple[tuple["Block", ...], ...] = ()
    start: int = 0

    @property
    def text(self) -> str:
        """What a paragraph, heading or quotation says, without styles."""
        return "".join(span.text for span in self.spans)

    def lines(self) -> Iterator[str]:
        """The block in lines of plain text; items of lists carry their mark."""
        if self.kind != "list":
            yield self.text
        for number, item in enumerate(self.items, start=self.start):
            mark = f"{number}." if self.start else "•"
            said = [line for block in item for line in block.lines()]
            yield from (f"{mark if place == 0 else '  '} {line}" for place, line in enumerate(said))

    def as_data(self) -> dict[str, Any]:
        """The block as a JSON-ready dictionary."""
        return {
            "kind": self.kind,
            "spans": [vars(span) for span in self.spans],
            "list": [[block.as_data() for block in item] for item in self.items],
            "start": self.start,
        }


@dataclass(frozen=True)
class Comment:
    """What the economist says to a meeting's figures, with the hash of the file."""

    blocks: tuple[Block, ...]
    author: str
    written_on: date | None
    sha256: str

    @property
    def plain(self) -> str:
        """All that a reader sees of it, without styles."""
        said = [line for block in self.blocks for line in block.lines()]
        return "\n".join([self.author, *said])


def read_comment(source: bytes) -> Comment | None:
    """The comment in a file's bytes; None where it says nothing.

    Front matter between two lines `---` may give `forfatter` and `dato` (or `author`, `date`).
    Raises CommentError for a file that is not UTF-8, is too long, or has other front matter.
    """
    try:
        text = source.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise CommentError("is not UTF-8 text; save it as UTF-8") from error
    longest = committee_rules()["longest_comment"]
    if len(text) > longest:
        raise CommentError(f"has {len(text)} signs, more than {longest}; shorten it")
    found = _FRONT_MATTER.match(text)
    author, written_on = _front_matter(found["meta"]) if found else ("", None)
    body = text[found.end() :] if found else text
    tree = SyntaxTreeNode(MarkdownIt("commonmark", {"html": False}).parse(body))
    blocks = tuple(_blocks(tree.children))
    if not blocks:
        return None
    return Comment(blocks, author, written_on, hashlib.sha256(source).hexdigest())


def _front_matter(text: str) -> tuple[str, date | None]:
    try:
        meta = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise CommentError("has front matter that is not YAML; write `forfatter: Navn`") from error
    if not isinstance(meta, dict) or set(meta) - {*_AUTHOR, *_DATE}:
        raise CommentError("has front matter beside `forfatter` and `dato`; remove the rest")
    author = next((str(meta[key]) for key in _AUTHOR if meta.get(key)), "")
    written_on = next((meta[key] for key in _DATE if meta.get(key)), None)
    if written_on is not None and type(written_on) is not date:
        raise CommentError("has a `dato` that is no date; write it as 2026-12-01")
    return author, written_on


def _blocks(nodes: Sequence[SyntaxTreeNode], quoted: bool = False) -> Iterator[Block]:
    """The blocks that say something; rulers and link definitions do not."""
    for node in nodes:
        match node.type:
            case "heading":
                yield from _said("heading", node)
            case "paragraph":
                yield from _said("quote" if quoted else "paragraph", node)
            case "blockquote":
                yield from _blocks(node.children, quoted=True)
            case "bullet_list" | "ordered_list":
                items = tuple(tuple(_blocks(item.children, quoted)) for item in node.children)
                start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
                yield Block("list", items=tuple(item for item in items if item), start=start)
            case "fence" | "code_block":
                yield Block("paragraph", (Span(node.content.rstrip("\n")),))


def _said(kind: Literal["paragraph", "heading", "quote"], node: SyntaxTreeNode) -> Iterator[Block]:
    spans = tuple(span for inline in node.children for span in _spans(inline, Span("")))
    if "".join(span.text for span in spans).strip():
        yield Block(kind, spans)


def _spans(node: SyntaxTreeNode, style: Span) -> Iterator[Span]:
    """The running text under a node; a link shows where it leads, an image what it is called."""
    match node.type:
        case "softbreak":
            yield Span(" ", style.strong, style.emphasis)
        case "hardbreak":
            yield Span("\n", style.strong, style.emphasis)
        case "strong":
            style = Span("", True, style.emphasis)
        case "em":
            style = Span("", style.strong, True)
        case "text" | "code_inline" | "image" if node.content:
            yield Span(node.content, style.strong, style.emphasis)
    if node.type != "image":
        for child in node.children:
            yield from _spans(child, style)
    if node.type == "link":
        target = str(node.attrs["href"])
        if target not in {child.content for child in node.children}:
            yield Span(f" ({target})", style.strong, style.emphasis)
