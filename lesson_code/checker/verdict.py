"""What the checker says of one function, and the smallest example that shows it."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Example:
    """The smallest question that shows a difference."""

    probe: str
    shows: str
    what: str
    yours: str
    expected: str


@dataclass(frozen=True)
class Verdict:
    """What the checker says of one function.

    ``status`` is ``passed``, ``convention`` (right, by another one), ``bug`` (it behaves like the
    bugs in ``names``), ``unknown`` (wrong, like none), ``raises`` or ``broken`` (it could not be
    asked at all). Only the first two are right. A ``passed`` one may have names too: those of bugs
    that no required probe shows, and remarks that tell of them.
    """

    exercise: str
    status: str
    message: str
    names: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    agreed: int = 0
    asked: int = 0
    example: Example | None = None
    line: str = ""
    remarks: tuple[str, ...] = ()
    see: str = ""
    details: dict[str, str] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether the exercise is solved."""
        return self.status in ("passed", "convention")

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"right": self.right, **asdict(self)}

    def __str__(self) -> str:
        from lesson_code.checker.tell import told

        return told(self)
