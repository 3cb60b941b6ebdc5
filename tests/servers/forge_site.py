"""A forge's state and its server, without the words of any one forge: those stand in `github` and `gitlab`."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import re
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from tests.servers.described import Description, Operation


@dataclass
class Review:
    """A yes (`approved`), a no (`changes`), a remark (`commented`), or one that was `dismissed`."""

    id: int
    by: str
    word: str
    commit: str
    at: str


@dataclass
class Comment:
    """One comment; `system` ones are GitLab's own."""

    id: int
    by: str
    text: str
    system: bool = False


@dataclass
class Pull:
    """A pull request; `checks` more looks until the forge knows whether it can be merged, `error` if it then fails."""

    number: int
    head: str
    base: str
    title: str
    body: str
    author: str
    commit: str
    fork: bool = False
    closed: bool = False
    merged_as: str | None = None
    checks: int = 0
    error: str | None = None
    labels: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


class Failure(NamedTuple):
    """What happens to the next matching request instead: an answer, or none (`status` 0), after it was done or not."""

    method: str
    path: str
    status: int = 0
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    done: bool = False


class Asked(NamedTuple):
    """One request as it arrived, who asked, and the values in its path."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    who: str
    values: dict[str, str] = {}


class Answer(NamedTuple):
    """A status, a document and headers; lists are cut into pages by the server."""

    status: int
    document: Any = None
    headers: tuple[tuple[str, str], ...] = ()


class Site:
    """One repository with its people: who holds which token, who may write, and what its branch asks for.

    `untold` are logins whose tokens may not ask whose they are. `faults` lists every request and answer that the
    forge's description does not know: none may be there at the end.
    """

    page = 2
    prefix = ""

    def __init__(self, description: Description, repository: str) -> None:
        self.description = description
        self.repository = repository
        self.tokens: dict[str, str] = {}
        self.readers: set[str] = set()
        self.untold: set[str] = set()
        self.branches: dict[str, str] = {}
        self.pulls: list[Pull] = []
        self.statuses: dict[str, list[tuple[str, str, str]]] = {}
        self.approvals = 0
        self.context: str | None = None
        self.failures: list[Failure] = []
        self.asked: list[Asked] = []
        self.faults: list[str] = []
        self.lock = RLock()
        self._ids = itertools.count(1)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.branches["main"] = self.commit()

    @property
    def url(self) -> str:
        """The forge's address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    # What tests do there beside the API

    def next_id(self) -> int:
        """A number that was not given before."""
        return next(self._ids)

    def commit(self) -> str:
        """The id of a new commit."""
        return hashlib.sha1(str(self.next_id()).encode()).hexdigest()

    def at(self) -> str:
        """An instant later than all before."""
        number = self.next_id()
        return f"2026-11-24T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"

    def push(self, branch: str) -> str:
        """A new commit on a branch, of which open pull requests and approvals hear."""
        commit = self.branches[branch] = self.commit()
        for pull in self.pulls:
            if pull.head == branch and not pull.closed and not pull.fork:
                pull.commit = commit
        return commit

    def add_pull(self, head: str, base: str, author: str, title: str = "", body: str = "", fork: bool = False) -> Pull:
        """Open one."""
        commit = self.commit() if fork else self.branches[head]
        pull = Pull(len(self.pulls) + 1, head, base, title, body, author, commit, fork=fork)
        self.pulls.append(pull)
        return pull

    def review(self, number: int, by: str, word: str) -> Review:
        """Review one as it is."""
        pull = self.pull(number)
        review = Review(self.next_id(), by, word, pull.commit, self.at())
        pull.reviews.append(review)
        return review

    def say(self, number: int, by: str, text: str) -> Comment:
        """Comment on one."""
        comment = Comment(self.next_id(), by, text)
        self.pull(number).comments.append(comment)
        return comment

    def pull(self, number: int) -> Pull:
        """One pull request."""
        return self.pulls[number - 1]

    def open_pull(self, head: str, base: str) -> Pull | None:
        """The one that is open between two branches of the repository."""
        found = (pull for pull in self.pulls if not pull.closed and not pull.fork)
        return next((pull for pull in found if (pull.head, pull.base) == (head, base)), None)

    def unmet(self, pull: Pull) -> str | None:
        """What the branch asks for and the pull request does not have."""
        last = {review.by: review.word for review in pull.reviews if review.by != pull.author}
        if sum(word == "approved" for word in last.values()) < self.approvals:
            return "approvals"
        states = {context: state for context, state, _ in self.statuses.get(pull.commit, [])}
        if self.context and states.get(self.context) != "success":
            return "status"
        return None

    def merge(self, pull: Pull) -> str:
        """Merge it; the commit."""
        pull.closed = True
        pull.merged_as = self.push(pull.base)
        return pull.merged_as

    # The server's side

    def who(self, headers: dict[str, str]) -> str | None:
        """The login that the request's credentials belong to."""
        raise NotImplementedError

    def faults_of_headers(self, headers: dict[str, str]) -> list[str]:
        """What is wrong with the headers, by the forge's documentation."""
        raise NotImplementedError

    def not_allowed(self) -> Answer:
        """The answer to a token that is wrong or expired."""
        raise NotImplementedError

    def answer(self, operation: Operation, asked: Asked) -> Answer:
        """What the forge answers."""
        raise NotImplementedError

    def pages(self, path: str, query: dict[str, str], items: list[Any]) -> tuple[list[Any], list[tuple[str, str]]]:
        """A page of a list, never longer than `page`, and the headers that tell of the others."""
        size = min(int(query.get("per_page", "30")), self.page)
        page = int(query.get("page", "1"))
        more = page * size < len(items)
        return items[(page - 1) * size : page * size], self.page_headers(path, page, more)

    def page_headers(self, path: str, page: int, more: bool) -> list[tuple[str, str]]:
        """How the forge says that there is another page."""
        raise NotImplementedError

    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """The answer, checked; None where the connection is to be cut."""
        path, _, query = target.partition("?")
        with self.lock:
            who = self.who(headers)
            known = dict(parse_qsl(query, keep_blank_values=True))
            asked = Asked(method, path, known, headers, json.loads(body) if body else None, who or "")
            self.asked.append(asked)
            failure = self._failure(method, path)
            if failure and not failure.done:
                return self._failed(failure)
            answer = self._answered(asked, query, body)
            return self._failed(failure) if failure else answer

    def _answered(self, asked: Asked, query: str, body: bytes) -> Answer:
        operation = self.description.operation(asked.method, asked.path.removeprefix(self.prefix))
        if operation is None:
            self.faults.append(f"unknown operation {asked.method} {asked.path}")
            return Answer(404, {"message": "Not Found"})
        faults = self.description.request_faults(operation, query, asked.headers, body)
        faults += self.faults_of_headers(asked.headers)
        if faults:
            self.faults += [f"{asked.method} {asked.path}: {fault}" for fault in faults]
            return Answer(400, {"message": "; ".join(faults)})
        answer = self.answer(operation, asked._replace(values=operation.values)) if asked.who else self.not_allowed()
        if isinstance(answer.document, list) and answer.status == 200 and asked.method == "GET":
            part, more = self.pages(asked.path, asked.query, answer.document)
            answer = Answer(200, part, tuple(more))
        faults = self.description.answer_faults(operation, answer.status, answer.document)
        self.faults += [f"answer to {asked.method} {asked.path}: {fault}" for fault in faults]
        return answer

    def _failure(self, method: str, path: str) -> Failure | None:
        for failure in self.failures:
            if failure.method == method and re.search(failure.path, path):
                self.failures.remove(failure)
                return failure
        return None

    def _failed(self, failure: Failure) -> Answer | None:
        return Answer(failure.status, failure.body, failure.headers) if failure.status else None


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            with contextlib.suppress(OSError):
                super().handle_one_request()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                answer = site.respond(self.command, self.path, headers, body)
            except Exception as fault:  # noqa: BLE001 - a test must hear of a server that fell over
                site.faults.append(f"{self.command} {self.path}: {fault!r}")
                answer = Answer(500, {"message": "broken"})
            if answer is None:
                self.close_connection = True
                return
            data = b"" if answer.document is None else json.dumps(answer.document).encode()
            self.send_response_only(answer.status)
            for name, value in (("date", formatdate(usegmt=True)), *answer.headers):
                self.send_header(name, value)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    return Handler
