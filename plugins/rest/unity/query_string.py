"""The query strings of Elasticsearch, as people type them: ``status:failed AND labels:test*``.

Fields, quoted texts, ``*`` and ``?``, ranges, ``AND``, ``OR``, ``NOT``, ``+``, ``-`` and
parentheses. Anything else is refused. Source: Elasticsearch 8, "Query string syntax".
"""

import re
from dataclasses import dataclass, field
from typing import Final

from catalog.queries.search import EVERYTHING, AllOf, AnyOf, Not, Search
from plugins.rest.unity import fields
from plugins.rest.unity.ranges import between
from plugins.rest.unity.wire import not_understood

_PIECE: Final = re.compile(
    r"""\s*(?:(?P<mark>[()+]|-(?=\S)|&&|\|\||!)
    |(?P<range>(?:[\w.@-]+:)?[\[{][^\]}]*[\]}])
    |(?P<quoted>(?:[\w.@-]+:)?"(?:[^"\\]|\\.)*")
    |(?P<word>(?:\\.|[^\s()"])+))""",
    re.VERBOSE,
)
_RANGE: Final = re.compile(r"([\[{])\s*(\S+)\s+TO\s+(\S+)\s*([\]}])")
_DEEPEST: Final = 50


def read_query_string(
    text: str, default_fields: tuple[str, ...] = fields.SEARCHED, *, all_of: bool = False
) -> Search:
    """Return what a query string asks for.

    Parameters
    ----------
    default_fields
        Where a text without a field is looked for.
    all_of
        Whether texts side by side must all be found; otherwise one of them.
    """
    if not text.strip():
        return AnyOf(())
    reader = _Reader(_pieces(text), default_fields, all_of)
    found = reader.alternatives(0)
    if reader.pieces:
        raise not_understood(f"Failed to parse query [{text}]: a parenthesis is not opened")
    return found


def _pieces(text: str) -> list[tuple[str, str]]:
    found = []
    end = 0
    stripped = text.rstrip()
    while end < len(stripped):
        match = _PIECE.match(stripped, end)
        if match is None or match.lastgroup is None:
            raise not_understood(f"Failed to parse query [{text}]")
        found.append((match.lastgroup, match[match.lastgroup]))
        end = match.end()
    return found


@dataclass
class _Reader:
    pieces: list[tuple[str, str]]
    default_fields: tuple[str, ...]
    all_of: bool
    _none: Search = field(default_factory=lambda: AnyOf(()))

    def alternatives(self, depth: int) -> Search:
        """Read up to the end or a closing parenthesis."""
        if depth > _DEEPEST:
            raise not_understood("Failed to parse query: too many parentheses")
        clauses: list[list[Search]] = [[]]
        required: list[Search] = []
        joined = False
        while self.pieces and self.pieces[0] != ("mark", ")"):
            kind, piece = self.pieces.pop(0)
            if (kind == "word" and piece == "OR") or piece == "||":
                clauses.append([])
                continue
            if (kind == "word" and piece == "AND") or piece == "&&":
                joined = True
                continue
            is_plus = (kind, piece) == ("mark", "+")
            if is_plus:
                kind, piece = self._next()
            part, is_negative = self._part(kind, piece, depth)
            if is_plus or is_negative:
                required.append(part)
            elif joined or self.all_of or not clauses[-1]:
                clauses[-1].append(part)
            else:
                clauses.append([part])
            joined = False
        chosen = [AllOf(tuple(each)) for each in clauses if each]
        if not chosen:
            return AllOf(tuple(required))
        if required and not self.all_of and any(not isinstance(each, Not) for each in required):
            return AllOf(tuple(required))  # beside what is required, the others only rank
        return AllOf((*required, AnyOf(tuple(chosen))))

    def _part(self, kind: str, piece: str, depth: int) -> tuple[Search, bool]:
        """Read one part; say also whether it is negative."""
        if (kind == "word" and piece == "NOT") or (kind == "mark" and piece in "-!"):
            part, _ = self._part(*self._next(), depth)
            return Not(part), True
        if (kind, piece) == ("mark", "("):
            found = self.alternatives(depth + 1)
            if not self.pieces:
                raise not_understood("Failed to parse query: a parenthesis is not closed")
            self.pieces.pop(0)
            return found, False
        if kind == "mark":
            raise not_understood(f"Failed to parse query: unexpected [{piece}]")
        return self._term(kind, piece), False

    def _next(self) -> tuple[str, str]:
        if not self.pieces:
            raise not_understood("Failed to parse query: it ends too early")
        return self.pieces.pop(0)

    def _term(self, kind: str, piece: str) -> Search:
        name, colon, value = _split(piece)
        if colon and not value and self.pieces and self.pieces[0] == ("mark", "("):
            self.pieces.pop(0)
            inner = _Reader(self.pieces, (name,), self.all_of)
            found = inner.alternatives(1)
            self._next()
            return found
        if piece in ("*", "*:*"):
            return EVERYTHING
        if name == "_exists_":
            return fields.exists(value)
        names = (name,) if colon else self.default_fields
        return AnyOf(tuple(_of_field(each, kind, value) for each in names))


def _split(piece: str) -> tuple[str, str, str]:
    match = re.match(r"((?:\\.|[\w.@-])+):", piece)
    if match is None:
        return "", "", piece
    return match[1].replace("\\", ""), ":", piece[match.end() :]


def _of_field(name: str, kind: str, value: str) -> Search:
    if kind == "range":
        return _range(name, value)
    if kind == "quoted":
        return fields.equals(name, [re.sub(r"\\(.)", r"\1", value[1:-1])])
    comparison = re.match(r"(>=|<=|>|<)(.+)", value)
    if comparison is not None:
        bound = {">=": "gte", "<=": "lte", ">": "gt", "<": "lt"}[comparison[1]]
        return between(name, {bound: comparison[2]})
    if re.search(r"(?<!\\)[*?]", value):
        return fields.matches(name, value)
    if re.search(r"(?<!\\)[~^/]", value):
        raise not_understood(f"Failed to parse query: [{value}] is fuzzy, boosted or a regexp")
    return fields.equals(name, [re.sub(r"\\(.)", r"\1", value)])


def _range(name: str, value: str) -> Search:
    match = _RANGE.fullmatch(value)
    if match is None:
        raise not_understood(f"Failed to parse query: [{value}] is no range")
    low, high = match[2], match[3]
    bounds = {
        **({} if low == "*" else {"gte" if match[1] == "[" else "gt": low}),
        **({} if high == "*" else {"lte" if match[4] == "]" else "lt": high}),
    }
    return between(name, bounds)
