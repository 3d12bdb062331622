"""What the server answers over HTTP, and to whom.

A page in another tab, or a name that resolves to this machine (DNS rebinding), gets nothing: requests must
name the host as the visitor typed it, changes must come from the page's own origin and say that they are
JSON, and everything of a visit stands under an id that nobody can guess. There are no cookies.
"""

from __future__ import annotations

import asyncio
import html
import ipaddress
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sim.explore import page
from sim.scenario.case import COUNTERFACTUAL
from sim.scenario.errors import ScenarioError, describe
from sim.scenario.schema import Schedule
from sim.serve.plan import Plan, Wish, opened
from sim.serve.visit import OPENED, Full, Served, Visit, Visits
from sim.serve.work import Workshop

HERE = Path(__file__).parent
LARGEST_BODY = 2_000_000
"""Bytes of a request: a schedule file of twenty thousand actions fits."""
BEAT = 15.0
"""Seconds after which a stream that has nothing to say shows that it lives."""
HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
SAVED = ("briefing", "explorer")
LANGUAGES = ("en", "fr")
Handler = Callable[[Request, Visit], Awaitable[Response]]


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


class Guard:
    """Refuses what does not come from the page itself, and adds headers to what is answered."""

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self.app = app
        self.names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in own),
                ]
            await send(message)

        problem = self.problem(scope["method"], given, scope["path"])
        if problem:
            await JSONResponse({"error": problem}, 403)(scope, receive, answer)
        else:
            await self.app(scope, receive, answer)

    def problem(self, method: str, given: Mapping[str, str], path: str = "") -> str:
        """Return why a request with such headers is refused; empty if it is not."""
        host = given.get("host", "")
        if not self.known(host):
            return f"this server is not called {host[:80]!r}; give drawdown serve --name to let it be"
        origin = given.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return "requests from other sites are refused"
        followed = method == "GET" and path == "/" and given.get("sec-fetch-mode") == "navigate"  # a link
        if given.get("sec-fetch-site", "none") not in ("none", "same-origin") and not followed:
            return "requests from other sites are refused"
        if (
            method not in ("GET", "HEAD")
            and given.get("content-type", "").split(";")[0] != "application/json"
        ):
            return "a change must be sent as application/json"
        return ""

    def known(self, host: str) -> bool:
        """Return whether a Host header names this server: a number, which nobody can rebind, or a name."""
        name = re.sub(r":\d{1,5}$", "", host).lower().removeprefix("[").removesuffix("]")
        if name in self.names:
            return True
        try:
            number = ipaddress.ip_address(name)
        except ValueError:
            return False
        return number.is_loopback or "*" in self.names


class Site:
    """The routes, and what they share."""

    def __init__(self, served: Served, shop: Workshop, most: int) -> None:
        self.served = served
        self.shop = shop
        self.visits = Visits(served, shop, most)
        self.saving = asyncio.Semaphore(1)
        self.first = ""
        """The page as everybody gets it first."""

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/", self.page),
            Route("/visit", self.new, methods=["POST"]),
            Route("/visit/{id}", self.of(self.described)),
            Route("/visit/{id}/plan", self.of(self.change), methods=["PUT"]),
            Route("/visit/{id}/start", self.of(self.start), methods=["PUT"]),
            Route("/visit/{id}/open", self.of(self.open), methods=["PUT"]),
            Route("/visit/{id}/stop", self.of(self.stop), methods=["POST"]),
            Route("/visit/{id}/go", self.of(self.go), methods=["POST"]),
            Route("/visit/{id}/save", self.of(self.save), methods=["POST"]),
            Route("/visit/{id}/events", self.of(self.events)),
            Route("/visit/{id}/schedule", self.of(self.schedule)),
            Route("/visit/{id}/saved/{what}", self.of(self.saved)),
        ]

    def of(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """Return a handler of a visit as one of a request."""

        async def handle(request: Request) -> Response:
            visit = self.visits.get(request.path_params["id"])
            if visit is None:
                raise Refused(404, "this visit has ended; load the page again")
            return await handler(request, visit)

        return handle

    async def prepare(self) -> None:
        """Make the first page, with the fewest worlds that an answer needs."""
        visit = Visit(self.served, self.shop)
        assert visit.job is not None
        visit.halt()
        answers = self.shop.answers(visit.case, visit.plans, lambda _done, _of: None)
        _, content = await anext(answers)
        await answers.aclose()
        content.facts["live"] = True
        live = page.Live(self.panel(), HERE / "live.css", HERE / "live.js")
        self.first = page.page(content, live)

    def panel(self) -> str:
        """Return the panel of the page in which a plan is set."""
        names = [(p.name, p.title) for p in self.served.case.schedules.values()]

        def options(rows: Sequence[tuple[str, str]]) -> str:
            return "".join(f'<option value="{html.escape(v)}">{html.escape(w)}</option>' for v, w in rows)

        own = [(name, f"{name}: {title}") for name, title in names]
        bases = [(b, b) for b in self.served.case.bases]
        stays = (COUNTERFACTUAL, "none: every base stays")
        filled = {
            "starts": options([*own, stays, (OPENED, OPENED)]),
            "againsts": options([stays, *own]),
            "bases": options(bases),
        }
        template = (HERE / "panel.html").read_text(encoding="utf-8")
        return re.sub(r"\{\{(\w+)\}\}", lambda slot: filled[slot[1]], template)

    # -- requests ------------------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """Return the page."""
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', self.first)
        assert policy is not None
        strict = html.unescape(policy[1]) + "; frame-ancestors 'none'"
        return Response(self.first, media_type="text/html", headers={"content-security-policy": strict})

    async def new(self, request: Request) -> Response:
        """Begin a visit, or go on with one that a reloaded page knows of."""
        given = await body(request)
        try:
            visit = self.visits.get(str(given.get("id"))) or self.visits.new()
        except Full as full:
            raise Refused(503, str(full)) from None
        return JSONResponse({"id": visit.id, **visit.described()}, 201)

    async def described(self, request: Request, visit: Visit) -> Response:
        """Return the plan as it stands."""
        return JSONResponse(visit.described())

    async def change(self, request: Request, visit: Visit) -> Response:
        """Take what the visitor has set."""
        given = await body(request)
        try:
            wish = Wish.model_validate_json(json.dumps(given))  # in which days are texts
        except ValidationError as error:
            where, problem = describe(error, Wish)
            raise Refused(422, f"{where}: {problem}" if where else problem) from None
        return await changed(visit, lambda: (visit.base, wish))

    async def start(self, request: Request, visit: Visit) -> Response:
        """Start again from a schedule of the case."""
        given = await body(request)
        name = given.get("name")

        def start() -> tuple[Schedule, Wish]:
            base = visit.base if name == OPENED else self.served.start(str(name))
            return base, visit.as_it_is(base)

        return await changed(visit, start)

    async def open(self, request: Request, visit: Visit) -> Response:
        """Start from a schedule file of the visitor's own."""
        given = await body(request)
        text = given.get("text")
        if not isinstance(text, str) or not text.strip():
            raise Refused(422, "the file is empty; open a schedule file (TOML)")
        file = str(given.get("name", "opened.toml"))[:80]

        def start() -> tuple[Schedule, Wish]:
            base = opened(self.served.case, text, file)
            return base, visit.as_it_is(base)

        return await changed(visit, start)

    async def stop(self, request: Request, visit: Visit) -> Response:
        """Stop the runs, and what is being saved."""
        visit.halt()
        visit.stop_saving()
        return JSONResponse({})

    async def go(self, request: Request, visit: Visit) -> Response:
        """Go on with the runs."""
        if visit.job is None or visit.job.done():
            visit.restart()
        return JSONResponse({})

    async def save(self, request: Request, visit: Visit) -> Response:
        """Begin to make a briefing or an explorer file."""
        given = await body(request)
        what, language = given.get("what"), given.get("language", "en")
        if what not in SAVED or language not in LANGUAGES:
            raise Refused(422, f"what can be saved is {' or '.join(SAVED)}, in {' or '.join(LANGUAGES)}")
        visit.save(what, language, self.saving)
        return JSONResponse({}, 202)

    async def schedule(self, request: Request, visit: Visit) -> Response:
        """Return the plan as a schedule file."""
        assert visit.plan is not None
        return _download(visit.plan.text.encode(), visit.file, "application/toml; charset=utf-8")

    async def saved(self, request: Request, visit: Visit) -> Response:
        """Return what was saved."""
        found = visit.saved.get(request.path_params["what"])
        if found is None:
            raise Refused(404, "that was not made yet")
        return _download(found.body, found.name, found.media)

    async def events(self, request: Request, visit: Visit) -> Response:
        """Return the stream of what is new, the latest of each kind first."""
        return StreamingResponse(stream(visit), media_type="text/event-stream")


async def changed(visit: Visit, asked: Callable[[], tuple[Schedule, Wish]]) -> Response:
    """Change a plan and return it as it stands: from which schedule and by what wish, `asked` says.

    Both are done in a thread, so that a file of thousands of actions keeps nobody else waiting.
    """

    def made() -> tuple[Schedule, Wish, Plan]:
        base, wish = asked()
        return base, wish, visit.made(base, wish)

    async with visit.changing:
        visit.take(*await asyncio.to_thread(made))
        return JSONResponse(visit.described())


async def stream(visit: Visit) -> AsyncIterator[str]:
    """Yield events for whoever listens to a visit; ends when another listens in its place."""
    visit.listener += 1
    mine = visit.listener
    visit.told.set()
    sent = 0
    visit.listening = True
    visit.back()
    try:
        yield "retry: 2000\n\n"
        while visit.listener == mine:
            visit.told.clear()
            fresh = [(n, kind, what) for kind, (n, what) in visit.news.items() if n > sent]
            for n, kind, what in fresh:
                sent = max(sent, n)
                yield f"event: {kind}\ndata: {json.dumps(what, separators=(',', ':'))}\n\n"
            try:
                await asyncio.wait_for(visit.told.wait(), BEAT)
            except TimeoutError:
                yield ": still here\n\n"
        yield "event: elsewhere\ndata: {}\n\n"
    finally:
        if visit.listener == mine:
            visit.listening = False
            visit.away()


async def body(request: Request) -> dict[str, Any]:
    """Return the JSON object of a request, of a sane size."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > LARGEST_BODY:
            raise Refused(413, f"more than {LARGEST_BODY:,d} bytes are not taken")
    try:
        given = json.loads(found or b"{}")
    except (ValueError, RecursionError):
        raise Refused(400, "that is no JSON") from None
    if not isinstance(given, dict):
        raise Refused(400, "a JSON object is wanted")
    return given


def _download(content: bytes, name: str, media: str) -> Response:
    return Response(
        content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'}
    )


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, Refused) else 422
    return JSONResponse({"error": str(error)}, status)


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)


def app(served: Served, shop: Workshop, *, names: Sequence[str] = (), most: int = 32) -> Starlette:
    """Return the application. `names`: by which it may be called besides loopback, "*" for any number."""
    site = Site(served, shop, most)

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        await site.prepare()
        yield
        for visit in list(site.visits.there.values()):
            site.visits.end(visit)
        shop.close()

    made = Starlette(
        routes=site.routes(),
        exception_handlers={Refused: _refused, ScenarioError: _refused, ClientDisconnect: _gone},
        lifespan=life,
    )
    made.add_middleware(Guard, names=["localhost", *names])
    made.state.site = site
    return made
