"""The page of `stillframe play`: simcord's own, with a bar above it, and fresh whenever the bot changed a message.

This server passes requests on to simcord's. It adds what that lacks: other channels, the menus of messages, and files
to try. Both listen on loopback alone, and what shows or changes the simulated server asks for the address's secret.
"""

from __future__ import annotations

import asyncio
import hmac
import html
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from importlib.metadata import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import discord
import simcord.preview
from aiohttp import ClientSession, web
from markdown_it import MarkdownIt
from simcord import BackendError, Preview, SetupError

from sandbox.play.scene import SAMPLES, Scene
from sandbox.stage import keep_time

HOST = "127.0.0.1"
NAMES = {HOST, "localhost"}  # of this machine; a page of another name that leads here is refused
PORT = 8642
REAL = "/play/real"
LARGEST_BYTES = 26 * 1024**2  # of a request, as simcord's page allows
LOOK_SECONDS = 0.2
QUIET_SECONDS = 0.5  # after a press, whose answer its own window draws at once
SHUTDOWN_SECONDS = 0.2
SECRET, CONTEXT = "X-Simcord-Capability", "X-Simcord-Context"
CHANNEL, ZONE = "X-Play-Channel", "X-Play-Zone"
REVISION = re.compile(rb'([{,]\s*"published_revision":\s*)\d+')  # in a text, its quotes would be escaped
LEFT_OUT = {"host", "origin", "connection", "content-length", "transfer-encoding", "accept-encoding", "date", "server"}
STATIC = Path(simcord.preview.__file__).with_name("static")
# Asked for at once: by themselves they are found one after the other, each when another has been read.
MODULES = "".join(
    f'<link rel="modulepreload" href="/{each.relative_to(STATIC).as_posix()}">' for each in sorted(STATIC.rglob("*.js"))
)
TYPES = {"play.js": "text/javascript", "play.css": "text/css"}

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PlayPage:
    def __init__(self, scene: Scene, preview: Preview, session: ClientSession) -> None:
        self._scene = scene
        self._preview = preview
        self._inner, self._secret = preview.url.split("/#")
        self._session = session
        self._one_act = asyncio.Lock()  # simcord refuses what overlaps, also from another window
        self._quiet_until = 0.0

    def application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BYTES, middlewares=[self._guard])
        app.router.add_get("/", self._index)
        app.router.add_get(REAL, _run_it_for_real)
        app.router.add_get("/play/{name}", _own_file)
        app.router.add_static("/fonts", STATIC / "fonts")  # 30 MB, which the page waits for
        app.router.add_get("/api/play/samples/{name}", self._sample)
        app.router.add_post("/api/play/menu", self._menu)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        return app

    async def keep_fresh(self) -> None:
        """Show what the bot changes by itself, but only when it has, and not while a press is under way."""
        shown = self._messages()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            keep_time(self._scene.stage.env)
            if time.monotonic() < self._quiet_until or (seen := self._messages()) == shown:
                continue
            async with self._one_act:
                with suppress(TimeoutError, SetupError):  # the bot is busy: the next look shows it
                    await self._preview.refresh()
                    shown = seen

    def _messages(self) -> int:
        """Another number whenever a message is."""
        messages = self._scene.stage.env.backend.messages
        return hash(repr([messages.get(each.id) for each in self._scene.channels]))

    @web.middleware
    async def _guard(self, request: web.Request, handler: Answer) -> web.StreamResponse:
        host = request.host
        if host.partition(":")[0] not in NAMES or request.headers.get("Origin", "null") not in {
            f"http://{host}",
            "null",
        }:
            raise web.HTTPForbidden
        told = request.headers.get(SECRET, "").encode(errors="surrogateescape")
        if request.path.startswith("/api/") and not hmac.compare_digest(told, self._secret.encode()):
            raise web.HTTPUnauthorized
        return await handler(request)

    async def _index(self, request: web.Request) -> web.Response:
        answer = await self._pass_on(request)
        page = answer.text or ""
        for before, after in (
            ("<title>SimCord Preview</title>", "<title>Stillframe, simulated</title>"),
            ("</head>", f'<link rel="stylesheet" href="/play/play.css">{MODULES}</head>'),
            ("<body>", f"<body>{self._bar()}"),
            ('<script type="module"', '<script src="/play/play.js"></script><script type="module"'),
        ):
            page = page.replace(before, after)
        answer.text = page
        return answer

    def _bar(self) -> str:
        players, channels = self._scene.players, self._scene.channels
        names = "".join(f'<option value="{each.id}">{name}</option>' for name, each in players.items())
        places = "".join(
            f'<option value="{each.id}" data-seen-by="{" ".join(self._who_sees(each))}">#{each.name}</option>'
            for each in channels
        )
        menus = self._scene.stage.app.bot.tree.get_commands(type=discord.AppCommandType.message)
        samples = "".join(f'<button type="button" data-sample="{name}">{name}</button>' for name in SAMPLES)
        template = files("sandbox.play").joinpath("bar.html").read_text("utf-8")
        entries = html.escape(json.dumps([menu.name for menu in menus]))
        return template.format(names=names, places=places, samples=samples, real=REAL, menus=entries)

    def _who_sees(self, channel: Any) -> list[str]:
        return [str(each.id) for each in self._scene.players.values() if self._scene.sees(each, channel)]

    async def _pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.method == "GET":
            return await self._inner_answer(request, body)
        async with self._one_act:
            page = self._look_at(request)
            if page is not None:  # what was pressed may have been drawn before the last change: its id says enough
                body = REVISION.sub(rb"\g<1>%d" % page.revision, body, count=1)
            try:
                return await self._inner_answer(request, body)
            finally:
                self._quiet_until = time.monotonic() + QUIET_SECONDS

    async def _inner_answer(self, request: web.Request, body: bytes) -> web.Response:
        path = request.path_qs
        if path.startswith("/api/assets/") and not request.query_string:
            path += "?download=1"  # as it is: else simcord decodes it first, in a process of its own, for a second
        async with self._session.request(
            request.method, self._inner + path, data=body or None, headers=_kept(request.headers)
        ) as answer:
            data, headers = await answer.read(), _kept(answer.headers)
        return web.Response(status=answer.status, body=data, headers=headers)

    def _look_at(self, request: web.Request) -> Any:
        """Each window says its channel, because simcord's page knows a single one. Returns simcord's page, if any."""
        channels = self._scene.channels
        here = next((each for each in channels if str(each.id) == request.headers.get(CHANNEL)), channels[0])
        self._preview.channel = here
        with suppress(KeyError, ValueError):  # no zone that Python knows
            self._preview.timezone = ZoneInfo(request.headers.get(ZONE, "")).key
        try:
            page = self._preview._get_page(request.headers.get(CONTEXT))  # noqa: SLF001  # it has no public name
        except (SetupError, BackendError):
            return None
        page.channel_id = here.id
        return page

    async def _menu(self, request: web.Request) -> web.Response:
        """Use an entry of a message's menu. A form is laid into the page; all else shows as any change does."""
        asked = await request.json()
        async with self._one_act:
            page = self._look_at(request)
            if page is None:
                raise web.HTTPGone
            channel = self._preview.channel
            try:
                message = next(each for each in channel.history(viewer=page.viewer) if str(each.id) == asked["message"])
                answer = await page.viewer.context_menu(channel, asked["entry"], message)
            except (SetupError, BackendError, StopIteration) as error:
                raise web.HTTPConflict(text=str(error)) from error
            if answer.modal is not None:
                page.modal, page.modal_handle = answer, "m_" + secrets.token_urlsafe(12)
        return web.json_response({})

    async def _sample(self, request: web.Request) -> web.Response:
        data = (await self._scene.samples).get(request.match_info["name"])
        if data is None:
            raise web.HTTPNotFound
        return web.Response(body=data)


async def _own_file(request: web.Request) -> web.Response:
    kind = TYPES.get(request.match_info["name"])
    if kind is None:
        raise web.HTTPNotFound
    text = files("sandbox.play").joinpath(request.match_info["name"]).read_text("utf-8")
    return web.Response(text=text, content_type=kind, headers={"Cache-Control": "no-store"})


async def _run_it_for_real(_request: web.Request) -> web.Response:
    """The section of the README, which is part of the installed package."""
    readme = str(metadata("stillframe").get_payload())  # type: ignore[attr-defined]  # an email.message.Message
    section = "## Run it for real" + readme.partition("## Run it for real")[2].partition("\n## ")[0]
    words = MarkdownIt("commonmark").render(section)
    return web.Response(
        text=f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Run it for real</title>'
        f'<link rel="stylesheet" href="/play/play.css"><body class="play-real">{words}</body></html>',
        content_type="text/html",
    )


def _kept(headers: Any) -> dict[str, str]:
    """The headers without those of the connection."""
    return {name: value for name, value in headers.items() if name.lower() not in LEFT_OUT}


@asynccontextmanager
async def open_page(scene: Scene, port: int = PORT) -> AsyncIterator[str]:
    """Serve the page on loopback, at another port where `port` is taken. Yields its address, with the secret."""
    players = tuple(scene.players.values())
    async with (
        scene.stage.env.preview(scene.channels[0], viewers=players, layout="channel") as preview,
        ClientSession() as session,
    ):
        del preview._pages["python"]  # noqa: SLF001  # shown to no window, and drawn anew at each press
        page = PlayPage(scene, preview, session)
        runner = web.AppRunner(page.application(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        fresh = asyncio.create_task(page.keep_fresh())
        try:
            try:
                await web.TCPSite(runner, HOST, port).start()
            except OSError:
                await web.TCPSite(runner, HOST, 0).start()
            yield f"http://{HOST}:{runner.addresses[0][1]}/#{preview.url.partition('#')[2]}"
        finally:
            fresh.cancel()
            await runner.cleanup()
