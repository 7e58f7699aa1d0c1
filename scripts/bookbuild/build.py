"""What a build of the site does before it makes pages, whichever tool makes them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from bookbuild import cli, frontend, pages, project, runner
from bookbuild.launcher import Worker
from bookbuild.project import PACKAGE, BookError
from bookbuild.runner import Plan


class Builder:
    """Keeps the process that runs examples alive between the rebuilds of ``mkdocs serve``."""

    def __init__(self) -> None:
        self.serving = False
        self.worker: Worker | None = None

    def prepare(self, tell: Callable[[str], None]) -> list[str]:
        """Bring packages and results up to date; return every problem, one message each."""
        root = project.root()
        frontend.ensure(root)
        if not runner.has_torch():
            if os.environ.get("CI"):
                raise BookError("CI must run the examples, and torch is not installed")
            tell("torch is not installed: the committed results are shown without a check")
            return pages.lint(root)
        if self.worker is None:
            self.worker = Worker()
        if self.serving:
            self.worker.start()
        plan = Plan(mode="accept" if self.serving else "check")
        outcomes = cli.refresh_with_progress(root, plan, self.worker)
        if not self.serving:
            self.worker.close()
        if any(outcome.status not in ("fresh", "kept") for outcome in outcomes):
            tell(cli.summary(outcomes))
        problems = [outcome for outcome in outcomes if outcome.is_problem]
        messages = list(dict.fromkeys(outcome.message for outcome in problems))
        for problem in pages.lint(root, {outcome.name for outcome in problems}):
            if not any(problem.partition(": ")[2] in message for message in messages):
                messages.append(problem)
        return messages

    def watched(self) -> list[Path]:
        """The folders whose change must start a rebuild; results are not among them.

        The first holds the others and the results too: only its own files must be watched.
        """
        package = project.root() / PACKAGE
        inner = [path for path in sorted(package.iterdir()) if path.is_dir()]
        made = [path for path in inner if path.name == "results" or path.name[0] in "._"]
        return [package, *(path for path in inner if path not in made)]

    def close(self) -> None:
        """End the process that runs examples, if there is one."""
        if self.worker is not None:
            self.worker.close()
