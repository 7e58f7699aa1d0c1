"""Tables that examples compute: what they may hold, and how a page writes each cell.

An example sets ``tables = {"name": {"columns": {"Method": "", "k-NN": ".3f"}, "rows": [...]}}``:
each column has a name and a format, each row one cell for each column, and the first cell is the
row's header. A cell is text, a number, yes or no, nothing, or ``[mean, spread]``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

Number = int | float
Cell = str | Number | None | tuple[Number, Number]
NOTHING = "\N{EN DASH}"
_SPREAD = " \N{PLUS-MINUS SIGN} "
_WIDEST = 40


@dataclass(frozen=True)
class Table:
    """One table: its columns, a name and a format each, and its rows of cells."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]

    def plain(self) -> dict[str, Any]:
        """Lists and dictionaries only; columns stay in order where a file sorts its keys."""
        return {
            "columns": [list(column) for column in self.columns],
            "rows": [[list(c) if isinstance(c, tuple) else c for c in row] for row in self.rows],
        }

    def is_numeric(self, column: int) -> bool:
        """Whether the column holds numbers, so that its cells are aligned at the right."""
        return any(is_number(row[column]) or is_pair(row[column]) for row in self.rows)

    def written(self, row: int, column: int) -> str:
        """A cell as the reader sees it."""
        return written(self.rows[row][column], self.columns[column][1])

    def cell(self, header: str, key: str) -> tuple[Cell, str]:
        """The cell of the row that begins with a header, and its column's format.

        Args:
            header: of the row, as the table shows it.
            key: of the column, one of the names that ``keys`` gives it.

        Raises:
            ValueError: If no row or column is called so, or several are; it names those there are.
        """
        rows = [row for row in self.rows if str(row[0]) == header]
        if len(rows) != 1:
            known = ", ".join(str(row[0]) for row in self.rows)
            many = "no row" if not rows else f"{len(rows)} rows"
            raise ValueError(f"the table has {many} {header!r}; its rows: {known}")
        places = [i for i, (name, _) in enumerate(self.columns) if key in keys(name)]
        if len(places) != 1:
            names = ", ".join(keys(name)[1] for name, _ in self.columns)
            many = "no column" if not places else f"{len(places)} columns"
            raise ValueError(f"the table has {many} {key!r}; its columns: {names}")
        return rows[0][places[0]], self.columns[places[0]][1]


def read(plain: dict[str, Any]) -> Table:
    """The table of which ``plain`` tells; the reverse of ``Table.plain``."""
    columns = tuple((str(name), str(spec)) for name, spec in plain["columns"])
    rows = tuple(tuple(_cell(cell) for cell in row) for row in plain["rows"])
    if any(len(row) != len(columns) for row in rows):
        raise ValueError("a row of a table is too short or too long")
    return Table(columns, rows)


def _cell(cell: Any) -> Cell:
    kept: Cell = tuple(cell) if isinstance(cell, list) else cell
    return kept


def checked(raw: object) -> Table:
    """The table that an example described.

    Raises:
        ValueError: If it is not one; the message says where and what was expected.
    """
    if not isinstance(raw, dict) or raw.keys() != {"columns", "rows"}:
        raise ValueError("must be a dict of 'columns' and 'rows'")
    columns, rows = raw["columns"], raw["rows"]
    if not isinstance(columns, dict) or len(columns) < 2:
        raise ValueError("columns must be a dict of two names or more, each with its format")
    for name, spec in columns.items():
        if not name.strip() or not isinstance(spec, str):
            raise ValueError(
                f"columns must name a format such as '.3f' or '', not {name!r}: {spec!r}"
            )
    if not isinstance(rows, list) or not rows:
        raise ValueError(f"rows must be a list of one row or more, is {rows!r}")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != len(columns):
            raise ValueError(f"row {number} must be a list of {len(columns)} cells, is {row!r}")
        for cell, (name, spec) in zip(row, columns.items(), strict=True):
            _check_cell(_cell(cell), spec, f"row {number}, column {name!r}: ")
        if row[0] is None or row[0] == "" or isinstance(row[0], list):
            raise ValueError(f"row {number} must begin with its header, not {row[0]!r}")
    return read({"columns": list(columns.items()), "rows": rows})


def _check_cell(cell: Cell, spec: str, where: str) -> None:
    if cell is None or isinstance(cell, (str, bool)):
        return
    if not is_number(cell) and not is_pair(cell):
        shown = list(cell) if isinstance(cell, tuple) else cell
        raise ValueError(f"{where}a cell is text, a number, None or [mean, spread], not {shown!r}")
    for number in numbers(cell):
        if not math.isfinite(number):
            raise ValueError(f"{where}{number!r} cannot stand in a table; None shows as a dash")
        if isinstance(number, float) and not spec:
            raise ValueError(f"{where}say how to write a decimal, with a format such as '.3f'")
    if isinstance(cell, tuple) and cell[1] < 0:
        raise ValueError(f"{where}a spread cannot be negative, is {cell[1]!r}")
    try:
        written(cell, spec)
    except ValueError as error:
        raise ValueError(f"{where}cannot write {cell!r} as {spec!r}: {error}") from None


def is_number(cell: object) -> bool:
    """Whether a cell is one number; yes and no are none."""
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def is_pair(cell: object) -> bool:
    """Whether a cell is a mean with its spread."""
    return isinstance(cell, tuple) and len(cell) == 2 and all(map(is_number, cell))


def numbers(cell: Cell) -> tuple[Number, ...]:
    """The numbers in a cell: one, two, or none."""
    if isinstance(cell, tuple):
        return cell
    return (cell,) if isinstance(cell, (int, float)) and not isinstance(cell, bool) else ()


def written(cell: Cell, spec: str) -> str:
    """A cell as text, numbers by ``spec``."""
    if cell is None:
        return NOTHING
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, tuple):
        return formatted(cell[0], spec) + _SPREAD + formatted(cell[1], spec.removeprefix("+"))
    return cell if isinstance(cell, str) else formatted(cell, spec)


def formatted(value: Number | str, spec: str) -> str:
    """A value by a format, unless it asks for more room than a page has; a zero has no sign."""
    if any(int(number) > _WIDEST for number in re.findall(r"\d+", spec)):
        raise ValueError(f"a number on a page has at most {_WIDEST} digits")
    text = format(value, spec)
    return text if re.search("[1-9a-zA-Z]", text) else text.replace("-", "").replace("+", "")


def keys(column: str) -> tuple[str, str]:
    """The names by which a tolerance or a claim may call a column, or a row's header and a column.

    ``k_nn`` and ``knn`` for ``k-NN``, ``byol_k_nn`` and ``byol_knn`` for it in the row ``BYOL``.
    """
    spaced, joined = column.lower(), column.lower().replace("-", "")
    return _plain(spaced), _plain(joined)


def _plain(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_")
