"""Runs ordinary tests against known-wrong variants and tells how they failed.

Why: a test is worth something only if it fails when the code is wrong. The variants of one family
run in one session of pytest inside the present one: each test is collected once, runs on the
published function first, which must pass, then on every variant that names it, which must not.

What this asks of a test module: it imports the name (``from lesson_code import simclr_loss``) and
looks it up when a test runs. A name captured while the module is imported, for instance as a value
of ``parametrize``, would escape the replacement.
"""

import contextlib
import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis
import pytest
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).resolve().parents[2]

#: How a test may reject a variant: an assertion, a missing or an unexpected refusal.
REJECTIONS = (AssertionError, pytest.fail.Exception, ValueError, RuntimeError)
#: ... but not by these, although they are RuntimeErrors.
NO_REJECTIONS = (NotImplementedError, RecursionError)
#: A variant that fails like this does not run at all.
BROKEN = (NameError, ImportError, SyntaxError)

hypothesis.settings.register_profile(
    "variants",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=15,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],  # no shrinking
    report_multiple_bugs=False,
)

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


@dataclass(frozen=True)
class Variant:
    """What stands in place of a published name, and the test or the file that must notice."""

    name: str
    of: str
    test: str
    function: Callable


@dataclass(frozen=True)
class Failure:
    """One failed run of a test."""

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
class _Plugin:
    """Runs each test on the published function, then on each variant that names it."""

    variants: Sequence[Variant]
    problems: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items: dict[str, list[pytest.Item]] = {}
        for item in session.items:
            for key in (item.nodeid.partition("[")[0], item.nodeid.partition("::")[0]):
                items.setdefault(key, []).append(item)
        for test in dict.fromkeys(variant.test for variant in self.variants):
            if test not in items:
                self.problems.append(f"there is no test {test}")
            elif "::" not in test:  # a whole file, which the outer run has on its list already
                items[test].sort(key=lambda item: "refused" not in item.name)
            elif failures := self._run(items[test], stop=False):
                self.problems.append(f"it fails on the published code: {failures[0]}")
        for variant in self.variants:
            if variant.test in items:
                self.problems += self._judge(variant, items[variant.test])
        return True

    def _judge(self, variant: Variant, items: list[pytest.Item]) -> list[str]:
        """What is wrong with a variant or its test: nothing, if the test rejects it."""
        module = items[0].module
        if not hasattr(module, variant.of):
            return [f"{variant.name}: {module.__name__} does not import {variant.of}"]
        published = getattr(module, variant.of)
        setattr(module, variant.of, variant.function)
        try:
            failures = self._run(items, stop=True)
        finally:
            setattr(module, variant.of, published)
        if broken := [str(failure) for failure in failures if failure.broken()]:
            return [f"{variant.name} is broken rather than wrong: {broken}"]
        if not any(failure.rejects() for failure in failures):
            return [f"{variant.name} is accepted by {variant.test}: {[*map(str, failures)]}"]
        return []

    def _run(self, items: list[pytest.Item], stop: bool) -> list[Failure]:
        """The failures of a test, or of its parameters up to the first that rejects."""
        self.failures = []
        for item in items:
            runtestprotocol(item, nextitem=None, log=False)
            if stop and any(failure.rejects() for failure in self.failures):
                break
        return self.failures

    def pytest_exception_interact(
        self, node: pytest.Item, call: pytest.CallInfo, report: pytest.TestReport
    ) -> None:
        assert call.excinfo is not None
        self.failures.append(Failure(node.nodeid, report.when or "collect", call.excinfo.value))


def problems(variants: Sequence[Variant]) -> list[str]:
    """Whatever is not as it should be: a test that accepts its variant, or fails without it."""
    plugin = _Plugin(variants)
    files = dict.fromkeys(variant.test.partition("::")[0] for variant in variants)
    arguments = [str(ROOT / file) for file in files if (ROOT / file).is_file()]
    if not arguments:
        return [f"there is no test {variant.test}" for variant in variants]
    arguments += ["-s", "-o", "addopts=", "--rootdir", str(ROOT)]
    arguments += ["--hypothesis-profile=variants", "--tb=no", "--assert=plain"]
    arguments += [text for name in UNNEEDED for text in ("-p", f"no:{name}")]
    # The modules are imported anew, so that the outer run's copies of them stay as they are.
    modules = {"conftest", *(Path(file).stem for file in files)}
    outer = {name: sys.modules.pop(name, None) for name in modules}
    profile = hypothesis.settings.get_current_profile_name()
    path_before, environment = list(sys.path), dict(os.environ)
    gc.disable()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            status = pytest.main(arguments, plugins=[plugin])
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
    if status != pytest.ExitCode.OK:
        return [f"pytest ends with {status!r}: {[*map(str, plugin.failures)]}", *plugin.problems]
    return plugin.problems
