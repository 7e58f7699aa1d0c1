"""Names of a block: it binds and needs what Python itself binds and lacks when the block runs."""

import sys

import pytest
from bookbuild.scopes import names

# Each block, and the names it needs; when it runs, each of these is the list [1, 2].
BLOCKS = [
    # comprehensions: their variables are neither used nor defined around them
    ("y = [a for a in b]", "b"),
    ("y = [a * x for a in b]", "b x"),
    ("row = 1\ny = {row: row for row in b}", "b"),
    ("y = {a for a in b}; z = sum(a for a in b)", "b"),
    ("y = [a for a in b]; z = a", "a b"),
    ("y = [a for a in a]", "a"),
    ("y = [c for a in b for c in [a] if c in d]", "b d"),
    ("y = [[c for c in range(a)] for a in b]", "b"),
    ("y = [(lambda: a + c)() for a in b for c in b]", "b"),
    ("y = [(c, d) for a in b if (d := a) and (c := d)]", "b"),
    ("y = [(d, (d := a)) for a in b]", "b d"),
    ("y = {k: v for k, (v, *w) in [(1, b)] if w}", "b"),
    # order
    ("b = a; a = 1", "a"),
    ("loss = 1\nloss = loss * 2", ""),
    ("loss = loss * 2", "loss"),
    ("total += [1]", "total"),
    ("x = [1]; x[0] += y[0]; x[z[0]:] = x", "y z"),
    ("for i in range(3):\n    total = total + [i]", "total"),
    ("for i in v:\n    w = i\nelse:\n    x = w, i", "v"),
    ("while a:\n    b = a; break", "a"),
    ("if (n := 3) > 2 and n:\n    m = n", ""),
    ("x: int\ny: 'T' = 1", ""),
    ("del x", "x"),
    ("é = 1; b = é  # c", ""),
    ("t = (1,\n     u)  # v", "u"),
    # statements with blocks
    ("import os.path\nimport tokenize as t, ast\nfrom math import pi as p\nos, t, ast, p", ""),
    ("from contextlib import nullcontext as n\nwith n(a) as b, n(b) as (c, *d):\n    e = d", "a"),
    ("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    f = e, b", "b"),
    ("try:\n    a = b\nfinally:\n    c = b", "b"),
    (
        "try:\n    raise ExceptionGroup('', [ValueError()])\n"
        "except* ValueError as e:\n    f = e.exceptions, b",
        "b",
    ),
    ("match a:\n    case [b, *c]:\n        d = b, c", "a"),
    ("match {'k': a}:\n    case {'k': [1, 2] as b, **c} if d:\n        e = b, c", "a d"),
    ("match 1:\n    case int(real=r) | complex(real=r):\n        s = r", ""),
    # functions
    ("def f():\n    return g()\ndef g():\n    return h\nf()", "h"),
    ("y = 1\ndef f(x=y): return x\nz = f()", ""),
    ("def f():\n    def g(): return x\n    x = 1\n    return g()\ny = f()", ""),
    ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x += 1\n    g()\nf()", ""),
    ("def f():\n    x = 1\n    return [x + a for a in b if (c := a)], c\nf()", "b"),
    ("def f():\n    global state\n    state = 1\nf()\nx = state", ""),
    ("def f():\n    global state\n    return state\nf()", "state"),
    (
        "def f(x):\n    def g():\n        global x\n        return [x for _ in '1']\n    g()\nf(1)",
        "x",
    ),
    ("def f():\n    x: T\n    for x in [1]: pass\n    del x\nf()", ""),
    ("g = lambda t, s=u: t + s + v\ng([1])", "u v"),
    ("@(lambda g: d and g)\ndef f(): pass\nf()", "d"),
    ("async def f(x):\n    async with x as y:\n        return [z async for z in y]", ""),
    # classes
    ("class A:\n    size: int = N\n    def f(self): return K\nA().f()", "K N"),
    ("class A:\n    n = N\nN = 1", "N"),
    ("class A:\n    x = 1\n    y = x\n    def f(self): return x\nA().f()", "x"),
    ("class A:\n    x = [1]\n    y = [a for a in x]", ""),
    ("class A:\n    x = [1]\n    y = [x for a in x]", "x"),
    ("class A:\n    x = 1\n    class B:\n        y = x", "x"),
    ("class A:\n    def f(self): return super().__init__(), __class__\nA().f()", ""),
    ("class A:\n    n = __qualname__, __module__", ""),
    ("class A:\n    global g\n    g = 1\nx = g", ""),
    ("class A(metaclass=M[:0] or type): pass", "M"),
    ("def f():\n    x = 1\n    class A:\n        y = x\n    return A\nf()", ""),
    ("print(f'{x!r:{w[0]}}', __name__, __doc__)", "w x"),
]
NEWER = [  # type parameters: neither used nor defined around what has them
    ("def f[T](x: T) -> T:\n    y: T = x\n    return T\nf(1)", ""),
    (
        "class A[T, *S, **P](list[T]):\n    x = T\n    def f(self, y: T): return T, S, P\nA().f(1)",
        "",
    ),
    ("type L[T] = list[T] | dict[T, M]\nL.__value__", "M"),
    ("def f[T: (M, object)](): return T.__constraints__\nf()", "M"),
    ("class A:\n    B = int\n    def f[T: B](self, y: B) -> B: return T.__bound__\nA().f(1)", ""),
    ("def f[T](): return T\nx = T", "T"),
]
BLOCKS += NEWER if sys.version_info >= (3, 12) else []  # older ones cannot read them

# What no run can show: annotations, which 3.14 evaluates late, and a name that is given in vain.
READ = [
    ("x: T = 1", "T", "x"),
    ("def f(x: T, y=d, *z: T, k: T = d, **w: T) -> T:\n    v: N = x\n    return v", "T d", "f"),
    ("class A:\n    x: T\n    y: x = 1", "T x", "A"),
    ("x = 1\ndel x\ny = x", "x", "y"),
    ("try:\n    a\nexcept B as e:\n    pass\nf = e", "B a e", "f"),
    ("e = 1\ntry:\n    a\nexcept B as e:\n    pass\nf = e", "B a", "e f"),
    ("f()\ndef f():\n    pass", "f", "f"),
    (
        "async def f():\n    async for x in y:\n        z = x\n    async with z as w:\n        w",
        "y",
        "f",
    ),
    ("class A(B, metaclass=M): pass", "B M", "A"),
    ("if a:\n    b = 1\nelse:\n    c = b", "a", "b c"),
    ("from m import *\nx", "x", ""),
]


def run(code: str, given: set[str]) -> tuple[set[str], str]:
    """The names that a block leaves, and the name that it lacked, if any."""
    scope: dict[str, object] = {name: [1, 2] for name in given}
    scope |= {"__name__": "__main__", "__doc__": None}
    try:
        exec(compile(code, "<block>", "exec"), scope)
    except NameError as error:
        return set(), error.name
    return {name for name in scope if not name.startswith("__")}, ""


@pytest.mark.parametrize(("code", "needed"), BLOCKS)
def test_names_are_those_of_a_run(code: str, needed: str) -> None:
    read, given = names(code), set(needed.split())
    assert " ".join(sorted(read.needed)) == needed
    left, lacked = run(code, given)
    assert lacked == ""
    assert left - given == read.defined - given
    for name in given:
        assert run(code, given - {name})[1] == name


@pytest.mark.parametrize(("code", "needed", "defined"), READ)
def test_names_that_no_run_shows(code: str, needed: str, defined: str) -> None:
    read = names(code)
    assert " ".join(sorted(read.needed)) == needed
    assert " ".join(sorted(read.defined)) == defined
