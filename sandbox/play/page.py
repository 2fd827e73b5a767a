"""The page of `stillframe play`: simcord's own, with a bar above it, and fresh whenever the bot changed a message.

This server passes everything on to simcord's. It adds what that lacks: other channels, the menus of messages, files to
try, and a sign that a message has changed. All of it asks for the secret of the address, as simcord does.
"""

from __future__ import annotations

import asyncio
import html
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import metadata
from importlib.resources import files
from typing import Any

import discord
from aiohttp import ClientSession, web
from markdown_it import MarkdownIt
from simcord import BackendError, Preview, SetupError

from sandbox.play.scene import SAMPLES, Scene
from sandbox.stage import keep_time

HOST = "127.0.0.1"
PORT = 8642
REAL = "/play/real"
LARGEST_BYTES = 26 * 1024**2  # of a request, as simcord's page allows
SHUTDOWN_SECONDS = 0.2
SECRET, CONTEXT, CHANNEL = "X-Simcord-Capability", "X-Simcord-Context", "X-Play-Channel"
LEFT_OUT = {"host", "origin", "connection", "content-length", "transfer-encoding", "accept-encoding", "date", "server"}
TYPES = {"play.js": "text/javascript", "play.css": "text/css"}


class PlayPage:
    def __init__(self, scene: Scene, preview: Preview, session: ClientSession) -> None:
        self._scene = scene
        self._preview = preview
        self._inner, self._secret = preview.url.split("/#")
        self._session = session
        self._one_act = asyncio.Lock()  # simcord refuses a press while another goes on, also from another window

    def application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BYTES)
        app.router.add_get("/", self._index)
        app.router.add_get(REAL, _run_it_for_real)
        app.router.add_get("/play/files/{name}", self._asked_rightly(self._sample))
        app.router.add_get("/play/changes", self._asked_rightly(self._changes))
        app.router.add_post("/play/menu", self._asked_rightly(self._menu))
        app.router.add_get("/play/{name}", _own_file)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        return app

    def _asked_rightly(self, answer: Callable[[web.Request], Awaitable[web.Response]]) -> Any:
        async def guarded(request: web.Request) -> web.Response:
            if not secrets.compare_digest(request.headers.get(SECRET, ""), self._secret):
                raise web.HTTPUnauthorized
            return await answer(request)

        return guarded

    async def _index(self, request: web.Request) -> web.Response:
        answer = await self._pass_on(request)
        page = str(answer.text).replace("<title>SimCord Preview</title>", "<title>Stillframe, simulated</title>")
        page = page.replace("</head>", '<link rel="stylesheet" href="/play/play.css"></head>')
        page = page.replace("<body>", f"<body>{self._bar()}")
        page = page.replace('<script type="module"', '<script src="/play/play.js"></script><script type="module"')
        return web.Response(text=page, content_type="text/html", headers=_kept(answer.headers))

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
            self._look_at(request)
            keep_time(self._scene.stage.env)
            return await self._inner_answer(request, body)

    async def _inner_answer(self, request: web.Request, body: bytes) -> web.Response:
        async with self._session.request(
            request.method, self._inner + request.path_qs, data=body or None, headers=_kept(request.headers)
        ) as answer:
            data, headers = await answer.read(), _kept(answer.headers)
        if request.path.startswith("/fonts/"):
            headers["Cache-Control"] = "max-age=86400"
        return web.Response(status=answer.status, body=data, headers=headers)

    def _look_at(self, request: web.Request) -> Any:
        """Each window names its channel, because simcord's page knows a single one. Returns simcord's page."""
        channels = self._scene.channels
        here = next((each for each in channels if str(each.id) == request.headers.get(CHANNEL)), channels[0])
        self._preview.channel = here
        if CONTEXT not in request.headers:
            return None
        page = self._preview._get_page(request.headers[CONTEXT])  # noqa: SLF001  # it has no public name
        page.channel_id = here.id
        return page

    async def _changes(self, request: web.Request) -> web.Response:
        """A number that is another one whenever a message in the channel is."""
        messages = self._scene.stage.env.backend.messages.get(int(request.headers[CHANNEL]), {})
        return web.json_response({"changes": hash(repr(messages))})

    async def _menu(self, request: web.Request) -> web.Response:
        """Open an entry of a message's menu. An answer shows as any change does; a form is laid into the page."""
        asked = await request.json()
        async with self._one_act:
            page = self._look_at(request)
            keep_time(self._scene.stage.env)
            actor, channel = page.viewer, self._preview.channel
            try:
                message = next(each for each in channel.history(viewer=actor) if str(each.id) == asked["message"])
                answer = await actor.context_menu(channel, asked["entry"], message)
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
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in LEFT_OUT and not (name.lower() == "content-type" and "text/html" in value)
    }


@asynccontextmanager
async def open_page(scene: Scene, port: int = PORT) -> AsyncIterator[str]:
    """Serve the page on loopback, at another port where `port` is taken. Yields its address, with the secret."""
    players = tuple(scene.players.values())
    async with (
        scene.stage.env.preview(scene.channels[0], viewers=players, layout="channel") as preview,
        ClientSession() as session,
    ):
        page = PlayPage(scene, preview, session)
        runner = web.AppRunner(page.application(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, HOST, port).start()
            except OSError:
                await web.TCPSite(runner, HOST, 0).start()
            yield f"http://{HOST}:{runner.addresses[0][1]}/#{preview.url.partition('#')[2]}"
        finally:
            await runner.cleanup()
