"""Runs a concept's ordinary tests against a known-wrong variant and tells how they failed.

Why: a test is worth something only if it fails when the code is wrong. Every module beside
this one holds wrong variants of one concept; ``tests/test_mistakes.py`` puts each in place of
the real function, runs the concept's own test module, and requires that it fails.

How to add a mistake: in ``tests/mistakes/<concept>.py`` write the wrong variant under the
decorator, with one sentence as its docstring::

    from mistakes.harness import mistake

    @mistake(replaces="simclr_loss", rejected_by="test_simclr")
    def sum_instead_of_mean(z_i, z_j, temperature=0.5):
        \"\"\"The 2N terms are summed, so the loss grows with the batch.\"\"\"
        ...

It becomes the test case ``simclr-sum-instead-of-mean``. A class works the same way: derive it
from the real class and override what is wrong (``class NeverEnqueues(MoCo)``). ``replaces`` is
a public name of ``lesson_code``; ``rejected_by`` is the test module.

What this asks of a test module: it imports the name (``from lesson_code import simclr_loss``)
and looks it up when a test runs. A name captured while the module is imported, for instance as
a value of ``parametrize``, would escape the replacement.

A variant must misbehave, not break: it is rejected by an assertion, by ``pytest.raises``, or
by an error of value or device. Failures by ``TypeError`` and the like do not count, and a
``NameError`` or ``ImportError`` says that the variant itself is broken and fails the case.
"""

import collections
import contextlib
import gc
import importlib
import inspect
import io
import os
import pkgutil
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis
import pytest

TESTS = Path(__file__).resolve().parent.parent

#: How a test may reject a variant: an assertion, a missing or an unexpected refusal.
REJECTIONS = (AssertionError, pytest.fail.Exception, ValueError, RuntimeError)
#: ... but not by these, although they are RuntimeErrors.
NO_REJECTIONS = (NotImplementedError, RecursionError)
#: A variant that fails like this does not run at all.
BROKEN = (NameError, ImportError, SyntaxError)

hypothesis.settings.register_profile(
    "mistakes",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=15,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],  # no shrinking
    report_multiple_bugs=False,
)


@dataclass(frozen=True)
class Mistake:
    """One known-wrong variant: what it replaces, which tests must reject it, and why."""

    name: str
    replaces: str
    rejected_by: str
    why: str
    variant: Callable


@dataclass
class Failure:
    """One failed test of a run."""

    test: str
    when: str
    error: BaseException

    def rejects(self) -> bool:
        """Whether this is a test saying no, rather than a variant that does not work at all."""
        return (
            self.when == "call"
            and isinstance(self.error, REJECTIONS)
            and not isinstance(self.error, NO_REJECTIONS)
        )

    def broken(self) -> bool:
        """Whether this says that the variant does not run."""
        return isinstance(self.error, BROKEN)

    def __str__(self) -> str:
        first_line = next(iter(str(self.error).splitlines()), "")
        return f"{self.test} ({self.when}): {type(self.error).__name__}: {first_line}"


@dataclass
class Outcome:
    """What a run of a test module came to."""

    exit_code: int = -1
    passed: int = 0
    failures: list[Failure] = field(default_factory=list)


REGISTRY: list[Mistake] = []

#: How many variants each test has rejected in this process. The keenest tests go first, which
#: halves the time: most variants fall to the same few.
KEEN: collections.Counter[str] = collections.Counter()


def mistake(*, replaces: str, rejected_by: str) -> Callable[[Callable], Callable]:
    """Register the decorated function or class as a known-wrong variant."""

    def register(variant: Callable) -> Callable:
        concept = variant.__module__.rpartition(".")[2]
        words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", variant.__name__)
        name = f"{concept}-{words}".lower().replace("_", "-")
        why = " ".join(inspect.cleandoc(variant.__doc__ or "").split())
        if not why:
            raise ValueError(f"mistake {variant.__name__} needs a docstring of one sentence")
        REGISTRY.append(Mistake(name, replaces, rejected_by, why, variant))
        return variant

    return register


def all_mistakes() -> list[Mistake]:
    """Import every module of variants and return what they registered, in order of name."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        importlib.import_module(f"mistakes.{module.name}")
    return sorted(REGISTRY, key=lambda one: one.name)


class _Plugin:
    """Puts the variant in place after the tests are collected; keeps what failed and how."""

    def __init__(self, replacement: Mistake | None) -> None:
        self.replacement = replacement
        self.outcome = Outcome()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: -KEEN[item.nodeid])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if self.replacement is None:
            return
        for module in {item.module for item in session.items}:
            if not hasattr(module, self.replacement.replaces):
                raise pytest.UsageError(
                    f"{module.__name__} does not import {self.replacement.replaces}"
                )
            setattr(module, self.replacement.replaces, self.replacement.variant)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.outcome.passed += report.when == "call" and report.passed

    def pytest_exception_interact(
        self, node: pytest.Item, call: pytest.CallInfo, report: pytest.TestReport
    ) -> None:
        failure = Failure(node.nodeid, report.when or "collect", call.excinfo.value)
        self.outcome.failures.append(failure)
        if self.replacement is not None and failure.rejects():
            KEEN[node.nodeid] += 1
            node.session.shouldfail = "rejected"


#: Plugins that a run inside a run does not need; some would disturb the outer one, and some
#: take half a second each time (several full garbage collections with torch loaded).
UNNEEDED = (
    "cacheprovider",
    "doctest",
    "faulthandler",
    "junitxml",
    "logging",
    "pastebin",
    "stepwise",
    "threadexception",
    "unraisableexception",
    "warnings",
    "xdist",
)


def run(test_module: str, replacement: Mistake | None = None, only: str = "") -> Outcome:
    """Run one test module in this process, with a variant in place of the real name or with none.

    Args:
        test_module: name of a module in ``tests``, such as ``test_simclr``.
        replacement: the mistake to put in place; None runs the tests as they are.
        only: the one test function to run; all of them unless told.

    Returns:
        The outcome; with a replacement the run stops at the first rejection.
    """
    plugin = _Plugin(replacement)
    path = TESTS / f"{test_module}.py"
    chosen = f"{path}::{only}" if only else str(path)
    arguments = [chosen, "-s", "-o", "addopts=", "--rootdir", str(TESTS.parent)]
    arguments += ["--hypothesis-profile=mistakes", "--tb=no", "--assert=plain"]
    arguments += [text for name in UNNEEDED for text in ("-p", f"no:{name}")]
    # The module is imported anew, so that the outer run's copy of it stays as it is.
    outer = {name: sys.modules.pop(name, None) for name in (test_module, "conftest")}
    profile = hypothesis.settings.get_current_profile_name()
    path_before, environment = list(sys.path), dict(os.environ)
    gc.disable()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            plugin.outcome.exit_code = int(pytest.main(arguments, plugins=[plugin]))
    finally:
        gc.enable()
        hypothesis.settings.load_profile(profile)
        sys.path[:] = path_before
        os.environ.clear()
        os.environ.update(environment)
        for name, module in outer.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module
    return plugin.outcome
