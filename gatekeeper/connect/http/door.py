"""The one way to ask an HTTP server."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Mapping

import urllib3
from msgspec import Struct
from urllib3.response import BaseHTTPResponse

from gatekeeper import __version__
from gatekeeper.connect.http.address import Address, address_of, redirected
from gatekeeper.connect.http.body import read_body
from gatekeeper.connect.http.faults import EXPECTED, Fault, in_the_answer, on_the_way
from gatekeeper.connect.http.line import Watch, connections
from gatekeeper.connect.http.settings import TIMEOUT, Limits, Settings
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.ports import Answered

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GOES_ALONG = frozenset({"accept", "accept-encoding", "user-agent"})
"""The headers that follow a redirect to another server; any other may be a credential."""
_BACKOFF = 0.5
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")


class _Question(Struct, frozen=True, kw_only=True):
    """What is asked of whom, and under which statuses the answer counts. Never shown: headers are secrets."""

    method: str
    address: Address
    headers: dict[str, str]
    accept: tuple[int, ...]
    body: bytes | None = None

    def __repr__(self) -> str:
        return f"_Question({self.method} {self.address})"


class HttpDoor:
    """`ports.Door` over urllib3, with the proxies, CA and patience that the environment names.

    Raises InvalidRequestError where the environment names what is not there.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._settings = Settings(os.environ if environment is None else environment)
        self._limits = limits or self._settings.limits
        self._sleep = sleep
        self._jitter = jitter
        self._managers: dict[str | None, urllib3.PoolManager] = {}

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, accept: tuple[int, ...] = (200,)) -> Answered:
        """The answer, where its status is one of `accept`; see `ports.Door`."""
        return self._ask("GET", url, headers, accept, None)

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Answered:
        """The answer to a question asked by POST, sent once; no redirect is followed. See `ports.Door`."""
        return self._ask("POST", url, headers, (200,), body)

    def send(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (200, 201, 204),
    ) -> Answered:
        """The answer to what changes something there; see `ports.Door`."""
        return self._ask(method, url, headers, accept, body)

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None, accept: tuple[int, ...], body: bytes | None
    ) -> Answered:
        question = _Question(
            method=method,
            address=address_of(url, self._settings.plain_hosts),
            headers=_headers(headers or {}),
            accept=accept,
            body=body,
        )
        with Watch(self._limits.total) as watch:
            return self._followed(question, watch)

    def _followed(self, question: _Question, watch: Watch) -> Answered:
        for _ in range(self._limits.redirects + 1):
            answer = self._insisted(question, watch)
            if answer.status in question.accept:
                return answer
            question = self._redirected(question, answer.headers.get("location", ""))
        raise CannotActError(f"{question.address.place}: more than {self._limits.redirects} redirects")

    def _redirected(self, question: _Question, location: str) -> _Question:
        there = redirected(question.address, location, self._settings.plain_hosts)
        headers = question.headers
        if there.origin != question.address.origin:
            headers = {name: value for name, value in headers.items() if name in _GOES_ALONG}
        return _Question(method="GET", address=there, headers=headers, accept=question.accept)

    def _insisted(self, question: _Question, watch: Watch) -> Answered:
        """The answer, asked for again where the fault may pass: GET alone, a few times, with full jitter."""
        attempt = 0
        while True:
            attempt += 1
            told = self._exchanged(question, watch)
            if isinstance(told, Answered):
                return told
            pause = self._pause(told, attempt, watch)
            if question.method != "GET" or attempt >= self._limits.attempts or pause is None:
                raise CannotActError(f"{question.address}: {told.reason}", told.remedy)
            self._sleep(pause)

    def _pause(self, fault: Fault, attempt: int, watch: Watch) -> float | None:
        """Seconds until the next attempt; None where there is to be none."""
        if not fault.fleeting or watch.is_over:
            return None
        pause = (fault.wait or 0.0) + self._jitter(0, _BACKOFF * 2**attempt)
        return pause if pause <= min(self._limits.wait, watch.left) else None

    def _exchanged(self, question: _Question, watch: Watch) -> Answered | Fault:
        error: BaseException | None = None
        try:
            response = self._sent(question, watch)
            try:
                told = self._taken(question, response)
            finally:
                response.close()
                response.release_conn()
        except EXPECTED as caught:
            error = caught
        except CannotActError as caught:
            raise CannotActError(f"{question.address}: {caught.message}", caught.remedy) from None
        # Said outside of the handler: urllib3's own errors hold the query, and must not hang on ours.
        if watch.is_over:
            return Fault(
                reason=f"timed out after {self._limits.total:g} s", remedy=f"Give it more time: {TIMEOUT}=SECONDS."
            )
        return told if error is None else on_the_way(error, self._limits)

    def _sent(self, question: _Question, watch: Watch) -> BaseHTTPResponse:
        address, left = question.address, watch.left
        return self._manager(self._settings.proxy_for(address)).urlopen(
            question.method,
            address.url,
            body=question.body,
            headers=question.headers,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=min(self._limits.connect, left), read=min(self._limits.silence, left)),
        )

    def _taken(self, question: _Question, response: BaseHTTPResponse) -> Answered | Fault:
        headers = {name.lower(): value for name, value in response.headers.items()}
        if response.status in question.accept:
            return Answered(status=response.status, headers=headers, body=read_body(response, self._limits.body))
        if response.status in _REDIRECTS and question.method == "GET" and "location" in headers:
            return Answered(status=response.status, headers=headers, body=b"")
        return in_the_answer(
            response.status, headers.get("retry-after"), authorised="authorization" in question.headers
        )

    def _manager(self, proxy: str | None) -> urllib3.PoolManager:
        if proxy not in self._managers:
            self._managers[proxy] = connections(self._settings.ca, proxy)
        return self._managers[proxy]


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    headers = {"user-agent": f"gatekeeper/{__version__}", "accept-encoding": "gzip"}
    for name, value in given.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise InvalidRequestError(
                f"the HTTP header {name if _NAME.fullmatch(name) else 'given'} holds a line break or another character "
                "that no header can hold",
                "A token that ends in a line break was probably read from a file: take the line break off.",
            )
        headers[name.lower()] = value
    return headers
