"""Git's smart HTTP protocol over loopback, by `git http-backend`, the CGI program that stock git brings."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

FAULTS = {
    "gone": "the line is cut before anything was done",
    "silent": "the request is taken, and nothing ever answers",
    "lost": "what was asked for is done, and the line is cut before the answer",
    "half": "what was asked for is done, and the line is cut in the middle of the answer",
    "stuck": "what was asked for is done, and the answer stops in the middle with the line open",
}
"""What may go wrong with a request, beside a status."""


class GitServer:
    """Serves the bare repositories in `root`. Use it as a context.

    `password` asks for basic authentication of anybody; `lost_replies` many pushes are carried out and then never
    answered; `statuses` are given instead of answers, one each, and `silent` gives none at all until it is set.
    `fault` says for a request, by its number and path, what goes wrong with it: a status, or a word of `FAULTS`.
    `programs` is the PATH on which git is found; without `writable` nothing is pushed to it.
    `newest` is the version of the protocol that is spoken; `requests` are the paths asked for, `sent` and `received`
    the bytes of bodies that clients sent and received.
    """

    def __init__(self, root: Path, password: str | None = None) -> None:
        self.root = root
        self.password = password
        self.lost_replies = 0
        self.statuses: list[int] = []
        self.silent: Event | None = None
        self.fault: Callable[[int, str], str | None] = _nothing
        self.left = Event()
        self.newest = 2
        self.programs = os.environ["PATH"]
        self.writable = True
        self.sent = 0
        self.received = 0
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def url(self, name: str, user: str = "") -> str:
        """The address of one repository; `user` is `name:password`."""
        return f"http://{user}{'@' if user else ''}127.0.0.1:{self._server.server_port}/{name}"

    def __enter__(self) -> GitServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.left.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _nothing(number: int, path: str) -> str | None:
    """No request fails."""
    return None


def _handler(git: GitServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self._body())

        def _answer(self, body: bytes) -> None:
            number = len(git.requests)
            git.requests.append(self.path)
            git.sent += len(body)
            fault = git.fault(number, self.path)
            if fault in {"gone", "silent"}:
                git.left.wait(0 if fault == "gone" else None)
                self.close_connection = True
                return
            if fault is not None and fault not in FAULTS:
                self._send(int(fault), [("WWW-Authenticate", 'Basic realm="git"')] * (fault == "401"), b"no\n")
                return
            if git.silent is not None:
                git.silent.wait(60)
            if git.statuses:
                self._send(git.statuses.pop(0), [], b"")
                return
            if not self._is_known():
                self._send(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
                return
            head, _, out = _backend(git, self, body).partition(b"\r\n\r\n")
            if fault == "lost":
                self.close_connection = True
                return
            if git.lost_replies and self.path.endswith("/git-receive-pack"):
                git.lost_replies -= 1
                self.close_connection = True
                return
            pairs = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if ": " in line]
            status = next((int(value.split()[0]) for name, value in pairs if name.lower() == "status"), 200)
            self._send(status, [(name, value) for name, value in pairs if name.lower() != "status"], out, fault)

        def _is_known(self) -> bool:
            if git.password is None:
                return True
            given = self.headers.get("Authorization", "").removeprefix("Basic ")
            return base64.b64decode(given).decode().partition(":")[2] == git.password

        def _send(self, status: int, headers: list[tuple[str, str]], body: bytes, fault: str | None = None) -> None:
            self.send_response(status)
            for name, value in [*headers, ("Content-Length", str(len(body)))]:
                self.send_header(name, value)
            self.end_headers()
            git.received += len(body)
            self.wfile.write(body if fault is None else body[: len(body) // 2])
            if fault is not None:
                git.left.wait(None if fault == "stuck" else 0)
                self.close_connection = True

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

    return Handler


def _backend(git: GitServer, request: BaseHTTPRequestHandler, body: bytes) -> bytes:
    path, _, query = request.path.partition("?")
    settings = {
        "GIT_PROJECT_ROOT": str(git.root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": request.command,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_USER": "tester",
        "REMOTE_ADDR": "127.0.0.1",
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", "") if git.newest == 2 else "",
        "PATH": git.programs,
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
    }
    program = shutil.which("git", path=git.programs) or "git"
    words = [program, "-c", f"http.receivepack={'true' if git.writable else 'false'}", "http-backend"]
    return subprocess.run(words, input=body, env={**os.environ, **settings}, capture_output=True, check=False).stdout
