"""Running one example in the process that calls this: seeded, one thread unless told, no network.

The process is a fork of the worker or one of its own (``python -m bookbuild.sandbox REQUEST``). It
leaves its findings as files in the request's folder and ends; nothing is imported from here by the
build itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import io
import json
import math
import os
import random
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from bookbuild import recorder

try:
    import resource
except ImportError:  # Windows has none: nothing limits what an example writes there
    resource = None  # type: ignore[assignment]

_NETWORK = {"socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto"}
_CHANGES = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod"}
_CHANGES |= {"os.link", "os.symlink"}  # through which it could be written
_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_MOST_PRINTED = 100_000
_LARGEST_FILE = 256 * 2**20
_LONGEST_MESSAGE = 500
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
    process = os.getpid()
    try:
        stdout = _redirected(out)
        _prepare(request)
        namespace = _execute(request)
        if os.getpid() != process:  # a child that the example forked and did not end
            os._exit(0)
        found = {
            "output": _printed(stdout, out / "output.txt"),
            "figures": _figures(request["name"]),
            "alt": namespace.get("alt_text", {}),
            "values": namespace.get("values", {}),
            "tables": namespace.get("tables", {}),
            "device": _device(request),
        }
        (out / "result.json").write_text(json.dumps(found, default=_odd), encoding="utf-8")
        return 0
    except BaseException as error:
        told = _explained(error, root)
        with contextlib.suppress(OSError):  # the last word, where the file below cannot be written
            os.write(2, f"{told['message']}\n".encode(errors="replace"))
        (out / "error.json").write_text(json.dumps(told), encoding="utf-8")
        return 1


def _odd(thing: object) -> dict[str, str]:
    """What stands for an object that is not plain, for the build to refuse it by name."""
    return {type(thing).__name__: repr(thing)}


def _redirected(out: Path) -> io.TextIOWrapper:
    """Give the process an empty input and files as outputs, for C code as for Python."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "output.txt"), (2, "stderr.txt")):
        os.dup2(os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    stdout = io.TextIOWrapper(open(1, "wb", closefd=False), encoding="utf-8")  # noqa: SIM115
    sys.stdout = stdout
    return stdout


def _printed(stdout: io.TextIOWrapper, file: Path) -> str:
    """What the example and the libraries it used wrote to the standard output."""
    for stream in (sys.stdout, stdout):
        with contextlib.suppress(ValueError):  # the example may have closed it
            stream.flush()
    with contextlib.suppress(OSError, TypeError):  # Windows does not give its C library like this
        ctypes.CDLL(None).fflush(None)
    if (size := file.stat().st_size) > _MOST_PRINTED:
        raise RuntimeError(f"it printed {size:,} bytes; a page shows at most {_MOST_PRINTED:,}")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise RuntimeError("what it printed is not UTF-8 text") from None


def _prepare(request: dict[str, Any]) -> None:
    folder = Path(request["out"]) / "folder"
    folder.mkdir()
    os.chdir(folder)
    os.environ["MPLBACKEND"] = "Agg"
    sys.path.insert(0, request["root"])
    sys.dont_write_bytecode = True
    if resource is not None:
        # Time on a processor, so that a machine with much else to do fails no example.
        seconds = math.ceil(request["limit"] * request["threads"])
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
        if request["cost"] == "quick":
            resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    sys.addaudithook(_no_network)
    sys.addaudithook(_guard(request["root"], request["out"]))
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
        torch.set_num_threads(request["threads"])
        torch.use_deterministic_algorithms(True)
    if importlib.util.find_spec("matplotlib"):
        import matplotlib.style

        matplotlib.use("Agg")
        matplotlib.rcdefaults()  # a reader's own settings must not change the book's figures
        matplotlib.style.use(STYLE)


def _no_network(event: str, arguments: tuple[Any, ...]) -> None:
    local = len(arguments) > 1 and isinstance(arguments[1], (str, bytes))  # a Unix socket's path
    if event in _NETWORK and (event == "socket.getaddrinfo" or not local):
        raise PermissionError("an example has no network")


def _guard(root: str, out: str) -> Callable[[str, tuple[Any, ...]], None]:
    """A hook that refuses to change the book's own files; a mistake is meant, not malice."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if not (isinstance(arguments[2], int) and arguments[2] & _FOR_WRITING):
                return
        elif event not in _CHANGES:
            return
        for path in arguments[:2]:
            if not isinstance(path, (str, bytes)):
                continue
            full = os.path.abspath(os.fsdecode(path))
            inside = full.startswith(root + os.sep) and not full.startswith(out + os.sep)
            if inside and not full[len(root) + 1 :].startswith("."):
                raise PermissionError(f"an example must not change {full[len(root) + 1 :]}")

    return hook


def _execute(request: dict[str, Any]) -> dict[str, Any]:
    """Run the script, and record what it depends on."""
    path = str(Path(request["root"], request["path"]))
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": path}
    compiled = recorder.start(request["root"], request["out"])
    exec(compiled(path), namespace)
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
    threads = request["threads"]
    return f"CPU, {platform.machine()}, {'one thread' if threads == 1 else f'{threads} threads'}"


def _explained(error: BaseException, root: Path) -> dict[str, Any]:
    """The error and the last line of the book's own code it went through."""
    place, package = "", root / "lesson_code"
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if file.is_relative_to(package):
            place = f"{file.relative_to(root)}:{frame.lineno}"
    lines = [line.strip() for line in traceback.format_exception_only(error)]
    if isinstance(error, SyntaxError):
        lines = lines[-1:]
        if error.filename and Path(error.filename).is_relative_to(package):
            place = f"{Path(error.filename).relative_to(root)}:{error.lineno}"
    message = " ".join(" ".join(lines).split())[:_LONGEST_MESSAGE]
    if isinstance(error, SystemExit):
        message = f"it called sys.exit({error.code!r})"
    return {"place": place, "message": message}


def main() -> NoReturn:
    """Run the request in the file that the first argument names."""
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.exit(run(request))


if __name__ == "__main__":
    main()
