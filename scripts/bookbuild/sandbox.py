"""Running one example in the process that calls this: seeded, one thread, no network.

The process is a fork of the worker or one of its own (``python -m bookbuild.sandbox REQUEST``). It
leaves its findings as files in the request's folder and ends; nothing is imported from here by the
build itself.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import random
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

_NETWORK = {"socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto"}
STYLE = Path(__file__).with_name("book.mplstyle")


def preload() -> None:
    """Import once, before forking, what takes seconds and keeps no state of an example."""
    import matplotlib.pyplot  # noqa: F401
    import torch
    import torch._dynamo

    torch.use_deterministic_algorithms(True)
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)


def run(request: dict[str, Any]) -> int:
    """Run the example of ``request`` and leave ``result.json`` or ``error.json`` in its folder."""
    out = Path(request["out"])
    root = Path(request["root"])
    os.dup2(os.open(out / "stderr.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    try:
        _prepare(request)
        with _captured(out / "output.txt"):
            namespace = _execute(root / request["path"])
        found = {
            "output": (out / "output.txt").read_text(encoding="utf-8"),
            "figures": _figures(request["name"]),
            "alt": namespace.get("alt_text", {}),
            "values": namespace.get("values", {}),
            "device": _device(request),
        }
        (out / "result.json").write_text(json.dumps(found), encoding="utf-8")
        return 0
    except BaseException as error:
        (out / "error.json").write_text(json.dumps(_explained(error, root)), encoding="utf-8")
        return 1


def _prepare(request: dict[str, Any]) -> None:
    os.chdir(request["out"])
    os.environ["MPLBACKEND"] = "Agg"
    sys.path.insert(0, request["root"])
    sys.dont_write_bytecode = True
    sys.addaudithook(_no_network)
    random.seed(request["seed"])
    import numpy
    import torch

    numpy.random.seed(request["seed"])
    torch.manual_seed(request["seed"])
    if request["cost"] == "gpu":
        torch.use_deterministic_algorithms(False)
        if not torch.cuda.is_available():
            raise RuntimeError("this example needs a CUDA GPU, and torch finds none here")
    else:
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
    if importlib.util.find_spec("matplotlib"):
        import matplotlib.style

        matplotlib.style.use(STYLE)


def _no_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _NETWORK:
        raise PermissionError("an example has no network")


@contextlib.contextmanager
def _captured(file: Path) -> Iterator[None]:
    """Send file descriptor 1 to a file, so that what libraries print counts too."""
    sys.stdout.flush()
    saved = os.dup(1)
    with file.open("wb") as handle:
        os.dup2(handle.fileno(), 1)
        previous = sys.stdout
        sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), encoding="utf-8")  # noqa: SIM115
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stdout = previous
            os.dup2(saved, 1)
            os.close(saved)


def _execute(path: Path) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": str(path)}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    return namespace


def _figures(name: str) -> dict[str, str]:
    """Every figure that is still open, by the name it was given."""
    if "matplotlib.pyplot" not in sys.modules:
        return {}
    import matplotlib.pyplot as plt

    from bookbuild.figures import tidy

    drawn = {}
    for number in plt.get_fignums():
        figure = plt.figure(number)
        label = str(figure.get_label())
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        prefix = f"{name.replace('/', '-').replace('_', '-')}-{label}"
        drawn[label] = tidy(buffer.getvalue(), prefix)
    return drawn


def _device(request: dict[str, Any]) -> str:
    import platform

    import torch

    if request["cost"] == "gpu" and torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    return f"CPU, {platform.machine()}, one thread"


def _explained(error: BaseException, root: Path) -> dict[str, Any]:
    """The error and the last line of the book's own code it went through."""
    place = ""
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if file.is_relative_to(root / "lesson_code"):
            place = f"{file.relative_to(root)}:{frame.lineno}"
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{Path(error.filename).relative_to(root)}:{error.lineno}"
    message = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    if isinstance(error, SystemExit):
        message = f"it called sys.exit({error.code!r})"
    return {"place": place, "message": message}


def main() -> NoReturn:
    """Run the request in the file that the first argument names."""
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.exit(run(request))


if __name__ == "__main__":
    main()
