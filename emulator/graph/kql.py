"""A small parser of Kusto: `resources | where … | extend … | project … | order by … | take n | count`.

It says what it does not understand instead of guessing. Column and property names are compared with their case.
"""

from collections.abc import Callable
from dataclasses import dataclass

from emulator.body import Body
from emulator.graph.expressions import Expression, both, compared, constant, either, member, path, ranked
from emulator.graph.lexer import Token, refused, tokens
from emulator.graph.operators import COMPARES, FUNCTIONS, MEMBERS

type Rows = list[Body]
type Stage = Callable[[Rows], Rows]


@dataclass(frozen=True, slots=True)
class Query:
    """A table and what is done to its rows, in order."""

    table: str
    stages: tuple[Stage, ...]

    def run(self, rows: Rows) -> Rows:
        """Return the rows of the result."""
        for stage in self.stages:
            rows = stage(rows)
        return rows


def parse(query: str) -> Query:
    """Read a query."""
    return _Parser(tokens(query)).query()


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._place = 0

    def query(self) -> Query:
        table = self._word()
        stages = []
        while self._took("|"):
            stages.append(self._stage(self._word()))
        self._end()
        return Query(table.lower(), tuple(stages))

    def _stage(self, name: str) -> Stage:
        match name:
            case "where":
                test = self._either()
                return lambda rows: [row for row in rows if test(row)]
            case "project":
                columns = self._columns()
                return lambda rows: [{key: value(row) for key, value in columns} for row in rows]
            case "extend":
                more = self._columns()
                return lambda rows: [row | {key: value(row) for key, value in more} for row in rows]
            case "order" | "sort":
                return self._order()
            case "take" | "limit":
                count = int(self._next("number").value)
                return lambda rows: rows[:count]
            case "count":
                return lambda rows: [{"Count": len(rows)}]
        raise refused(f"the operator {name!r}")

    def _columns(self) -> list[tuple[str, Expression]]:
        columns = [self._column()]
        while self._took(","):
            columns.append(self._column())
        return columns

    def _column(self) -> tuple[str, Expression]:
        start = self._place
        if self._peek().kind == "word" and self._tokens[start + 1].value == "=":
            name = self._word()
            self._place += 1
            return name, self._either()
        value = self._either()
        words = [token.value for token in self._tokens[start : self._place] if token.kind in ("word", "text")]
        if self._tokens[self._place - 1].value == ")":
            raise refused("a computed column needs a name")
        return "_".join(words), value

    def _order(self) -> Stage:
        if self._word() != "by":
            raise refused("order without by")
        keys = [self._key()]
        while self._took(","):
            keys.append(self._key())

        def stage(rows: Rows) -> Rows:
            for value, falling in reversed(keys):
                rows = sorted(rows, key=ranked(value), reverse=falling)
            return rows

        return stage

    def _key(self) -> tuple[Expression, bool]:
        value = self._primary()
        if self._peek().value in ("asc", "desc"):
            return value, self._word() == "desc"
        return value, True  # Kusto sorts downwards unless told otherwise

    def _either(self) -> Expression:
        left = self._both()
        while self._took("or"):
            left = either(left, self._both())
        return left

    def _both(self) -> Expression:
        left = self._comparison()
        while self._took("and"):
            left = both(left, self._comparison())
        return left

    def _comparison(self) -> Expression:
        left = self._primary()
        sign = self._peek().value
        if self._peek().kind in ("sign", "word") and sign in COMPARES:
            self._place += 1
            return compared(left, COMPARES[sign], self._primary())
        if self._peek().kind == "word" and sign in MEMBERS:
            self._place += 1
            return member(left, MEMBERS[sign], self._list())
        return left

    def _list(self) -> list[Expression]:
        self._expect("(")
        found = [self._primary()]
        while self._took(","):
            found.append(self._primary())
        self._expect(")")
        return found

    def _primary(self) -> Expression:
        token = self._next()
        match token.kind:
            case "text":
                return constant(token.value)
            case "number":
                return constant(float(token.value) if "." in token.value else int(token.value))
            case "word":
                return self._named(token.value)
        if token.value == "(":
            inner = self._either()
            self._expect(")")
            return inner
        raise refused(f"unexpected {token.value!r}")

    def _named(self, name: str) -> Expression:
        if name in ("true", "false"):
            return constant(name == "true")
        if self._took("("):
            if name not in FUNCTIONS:
                raise refused(f"the function {name!r}")
            argument = self._either()
            self._expect(")")
            function = FUNCTIONS[name]
            return lambda row: function(argument(row))
        return path([name, *self._members()])

    def _members(self) -> list[str]:
        words = []
        while self._peek().value in (".", "["):
            if self._next().value == ".":
                words.append(self._word())
            else:
                words.append(self._next("text").value)
                self._expect("]")
        return words

    def _peek(self) -> Token:
        return self._tokens[self._place]

    def _next(self, kind: str = "") -> Token:
        token = self._peek()
        if token.kind == "end" or (kind and token.kind != kind):
            raise refused(f"unexpected {token.value or 'end'!r}, wanted {kind or 'more'}")
        self._place += 1
        return token

    def _word(self) -> str:
        return self._next("word").value

    def _took(self, value: str) -> bool:
        if self._peek().kind in ("sign", "word") and self._peek().value == value:
            self._place += 1
            return True
        return False

    def _expect(self, value: str) -> None:
        if not self._took(value):
            raise refused(f"unexpected {self._peek().value or 'end'!r}, wanted {value!r}")

    def _end(self) -> None:
        if self._peek().kind != "end":
            raise refused(f"unexpected {self._peek().value!r}")
