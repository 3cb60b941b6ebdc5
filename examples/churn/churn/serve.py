"""Serves the model on the loopback interface: `GET /health`, and `POST /predict` with `{"rows": [{...}, ...]}`."""

from __future__ import annotations

import argparse
import json
import pickle
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd

MOST_BYTES = 1_000_000


def predict(model: Any, request: bytes) -> dict[str, list[float]]:
    """The probability of leaving for each row. Raises ValueError when the request is not what it should be."""
    body = json.loads(request)
    rows = body.get("rows") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ValueError("needs rows: a list of objects, not empty")
    frame = pd.DataFrame(rows)
    missing = sorted(set(model.feature_names_in_) - set(frame))
    if missing:
        raise ValueError(f"rows lack {', '.join(missing)}")
    scores = model.predict_proba(frame[list(model.feature_names_in_)])[:, 1]
    return {"churn": [round(float(score), 6) for score in scores]}


def server(model: Any, port: int) -> ThreadingHTTPServer:
    """A server that listens on 127.0.0.1, not yet serving; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave in one packet: two would wait 40 ms for the client's acknowledgement

        def do_GET(self) -> None:
            found = self.path == "/health"
            self.answer(200 if found else 404, {"status": "ok" if found else "not found"})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            if self.path != "/predict":
                return self.refuse(404, "not found")
            if not 0 < length <= MOST_BYTES:
                return self.refuse(413, "a request has between 1 and 1,000,000 bytes")
            try:
                self.answer(200, predict(model, self.rfile.read(length)))
            except ValueError as error:
                self.answer(422, {"error": str(error)})

        def refuse(self, status: int, why: str) -> None:
            self.close_connection = True  # the body was not read, and would be taken for the next request
            self.answer(status, {"error": why})

        def answer(self, status: int, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: the load test counts."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def main() -> None:
    """The command `python -m churn.serve`: writes the port it got to a file, then serves until it is stopped."""
    parser = argparse.ArgumentParser(prog="churn.serve", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder with model.pkl, written by churn.train")
    parser.add_argument("--port-file", type=Path, required=True, help="where to write the port")
    options = parser.parse_args()
    with server(pickle.loads((options.model / "model.pkl").read_bytes()), 0) as running:
        unfinished = options.port_file.with_suffix(".part")
        unfinished.write_text(f"{running.server_port}\n")
        unfinished.rename(options.port_file)
        running.serve_forever()


if __name__ == "__main__":
    main()
