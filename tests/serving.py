"""A server on a free port of this machine, in a thread, and a small client."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


class Client:
    """Asks a server, as its page does."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/"

    def raw(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            given = {k.replace("_", "-"): v for k, v in headers.items()}
            connection.request(method, path, body, given)
            reply = connection.getresponse()
            return reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read()
        finally:
            connection.close()

    def ask(self, method: str, path: str, what: object = None) -> tuple[int, dict[str, Any]]:
        body = None if method == "GET" else json.dumps(what or {}).encode()
        status, _, found = self.raw(method, path, body, content_type="application/json")
        return status, json.loads(found)

    def visit(self) -> dict[str, Any]:
        status, found = self.ask("POST", "/visit")
        assert status == 201
        return found

    def events(self, visit: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield events until the caller has heard enough."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request("GET", f"/visit/{visit}/events")
            reply = connection.getresponse()
            assert reply.status == 200
            kind = ""
            while line := reply.readline().decode():
                if line.startswith("event: "):
                    kind = line[7:].strip()
                elif line.startswith("data: "):
                    yield kind, json.loads(line[6:])
        finally:
            connection.close()

    def answer(self, visit: str, version: int, worlds: int) -> dict[str, Any]:
        """Return the answer of a plan in so many worlds."""
        for kind, what in self.events(visit):
            if kind == "answer" and what["version"] == version and what["facts"]["runs"] == worlds:
                return what
            assert what.get("doing") != "failed", what
        raise AssertionError("the stream ended")

    def file(self, visit: str, what: str) -> bytes:
        """Return a file that is being made."""
        for kind, told in self.events(visit):
            assert told.get("doing") != "failed", told
            if kind == "saving" and told["doing"] == "ready" and told["what"] == what:
                return self.raw("GET", f"/visit/{visit}/saved/{what}")[2]
        raise AssertionError("the stream ended")


@contextmanager
def served(case, where: str = "camps", *, worlds: int = 40, most: int = 8) -> Iterator[Client]:
    """Serve a case while the body runs."""
    from sim.serve import web
    from sim.serve.visit import Served
    from sim.serve.work import Workshop

    listening = socket.create_server(("127.0.0.1", 0))
    shop = Workshop(1, worlds, 2)
    app = web.app(Served(case, where), shop, most=most)
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", ws="none", lifespan="on", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until = time.monotonic() + 300
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.02)
    client = Client(listening.getsockname()[1])
    client.site = app.state.site  # type: ignore[attr-defined]
    try:
        assert server.started
        yield client
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()
