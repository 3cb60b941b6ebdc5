"""A small HTTP server over bare sockets, so that it can also answer what no HTTP library would."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Asked(NamedTuple):
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Pieces = Iterator[bytes]
Answer = Callable[[Asked], bytes | Pieces]
"""The bytes to send; of an iterator each piece as it comes. The connection stays open after a whole answer."""


def reply(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer; `_` in a header's name stands for `-`. A length is added unless one is given."""
    lines = {"content-length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"HTTP/1.1 {status} Told\r\n{head}\r\n".encode("latin-1") + body


class HttpServer:
    """Answers every path by its function in `routes`, else 404. Use it as a context.

    `asked` are the requests in the order of their arrival; `ended` is set at the end, for answers that never end.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.connections = 0
        self.ended = Event()
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [Thread(target=self._accept, daemon=True)]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}"

    def answers(self, path: str, *answers: bytes) -> None:
        """Give these answers at `path`, one after the other; the last one for ever."""
        waiting = list(answers)
        self.routes[path] = lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def __enter__(self) -> HttpServer:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        for line in self._open:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(line)
            thread = Thread(target=self._serve, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), line:
            speaking = self._tls.wrap_socket(line, server_side=True) if self._tls else line
            with speaking, speaking.makefile("rb") as reading:
                while asked := _request(reading):
                    self.asked.append(asked)
                    answer = self.routes.get(asked.path.partition("?")[0], lambda _: reply(404))(asked)
                    if isinstance(answer, bytes):
                        speaking.sendall(answer)
                        continue
                    for piece in answer:
                        speaking.sendall(piece)
                    return


def _request(reading: object) -> Asked | None:
    line = reading.readline().decode("latin-1").split()  # type: ignore[attr-defined]
    if len(line) != 3:
        return None
    headers = {}
    while text := reading.readline().decode("latin-1").rstrip("\r\n"):  # type: ignore[attr-defined]
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    body = reading.read(int(headers.get("content-length", "0")))  # type: ignore[attr-defined]
    return Asked(line[0], line[1], headers, body)


class Proxy(HttpServer):
    """A proxy that passes every CONNECT on to one server of this machine, whatever name was asked for."""

    def __init__(self, target: int) -> None:
        super().__init__()
        self._target = target

    def _serve(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), line, line.makefile("rb") as reading:
            asked = _request(reading)
            assert asked is not None
            self.asked.append(asked)
            if refusal := self.routes.get(asked.path):
                line.sendall(refusal(asked))  # type: ignore[arg-type]
                return
            line.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            with socket.create_connection(("127.0.0.1", self._target)) as there:
                back = Thread(target=_pass_on, args=(there, line), daemon=True)
                back.start()
                _pass_on(line, there)
                back.join(10)


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_RDWR)


class Authority:
    """A certificate authority of our own; its certificate lies in `file`."""

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        self._certificate = self._signed(self._name, self._key, None)
        self.file = folder / "ca.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, folder: Path, *names: str) -> ssl.SSLContext:
        """A server's side of TLS, with a certificate for `names`."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = self._signed(name, key, names)
        pair = folder / f"{names[0]}.pem"
        pair.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
        return context

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, names: tuple[str, ...] | None
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        extension: x509.ExtensionType = (
            x509.BasicConstraints(ca=True, path_length=None)
            if names is None
            else x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        )
        builder = (
            x509.CertificateBuilder(subject_name=subject, issuer_name=self._name, public_key=key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(extension, critical=names is None)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if names is None:
            builder = builder.add_extension(
                x509.KeyUsage(True, False, False, False, False, True, True, False, False), critical=True
            ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        return builder.sign(self._key, hashes.SHA256())
