"""`drawdown serve`: a page in which a plan is changed, and the answer sharpens as runs come in."""

from __future__ import annotations

import socket
from typing import Annotated

import typer

from sim.cli.common import doing, err, fail, load, say_if_compiling
from sim.cli.options import (
    DEFAULT,
    RuleOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    WithoutOption,
)

MISSING = "drawdown serve needs Starlette and Uvicorn (3 MB): pip install 'drawdown[serve]'"


def command(
    scenario: ScenarioArgument = DEFAULT,
    host: Annotated[
        str, typer.Option(help="Address to listen on. The default is this machine alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0: any that is free.", min=0, max=65535)] = 8765,
    name: Annotated[
        list[str] | None,
        typer.Option(help="A host name by which others call this server; may be repeated.", metavar="NAME"),
    ] = None,
    worlds: Annotated[
        int, typer.Option(help="Matched worlds up to which an answer sharpens.", min=20, max=2000)
    ] = 200,
    visitors: Annotated[int, typer.Option(help="Visitors served at once.", min=1, max=1000)] = 32,
    seed: SeedOption = 1,
    threads: Annotated[
        int | None, typer.Option(help="Default: one a core. Does not change an answer.", min=1)
    ] = None,
    settings: SetOption = None,
    without: WithoutOption = None,
    rule: RuleOption = None,
) -> None:
    """Change a plan in the browser, and see the answer sharpen as runs come in.

    Serves a page to this machine: drag the day on which a base closes, set pace, notice, how much of the
    force becomes mobile and how ready the host's forces are, and see in how many matched worlds more
    civilians are killed than under another schedule, first of 20 worlds, then of more. What stands there can
    be saved as a schedule file, a briefing, an explorer file, and the command that makes it again. It
    compares simulated worlds and forecasts nothing. It writes nothing to the disk but a temporary folder
    while a briefing is made, and asks nothing of any network; Ctrl-C ends it.

    Begin with:  drawdown serve corridor
    """
    case = load(scenario, settings, without, rule)
    with doing("Loading the model ..."):
        try:
            import starlette  # noqa: F401
            import uvicorn
        except ImportError:
            raise fail(MISSING) from None
        from sim.ensemble import Ensemble
        from sim.serve import web
        from sim.serve.visit import Served
        from sim.serve.work import Workshop
    options = [f"--set={one}" for one in settings or ()] + [f"--without={one}" for one in without or ()]
    options += [f"--rule={one}" for one in rule or ()]
    if not case.schedules:
        raise fail(f"{case.name} has no schedule to start from; add one to its folder schedules/")
    try:
        listening = _listen(host, port)
    except OSError as error:
        raise fail(
            f"cannot listen on {host}, port {port}: {error.strerror or error}; give another --port"
        ) from None
    say_if_compiling()
    Ensemble(case, next(iter(case.schedules))).run(seed, 0, 1)
    shop = Workshop(seed, -(-worlds // 10) * 10, threads)
    served = Served(case, scenario, tuple(options))
    names = [*(name or ()), *(() if _own(host) else ("*",))]
    site = web.app(served, shop, names=names, most=visitors)
    address = f"http://{'[' + host + ']' if ':' in host else host}:{listening.getsockname()[1]}/"
    if not _own(host):
        err.print(
            f"Anybody who reaches {host} can use this server and the processor behind it.", soft_wrap=True
        )
    print(f"Open {address} in a browser. Ctrl-C ends the server.", flush=True)
    config = uvicorn.Config(
        site, log_level="warning", lifespan="on", ws="none", server_header=False, timeout_graceful_shutdown=2,
        limit_concurrency=8 * visitors + 32,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[listening])


def _own(host: str) -> bool:
    """Return whether an address is that of this machine alone."""
    return host in ("localhost", "::1") or host.startswith("127.")


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, so that a port that is taken is found before anything is made."""
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening
