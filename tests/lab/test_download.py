"""Downloads against a server that cuts, refuses, lies and knows no ranges."""

import functools
import hashlib
import http.server
import io
import os
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lesson_code.lab.data import DataError, photographs
from lesson_code.lab.data import download as download_module
from lesson_code.lab.data.download import Remote, fetch, unpack

CONTENT = bytes(range(256)) * 400  # 102,400 bytes
CUT = 40_000
quick = functools.partial(fetch, pause=0.0, timeout=5.0, progress=lambda *_: None)


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT as told: what it does to requests, and which it has had."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.ranges, self.cut, self.status = CONTENT, True, None, []
        self.length, self.lie, self.asked = True, 0, []


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        server = self.server
        asked = self.headers.get("Range")
        server.asked.append(asked)
        if server.status and (status := server.status.pop(0)) != 200:
            self.send_error(status)
            return
        start = 0
        if asked and server.ranges:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(server.content):
                self.send_error(416)
                return
            start = max(0, start - server.lie)
            self.send_response(206)
            self.send_header(
                "Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}"
            )
        else:
            self.send_response(200)
        body = server.content[start:]
        if server.length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.cut] if server.cut else body)


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def remote(server, content=CONTENT, algorithm="sha256", name="set.tar.gz"):
    digest = hashlib.new(algorithm, content).hexdigest()
    return Remote(f"http://127.0.0.1:{server.server_port}/{name}", digest, algorithm, 1)


# ------------------------------------------------------------------------------- fetching


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_file_is_fetched_once_and_checked(server, tmp_path, algorithm):
    told = []
    path = fetch(
        remote(server, algorithm=algorithm), tmp_path / "new", progress=lambda *a: told.append(a)
    )
    assert path == tmp_path / "new" / "set.tar.gz" and path.read_bytes() == CONTENT
    assert told[-1] == ("set.tar.gz", len(CONTENT), len(CONTENT))
    assert quick(remote(server, algorithm=algorithm), tmp_path / "new") == path
    assert server.asked == [None]
    assert [p.name for p in path.parent.iterdir() if p.name[0] != "."] == ["set.tar.gz"]


def test_cut_connections_are_taken_up_where_they_ended(server, tmp_path):
    server.cut = CUT
    assert quick(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={CUT}-", f"bytes={2 * CUT}-"]


def test_more_cuts_than_attempts_are_fine_as_long_as_something_arrives(server, tmp_path):
    server.cut = 5_000
    assert quick(remote(server), tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 21


def test_a_later_run_goes_on_with_the_part(server, tmp_path):
    (tmp_path / "set.tar.gz.part").write_bytes(CONTENT[:CUT])
    assert quick(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == [f"bytes={CUT}-"]
    assert not (tmp_path / "set.tar.gz.part").exists()


def test_a_server_without_ranges_starts_over(server, tmp_path):
    server.ranges = False
    (tmp_path / "set.tar.gz.part").write_bytes(b"x" * CUT)
    assert quick(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == [f"bytes={CUT}-"]


def test_a_server_without_ranges_that_always_cuts_is_given_up(server, tmp_path):
    server.ranges, server.cut = False, CUT
    with pytest.raises(DataError, match=f"ended after {CUT} of {len(CONTENT)} bytes"):
        quick(remote(server), tmp_path)
    assert len(server.asked) == 1 + download_module.ATTEMPTS
    assert (tmp_path / "set.tar.gz.part").stat().st_size == CUT


def test_a_range_that_begins_elsewhere_starts_over(server, tmp_path):
    server.lie = 1_000
    (tmp_path / "set.tar.gz.part").write_bytes(CONTENT[:CUT])
    # The answer begins a thousand bytes too early: taken as it is, it would spoil the file.
    assert quick(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == [f"bytes={CUT}-", None]


def test_a_part_that_is_whole_already_only_gets_its_name(server, tmp_path):
    (tmp_path / "set.tar.gz.part").write_bytes(CONTENT)
    assert quick(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == [f"bytes={len(CONTENT)}-"]


def test_a_part_that_is_too_long_starts_over(server, tmp_path):
    (tmp_path / "set.tar.gz.part").write_bytes(CONTENT + b"more")
    assert quick(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.asked == [f"bytes={len(CONTENT) + 4}-", None]


def test_a_server_that_tells_no_length(server, tmp_path):
    server.length = False
    assert quick(remote(server), tmp_path).read_bytes() == CONTENT


def test_a_wrong_checksum_deletes_what_came_and_says_so(server, tmp_path):
    server.content = b"another file" * 1000
    with pytest.raises(DataError, match=r"not the file we know and has been deleted.*sha256"):
        quick(remote(server), tmp_path)
    assert not [p for p in tmp_path.iterdir() if p.name[0] != "."]
    server.content = CONTENT
    assert quick(remote(server), tmp_path).read_bytes() == CONTENT


def test_a_spoiled_part_is_found_out(server, tmp_path):
    (tmp_path / "set.tar.gz.part").write_bytes(b"x" * CUT)
    with pytest.raises(DataError, match="deleted"):
        quick(remote(server), tmp_path)
    assert quick(remote(server), tmp_path).read_bytes() == CONTENT


def test_a_file_put_there_by_hand_is_checked_too(server, tmp_path):
    path = tmp_path / "set.tar.gz"
    path.write_bytes(CONTENT)
    assert quick(remote(server), tmp_path) == path
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(DataError, match="deleted"):
        quick(remote(server), tmp_path)
    assert not path.exists() and server.asked == []


@pytest.mark.parametrize("status", [500, 503, 429])
def test_passing_troubles_of_the_server_are_borne(server, tmp_path, status):
    server.status = [status, status]
    assert quick(remote(server), tmp_path).read_bytes() == CONTENT


def test_a_file_that_is_gone_is_not_asked_for_again(server, tmp_path):
    server.status = [404] * 9
    with pytest.raises(DataError, match="Not Found"):
        quick(remote(server), tmp_path)
    assert len(server.asked) == 1


def test_without_a_network_the_message_says_which_file_goes_where(server, tmp_path):
    gone = remote(server)
    server.shutdown()
    server.server_close()
    with pytest.raises(DataError) as caught:
        quick(gone, tmp_path)
    message = str(caught.value)
    for part in (gone.url, "could not be downloaded", str(tmp_path / "set.tar.gz"), gone.digest):
        assert part in message
    assert "\n" not in message
    assert not (tmp_path / "set.tar.gz").exists()


def test_a_name_that_does_not_resolve_is_no_network(tmp_path, monkeypatch):
    monkeypatch.setattr(
        photographs,
        "CIFAR10",
        Remote("http://no-such-host.invalid/cifar-10-python.tar.gz", "0" * 32, "md5", 170),
    )
    monkeypatch.setattr(download_module.time, "sleep", lambda _: None)
    with pytest.raises(DataError, match=r"170 MB.*put it at .*cifar-10-python\.tar\.gz"):
        photographs.cifar10(tmp_path)


def test_a_full_disk_is_told_at_once(server, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(download_module, "_receive", full)
    with pytest.raises(DataError, match="No space left on device"):
        quick(remote(server), tmp_path)


def test_two_at_once_fetch_it_once(server, tmp_path):
    # Each call opens the lock file for itself, as two processes would.
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: quick(remote(server), tmp_path), range(2)))
    assert both[0].read_bytes() == CONTENT and both[0] == both[1]
    assert len(server.asked) == 1


# ------------------------------------------------------------------------------ unpacking


def archive(path, members, mode="w:gz"):
    """Write a tar archive; members are names with contents, or ready TarInfo objects."""
    with tarfile.open(path, mode) as tar:
        for name, content in members:
            if isinstance(name, tarfile.TarInfo):
                tar.addfile(name)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def clean(folder, *expected):
    """Nothing but this and lock files is there."""
    names = {p.name for p in folder.iterdir() if not p.name.endswith(".lock")}
    return names == set(expected)


def test_an_archive_is_unpacked_once(tmp_path):
    file = archive(tmp_path / "a.tgz", [("set/x/1", b"one"), ("set/2", b"two")])
    folder = unpack(file, tmp_path / "set")
    assert folder == tmp_path / "set"
    assert (folder / "x" / "1").read_bytes() == b"one"
    assert clean(tmp_path, "a.tgz", "set")
    (folder / "2").write_bytes(b"changed")
    unpack(file, folder)
    assert (folder / "2").read_bytes() == b"changed"


@pytest.mark.parametrize(
    "member",
    [
        ("../outside", b"x"),
        ("set/../../outside", b"x"),
        (special("set/link", tarfile.SYMTYPE, "../../outside"), None),
        (special("set/link", tarfile.SYMTYPE, "2"), None),
        (special("set/hard", tarfile.LNKTYPE, "set/2"), None),
        (special("set/pipe", tarfile.FIFOTYPE), None),
        (special("set/device", tarfile.CHRTYPE), None),
    ],
)
def test_members_that_reach_outside_are_refused(tmp_path, member):
    inner = tmp_path / "data"
    inner.mkdir()
    file = archive(inner / "a.tgz", [("set/2", b"two"), member])
    with pytest.raises(DataError, match="could not be unpacked"):
        unpack(file, inner / "set")
    assert clean(inner, "a.tgz") and clean(tmp_path, "data")


def test_an_absolute_path_stays_inside(tmp_path):
    inner, outside = tmp_path / "data", tmp_path / "outside"
    inner.mkdir()
    file = archive(inner / "a.tgz", [("set/2", b"two"), (str(outside), b"x")])
    unpack(file, inner / "set")
    assert not outside.exists() and clean(inner, "a.tgz", "set")


def test_a_damaged_archive_leaves_nothing(tmp_path):
    whole = archive(tmp_path / "a.tgz", [("set/1", os.urandom(50_000))]).read_bytes()
    for damaged in (b"", b"no archive", whole[:30_000], whole[:20] + b"x" * 99 + whole[119:]):
        (tmp_path / "a.tgz").write_bytes(damaged)
        with pytest.raises(DataError, match="delete it and try again"):
            unpack(tmp_path / "a.tgz", tmp_path / "set")
        assert clean(tmp_path, "a.tgz")


def test_an_archive_of_something_else(tmp_path):
    file = archive(tmp_path / "a.tgz", [("other/1", b"x")])
    with pytest.raises(DataError, match="holds no folder set"):
        unpack(file, tmp_path / "set")
    assert clean(tmp_path, "a.tgz")


def test_what_a_killed_process_left_does_not_disturb(tmp_path):
    (tmp_path / ".set.part" / "set").mkdir(parents=True)
    (tmp_path / ".set.part" / "set" / "old").write_bytes(b"x")
    file = archive(tmp_path / "a.tgz", [("set/1", b"one")])
    unpack(file, tmp_path / "set")
    assert sorted(p.name for p in (tmp_path / "set").iterdir()) == ["1"]
    assert clean(tmp_path, "a.tgz", "set")


def test_the_whole_way_from_the_server_to_images(server, tmp_path, monkeypatch):
    import test_data

    made = tmp_path / "made"
    test_data.write_cifar(made)
    packed = tmp_path / "cifar-10-python.tar.gz"
    with tarfile.open(packed, "w:gz") as tar:
        tar.add(made / "cifar-10-batches-py", "cifar-10-batches-py")
    server.content = packed.read_bytes()
    server.cut = len(server.content) // 2 + 1
    there = remote(server, server.content, "md5", packed.name)
    monkeypatch.setattr(photographs, "CIFAR10", there)
    monkeypatch.setattr(download_module.time, "sleep", lambda _: None)
    data = photographs.cifar10(tmp_path / "root")
    assert len(data.test) == 20 and len(server.asked) == 2
    photographs.cifar10(tmp_path / "root")
    assert len(server.asked) == 2
