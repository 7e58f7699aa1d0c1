"""What a build of the site does before it makes pages, whichever tool makes them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bookbuild import cli, frontend, lint, project, runner, source_files, take_home
from bookbuild.launcher import Worker
from bookbuild.project import PACKAGE, BookError
from bookbuild.reading import Remembered
from bookbuild.runner import Outcome, Plan

Tell = Callable[[str], None]
#: Whoever saves again within so many seconds waits for pages alone.
PAUSE = 2.0


class _OutdatedError(Exception):
    """A later build, which waits for the end of this one, makes anew what is left."""


class Builder:
    """What a build does; for ``mkdocs serve`` it lives from one rebuild to the next.

    A build checks the results before it makes pages. A server makes pages of the committed results
    at once; behind them it finishes the site, and verifies the results by another process.
    """

    def __init__(self) -> None:
        self.serving = False
        self.worker: Worker | None = None
        #: What the last verification found, one line each: a served page shows it too.
        self.notices: list[str] = []
        self._failed: set[str] = set()
        self._verified: object = None
        self._shown = 0.0
        self._thread: threading.Thread | None = None
        self._finishing: threading.Thread | None = None
        self._outdated = False

    def prepare(self, tell: Tell, remembered: Remembered = lambda name, ask: ask()) -> list[str]:
        """Bring packages and results up to date; return every problem, one message each.

        Args:
            tell: hears what is no problem.
            remembered: answers from an earlier build while what was read then is as it was.
        """
        root = project.root()
        frontend.ensure(root)
        if not runner.has_torch():
            if os.environ.get("CI"):
                raise BookError("CI must run the examples, and torch is not installed")
            tell("torch is not installed: the committed results are shown without a check")
        elif not self.serving:
            return self._checked(root, tell, remembered)
        return [] if self.serving else self.problems(remembered)

    def problems(self, remembered: Remembered = lambda name, ask: ask()) -> list[str]:
        """What the pages say wrongly, one message each."""
        return lint.problems(project.root(), self._failed, remembered)

    def finish_behind(self, steps: Iterable[Callable[[], None]], warn: Tell) -> None:
        """Let a served page be seen before the rest is made."""

        def finishing() -> None:
            try:
                for step in steps:
                    self._go_on()
                    step()
            except _OutdatedError:
                pass
            except Exception as error:  # the pages stand
                warn(str(error))

        self._finishing = threading.Thread(target=finishing, daemon=True)
        self._finishing.start()

    def unless_outdated(self, remembered: Remembered) -> Remembered:
        """``remembered``, as long as no later build waits."""

        def asked(name: str, ask: Callable[[], Any]) -> Any:
            self._go_on()
            return remembered(name, ask)

        return asked

    def _go_on(self) -> None:
        if self._outdated:
            raise _OutdatedError

    def wait(self, outdated: bool = False) -> None:
        """Wait until the last build is finished, or if it is ``outdated``, left off."""
        self._outdated |= outdated
        if self._finishing is not None:
            self._finishing.join()
        if outdated:
            self._outdated = False

    def _checked(self, root: Path, tell: Tell, remembered: Remembered) -> list[str]:
        self.worker = self.worker or Worker()
        outcomes = self._refreshed(root, Plan(mode="check"), tell)
        self.worker.close()
        messages = _messages(outcomes)
        failed = sorted(one.name for one in outcomes if one.is_problem)
        for problem in lint.problems(root, failed, remembered):
            if not any(problem.partition(": ")[2] in message for message in messages):
                messages.append(problem)
        return messages

    def _refreshed(self, root: Path, plan: Plan, tell: Tell) -> list[Outcome]:
        outcomes = cli.refresh_with_progress(root, plan, self.worker)
        if any(outcome.status not in ("fresh", "kept") for outcome in outcomes):
            tell(cli.summary(outcomes))
        return outcomes

    def verify_behind(self, tell: Tell, warn: Tell) -> None:
        """Verify the results while the pages are read; code that was verified is not again."""
        self._shown = time.monotonic()
        if runner.has_torch() and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(target=self._verify, args=(tell, warn), daemon=True)
            self._thread.start()

    def _verify(self, tell: Tell, warn: Tell) -> None:
        self.wait()
        while (code := self._code_at_rest()) != self._verified:
            self._verified = code
            before = self.notices
            written = self.verify(tell)
            for notice in self.notices:
                warn(notice)
            if written or self.notices != before:
                self.ask_for_a_rebuild()
        if self.worker is not None:
            self.worker.start()  # the next edit need not wait for torch

    def verify(self, tell: Tell) -> bool:
        """Run what is stale and take over what it gives; return whether a result is new."""
        self.worker = self.worker or Worker(nice=10)  # whoever waits for a page comes first
        try:
            outcomes = self._refreshed(project.root(), Plan(mode="accept"), tell)
        except (BookError, OSError) as error:
            self.notices = [str(error)]
            return False
        self._failed = {one.name for one in outcomes if one.is_problem}
        written = [one.name for one in outcomes if one.status == "written"]
        self.notices = _messages(outcomes)
        if written:
            self.notices.append(
                f"another result than the committed one: {', '.join(written)}; "
                f"look at it with: git diff {PACKAGE}/results"
            )
        return bool(written)

    def _code_at_rest(self) -> object:
        while (left := self._shown + PAUSE - time.monotonic()) > 0:
            time.sleep(left)
        return self._code()

    def _code(self) -> object:
        """The state of all code that examples may run, cheaply: a server asks at each save."""
        package = project.root() / PACKAGE
        made = ("results", "__pycache__")
        files = [path for path in package.rglob("*") if not any(one in path.parts for one in made)]
        stats = [(str(path), path.stat()) for path in sorted(files) if path.is_file()]
        return [(path, stat.st_mtime_ns, stat.st_size) for path, stat in stats]

    def asks(self) -> Path:
        """The folder in which a new file asks the server for a rebuild."""
        folder = project.cache(project.root()) / "rebuild"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def ask_for_a_rebuild(self) -> None:
        """Let the server make the pages anew whose results have changed."""
        (self.asks() / "asked").write_text(str(time.time_ns()), encoding="utf-8")

    def watched(self) -> list[tuple[Path, bool]]:
        """The folders whose change must start a rebuild, and whether with all that they hold.

        What a build itself writes is not among them: it would start the next one.
        """
        found = [(self.asks(), True)]
        written = ("results", source_files.FOLDER, take_home.FOLDER)
        for folder in (project.root() / PACKAGE, project.root() / "docs"):
            inner = [path for path in sorted(folder.iterdir()) if path.is_dir()]
            kept = [path for path in inner if path.name not in written and path.name[0] not in "._"]
            found += [(folder, False), *((path, True) for path in kept)]
        return found

    def close(self) -> None:
        """End the process that runs examples, if there is one."""
        if self.worker is not None:
            self.worker.close()


def _messages(outcomes: list[Outcome]) -> list[str]:
    """What is wrong, each thing once."""
    return list(dict.fromkeys(one.message for one in outcomes if one.is_problem))
