"""Which argument of a reader's function stands for which of the exercise's.

Exact names count first, then names that readers give instead, then parts of names. Where names say
nothing, every assignment that fits the types is tried: if one is right, the function is right.
"""

import inspect
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lesson_code.checker.exercise import Exercise, ReaderError
from lesson_code.checker.signature import SPARE, Parameters


#: So many assignments are tried at most.
MOST = 60

_EMPTY = inspect.Parameter.empty
_FIRST, _SECOND = "#1", "#2"
_INDEX = dict.fromkeys((*"01ai", "one", "first"), _FIRST)
_INDEX |= dict.fromkeys((*"2bj", "two", "second"), _SECOND)
_WEAK = {_FIRST, _SECOND, *"xyuvw"}
_THINGS = ("tensor", "list", "module")

#: How both views may come in one argument.
_TOGETHER = "z x features feats embeddings emb representations reps views projections outputs"
_NO_VIEW = ("lowresolutionoutputs", "queueoutputs")
#: Names of labels, which say what rows belong together.
LABELS = frozenset(("labels", "label", "target", "targets", "y", "indexes", "indices", "ids"))

#: What holds settings, such as what a parser or a configuration file gives.
BAGS = frozenset(
    ("args", "params", "cfg", "config", "conf", "opt", "opts", "hparams", "kwargs", "self")
)
CROPS = "crops one after the other"
PACKINGS = ("rows one view after the other", "views on axis 1", "a list of views", "pair by pair")


@dataclass(frozen=True)
class Reading:
    """One way to call a function."""

    places: Mapping[str, str]  # for each argument of the exercise the reader's name of it
    turned: frozenset[str] = frozenset()  # arguments handed over as one minus their value
    filled: tuple[str, ...] = ()  # arguments that the exercise does not know
    lacking: tuple[str, ...] = ()  # arguments of the exercise that have no place
    packed: str = ""  # how the views come together; empty where each has a place
    by_name: bool = False  # whether all names are those of the exercise
    rest: str = ""  # a second weight, which gets what the first leaves of 1


def readings(own: Parameters, exercise: Exercise, fillable: frozenset[str]) -> list[Reading]:
    """All ways to call a function with these parameters, the likeliest first.

    Those that are ``fillable`` have a value though the exercise does not know them.

    Raises:
        ReaderError: if an argument of the exercise has no place, or the function wants more.
    """
    wanted = inspect.signature(exercise.reference).parameters
    match = _Match(wanted, own, exercise.aliases, exercise.optional, fillable)
    labels = {*LABELS, *_NO_VIEW} if exercise.views else set()  # they are no view
    match.kept = fillable | {name for name in own if simple(name) in labels}
    found = [*match.assigned()]
    if not found and exercise.views:
        first, *others = exercise.views
        fewer = {key: item for key, item in wanted.items() if key not in others}
        together = {**exercise.aliases, first: _TOGETHER}
        packed = _Match(fewer, own, together, exercise.optional, fillable | LABELS)
        packed.kept = fillable
        found = [replace(one, packed=way) for one in packed.assigned() for way in PACKINGS]
    if not found:
        raise ReaderError(match.trouble())
    if any(kind(item) == "list" for item in wanted.values()):
        found += [replace(one, packed=CROPS) for one in found]
    return list(itertools.islice(_and_turned(found, own, exercise), MOST))


def meant(name: str, wanted: Parameters, exercise: Exercise) -> str:
    """The argument of an exercise that a name stands for, if it says so."""
    own = {name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY)}
    match = _Match(wanted, own, exercise.aliases, (), frozenset())
    best = max(wanted, key=lambda key: match.score(name, key))
    return best if match.score(name, best) >= 6 else ""


def kind(parameter: inspect.Parameter) -> str:
    """What a parameter holds, as far as its annotation or its default says."""
    if parameter.annotation is not _EMPTY:
        note = parameter.annotation
        text = note if isinstance(note, str) else getattr(note, "__name__", "") or str(note)
        text = str(note) if "[" in str(note) or "|" in str(note) else text
        for name, sign in (
            ("list", r"[Ss]equence|[Ll]ist|[Tt]uple"),
            ("tensor", "Tensor"),
            ("module", "Module"),
            ("generator", "Generator"),
            ("bool", "bool"),
            ("number", "int|float"),
            ("word", "str"),
        ):
            if re.search(sign, text):
                return name
    default = parameter.default
    if isinstance(default, bool):
        return "bool"
    return {int: "number", float: "number", str: "word"}.get(type(default), "")


def _fits(own: inspect.Parameter, wanted: inspect.Parameter, score: int) -> bool:
    """Whether a value for the one may go into the other; nothing goes across types."""
    mine, asked = kind(own), kind(wanted)
    alike = mine in ("", asked) or {mine, asked} in ({"number", "bool"}, {"list", "tensor"})
    if asked in _THINGS and wanted.default is _EMPTY:
        free = own.default is _EMPTY or (score >= 20 and own.default is None)
        return alike and free
    if asked in ("tensor", "generator"):  # labels, a center: nothing but None is its default
        alike = alike or (score >= 20 and mine == "number" and own.annotation is _EMPTY)  # 0.0
        return alike and (own.default is _EMPTY or own.default is None or score >= 6)
    return alike


def words_of(name: str, zero_based: bool = False) -> list[str]:
    """The parts of a name; a lone T or K keeps its case, and indices are first or second."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    small = [part if part in ("T", "K") else part.lower() for part in parts]
    if zero_based:
        small = [_SECOND if part == "1" else part for part in small]
    return [_INDEX.get(part, part) for part in small]


def simple(name: str) -> str:
    """A name without its style; of one letter, T is not t."""
    bare = name.replace("_", "")
    return bare if len(bare) == 1 else bare.lower()


class _Match:
    """How the names and types of a reader's parameters fit those of an exercise.

    It may do without ``optional``, and ``fillable`` are the reader's that get a value elsewhere.
    """

    def __init__(
        self,
        wanted: Parameters,
        own: Parameters,
        aliases: Mapping[str, str],
        optional: tuple[str, ...],
        fillable: frozenset[str],
    ) -> None:
        self.wanted, self.own, self.fillable = wanted, own, fillable
        self.kept: frozenset[str] = frozenset()
        self.takes_any = any(it.kind is inspect.Parameter.VAR_KEYWORD for it in own.values())
        self.may_lack = set(wanted) if self.takes_any else set(optional)
        if any(simple(name) in BAGS for name in own):
            self.may_lack |= {key for key, item in wanted.items() if kind(item) not in _THINGS}
        self.zero_based = any("0" in re.findall(r"\d+", name) for name in own)
        self.aliases = {key: aliases.get(key, "").split() for key in wanted}
        self.words = {
            key: {word for alias in (key, *self.aliases[key]) for word in words_of(alias)}
            for key in wanted
        }
        for key, known in self.words.items():
            if known & {"temperature", "temp"}:
                known.add("T")
                self.aliases[key].append("T")

    def score(self, name: str, key: str) -> int:
        """How much a name of the reader's says for an argument of the exercise."""
        if name == key or (simple(name) == simple(key) and not self.zero_based):
            return 100
        words = set(words_of(name, self.zero_based))
        parts = sum(2 if word in _WEAK else 6 for word in words & self.words[key])
        same = simple(name) in map(simple, (key, *self.aliases[key]))
        if not same or (self.zero_based and "1" in name):
            return parts
        return parts + (4 if words <= _WEAK else 20)

    def fits(self, name: str, key: str) -> bool:
        """Whether an argument may go there by its type."""
        if name in self.kept and not self.score(name, key):
            return False
        return _fits(self.own[name], self.wanted[key], self.score(name, key))

    def sure(self) -> dict[str, str]:
        """What names leave no doubt about."""
        found: dict[str, str] = {}
        for name, key in itertools.product(self.own, self.wanted):
            mine = self.score(name, key)
            rivals = [self.score(name, other) for other in self.wanted if other != key]
            telling = (
                mine >= 6 and not set(words_of(name)) <= _WEAK and mine > max(rivals, default=0)
            )
            if (telling or mine >= 100) and self.fits(name, key):
                if key not in found or mine > self.score(found[key], key):
                    found[key] = name
                elif mine == self.score(found[key], key):
                    found[key] = ""
        return {key: name for key, name in found.items() if name}

    def assigned(self) -> Iterator[Reading]:
        """The assignments that fit, the best names first, then the nearest order."""
        sure = self.sure()
        open_keys = [key for key in self.wanted if key not in sure]
        left = [
            name
            for name, item in self.own.items()
            if name not in sure.values() and not (self.takes_any and item.kind in SPARE)
        ]
        ranked: list[tuple[int, int, int, dict[str, str], tuple[str, ...]]] = []
        for chosen in itertools.islice(self._choices(open_keys, left), 50 * MOST):
            places = {
                key: sure.get(key) or chosen[key]
                for key in self.wanted
                if key in sure or key in chosen
            }
            extra = [
                name
                for name in left
                if name not in places.values()
                and self.own[name].default is _EMPTY
                and self.own[name].kind not in SPARE
            ]
            if self.fillable.issuperset(extra):
                score = sum(self.score(name, key) for key, name in chosen.items())
                order = [list(self.own).index(name) for name in places.values()]
                turns = sum(a > b for a, b in itertools.combinations(order, 2))
                ranked.append((-score, turns, len(ranked), places, tuple(extra)))
        for _, _, _, places, filled in sorted(ranked, key=lambda item: item[:3]):
            lacking = tuple(key for key in self.wanted if key not in places)
            if self.takes_any:
                places, lacking = places | {key: key for key in lacking}, ()
            by_name = not filled and all(key == name for key, name in places.items())
            yield Reading(places, filled=filled, lacking=lacking, by_name=by_name)

    def _choices(self, keys: list[str], left: list[str]) -> Iterator[dict[str, str]]:
        """Every way to give the remaining arguments places of their own."""
        if not keys:
            yield {}
            return
        key, rest = keys[0], keys[1:]
        fitting = [
            name
            for name in left
            if self.fits(name, key)
            and (self.own[name].default is _EMPTY or self.score(name, key) or len(left) == 1)
        ]
        for name in sorted(fitting, key=lambda name: -self.score(name, key)):
            for more in self._choices(rest, [each for each in left if each != name]):
                yield {key: name} | more
        if key in self.may_lack:
            yield from self._choices(rest, left)

    def trouble(self) -> str:
        """Why there is no way to call it."""
        taken = self.sure()
        for key in [key for key in self.wanted if key not in taken]:
            free = [
                name for name in self.own if name not in taken.values() and self.fits(name, key)
            ]
            best = max(free, key=lambda name: self.score(name, key), default="")
            if best and (self.own[best].default is _EMPTY or self.score(best, key) >= 6):
                taken[key] = best
        calls = f"the exercise calls it with ({', '.join(self.wanted)})"
        lacking = [key for key in self.wanted if key not in taken and key not in self.may_lack]
        if lacking:
            names = ", ".join(self.own)
            return f"takes ({names}), and {calls}: there is no place for {', '.join(lacking)}"
        more = [
            name
            for name, item in self.own.items()
            if not (name in taken.values() or name in self.fillable) and item.default is _EMPTY
        ]
        return f"also asks for {', '.join(more)}; {calls}"


def _and_turned(found: list[Reading], own: Parameters, exercise: Exercise) -> Iterator[Reading]:
    """With each reading the one in which a share is that of the other side."""
    for reading in found:
        yield reading
        for key, names in exercise.complements.items():
            name = reading.places.get(key, "")
            default = own[name].default if name in own else None
            usual = isinstance(default, float) and 0.5 <= default <= 1
            small = isinstance(default, float) and 0 < default < 0.5
            if small or (simple(name) in map(simple, names.split()) and not usual):
                yield replace(reading, turned=frozenset([key]), by_name=False)
            weights = _weights(own)
            for rest in [
                it for it in weights if name in weights and it not in reading.places.values()
            ]:
                swapped = {**reading.places, key: rest}
                yield replace(reading, rest=rest, by_name=False)
                yield replace(reading, places=swapped, rest=name, by_name=False)


def _weights(own: Parameters) -> list[str]:
    """Parameters that by their names and defaults weigh terms of a sum."""
    told = {"weight", "coef", "coeff", "alpha", "beta", "gamma", "lambda", "lam", "w"}
    return [
        name
        for name, item in own.items()
        if told & {*words_of(name)} and isinstance(item.default, float)
    ]


def told(reading: Reading, name: str) -> str:
    """How a function was called, in the words of both sides."""
    parts = []
    for key, own in reading.places.items():
        parts.append(f"{own}={'1 - ' if key in reading.turned else ''}{key}")
    parts = parts or ["**all"]
    if reading.packed == CROPS:
        parts.append(CROPS)
    elif reading.packed:
        parts[0] = f"{parts[0].partition('=')[0]}=both views, {reading.packed}"
    parts += [f"{reading.rest}=the rest of 1"] if reading.rest else []
    parts += [f"{own}=..." for own in reading.filled]
    return f"{name}({', '.join(parts)})"
