"""Prometheus, asked what a ServiceLevel file says; the answers are kept as they came.

`prometheus-api-client` makes the requests. It would read them with a session of its own, without bounds, and keep
nothing but `data.result`: so it is given a session that asks through our door and keeps each whole answer.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from gatekeeper.errors import CannotActError, EvidenceError, InvalidRequestError
from gatekeeper.evidence.jsontext import parse_json
from gatekeeper.evidence.prometheus_asked import SCHEMA, Asked, Question, ask
from gatekeeper.policy.documents import load
from gatekeeper.ports import Door, Fetched

if TYPE_CHECKING:
    from gatekeeper.model.servicelevel import ServiceLevelSpec

URL = "PROMETHEUS_URL"
MAX_FILE = 1024 * 1024
MAX_ANSWER = 16 * 1024 * 1024
MOST_SKEW = 60
"""Seconds by which the server's clock may differ from ours."""
_ANSWERED = (200, 400, 422)
"""Prometheus says in JSON what is wrong with a query, under 400 and 422."""
_LONG = 6000
"""Characters of a URL above which a question is posted; doors and proxies refuse longer ones."""
_EACH = "30s"
"""How long Prometheus may work on one query."""
ALL = 300
"""Seconds for all questions together."""


def fetch(locator: str, door: Door) -> Fetched:
    """Ask all that the ServiceLevel file at `locator` asks, at one time. See `ports.Source`."""
    spec = _spec(locator)
    asked = ask(spec, int(time.time()))
    session = _Session(door, _headers(spec, os.environ))
    client = _client(_server(spec, os.environ), session)
    answers = {name: _answer(client, session, question, asked.time) for name, question in asked.questions.items()}
    return Fetched(data=_record(asked, answers), source=f"prometheus:{locator}")


def _spec(path: str) -> ServiceLevelSpec:
    try:
        if not os.path.isfile(path):  # reading a pipe would wait for ever
            raise CannotActError("there is no such file", "Name a ServiceLevel file: `prometheus:slo.yaml`.")
        with open(path, "rb") as file:
            data = file.read(MAX_FILE + 1)
    except (OSError, ValueError) as fault:
        raise CannotActError("the ServiceLevel file cannot be read") from fault
    documents = load(data, path, frozenset({"ServiceLevel"}))
    if len(documents) != 1:
        raise InvalidRequestError(f"{path} holds {len(documents)} documents, where one ServiceLevel is needed")
    spec: ServiceLevelSpec = documents[0].value.spec  # type: ignore[assignment]
    return spec


def _server(spec: ServiceLevelSpec, environment: Mapping[str, str]) -> str:
    pinned = environment.get(URL, "")
    url = spec.server if isinstance(spec.server, str) else pinned
    if pinned and url.rstrip("/") != pinned.rstrip("/"):
        raise InvalidRequestError(f"the file names another Prometheus server than {URL}", "Let both name one.")
    if not url:
        raise InvalidRequestError("no Prometheus server is named", f"Give `server` in the file, or set {URL}.")
    if "?" in url or "#" in url:
        raise InvalidRequestError("the URL of the Prometheus server holds a query or a fragment", f"Look at {URL}.")
    return url.rstrip("/")


def _headers(spec: ServiceLevelSpec, environment: Mapping[str, str]) -> dict[str, str]:
    """What authorises; only a variable whose name begins with PROMETHEUS_ can be named by a file.

    It goes only to the server that the environment names: whoever may change the file must not choose who gets it.
    """
    if not isinstance(spec.token_env, str):
        return {}
    if not environment.get(URL):
        raise InvalidRequestError(
            f"a token is sent only to the server that {URL} names, and that is not set", f"Set {URL}."
        )
    token = environment.get(spec.token_env, "")
    if not token:
        raise CannotActError(f"the environment variable {spec.token_env} is not set", "It holds the token.")
    if not isinstance(spec.user, str):
        return {"authorization": f"Bearer {token}"}
    from base64 import b64encode

    return {"authorization": "Basic " + b64encode(f"{spec.user}:{token}".encode()).decode()}


def _client(url: str, session: _Session) -> Any:
    try:
        from prometheus_api_client import PrometheusConnect  # an extra, and half a second of imports
    except ImportError as fault:
        remedy = "Install it: pip install 'ml-gatekeeper[prometheus]'."
        raise CannotActError("asking Prometheus needs prometheus-api-client, which is not installed", remedy) from fault
    return PrometheusConnect(url=url, session=session)


class _Session:
    """As much of `requests.Session` as the client uses. It asks through the door and keeps what was answered last."""

    verify = True
    cert = None

    def __init__(self, door: Door, headers: dict[str, str]) -> None:
        self.answer: Any = None
        self._end = time.monotonic() + ALL
        self._door = door
        self._headers = headers

    def mount(self, prefix: str, adapter: Any) -> None:
        """The client's own retries; the door has better ones."""

    def request(self, *, url: str, params: dict[str, Any], **_: Any) -> _Response:
        """Ask, and keep the answer. Raises CannotActError as the door does, EvidenceError for what is no JSON."""
        from urllib.parse import urlencode

        if time.monotonic() > self._end:
            raise CannotActError(f"the questions to Prometheus took longer than {ALL} seconds", "Ask for less.")
        query = urlencode(params)
        if len(url) + len(query) < _LONG:
            answered = self._door.get(f"{url}?{query}", headers=self._headers, accept=_ANSWERED)
        else:
            headers = {**self._headers, "content-type": "application/x-www-form-urlencoded"}
            answered = self._door.post(url, query.encode(), headers=headers)
        _check_clock(answered.headers.get("date"))
        if len(answered.body) > MAX_ANSWER:
            raise EvidenceError(f"an answer of Prometheus is larger than {MAX_ANSWER // 1024 // 1024} MiB")
        self.answer = parse_json(answered.body)
        return _Response()


def _check_clock(date: str | None) -> None:
    """Raises EvidenceError where the two clocks differ: asked by a slow one, Prometheus would answer from the past."""
    from email.utils import parsedate_to_datetime

    try:
        theirs = parsedate_to_datetime(date or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return  # it does not say
    if abs(theirs - time.time()) > MOST_SKEW:
        message = f"the clocks of Prometheus and of this machine differ by more than {MOST_SKEW} seconds"
        raise EvidenceError(message, "Set this machine's clock.")


class _Response:
    """An empty success: what was really answered is kept, and judged by the reader."""

    status_code = 200

    def json(self) -> Any:
        """Nothing, in the form that the client takes apart."""
        return {"data": {"result": None}}


def _answer(client: Any, session: _Session, question: Question, at: int) -> Any:
    from datetime import UTC, datetime

    if question.over is None:
        client.custom_query(question.query, params={"time": at, "timeout": _EACH})
    else:
        start, end = (datetime.fromtimestamp(moment, UTC) for moment in (at - question.over, at))
        client.custom_query_range(question.query, start, end, str(question.step), params={"timeout": _EACH})
    return session.answer


def _record(asked: Asked, answers: dict[str, Any]) -> bytes:
    record = {"schema": SCHEMA, "asked": msgspec.to_builtins(asked), "answers": answers}
    return msgspec.json.encode(record)
