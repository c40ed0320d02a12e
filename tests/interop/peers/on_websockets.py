"""Python's websockets: an echo server that prints its port, or, with a URL and sets of parameters, a client."""

import asyncio
import os
import ssl
import sys
from urllib.parse import unquote, urlsplit

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)

MESSAGES = ["as services send it, " * 200, "", "b", b"0123456789" * 7000, "as services send it, " * 200]


def parsed(parameters):
    """Arguments of a factory, from parameters as they stand in the header."""
    split = [parameter.strip().partition("=") for parameter in parameters.split(";") if parameter.strip()]
    return {name: int(value) if value else True for name, _, value in split}


async def echo(socket):
    async for message in socket:
        await socket.send(message)


def choose(socket, request):
    """Has the query of the URL say the server's own parameters."""
    parameters = unquote(urlsplit(request.path).query)
    socket.protocol.available_extensions = [ServerPerMessageDeflateFactory(**parsed(parameters))]


async def run_server():
    async with serve(echo, "127.0.0.1", 0, process_request=choose) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


async def converse(url, parameters):
    tls = ssl.create_default_context(cafile=os.environ["CA"]) if url.startswith("wss:") else None
    off = parameters == "off"
    extensions = [] if off else [ClientPerMessageDeflateFactory(**parsed(parameters))]
    async with connect(url, compression=None, extensions=extensions, ssl=tls) as socket:
        for message in MESSAGES:
            await socket.send(message)
        for message in MESSAGES:
            assert await socket.recv() == message
        header = socket.response.headers.get("Sec-WebSocket-Extensions", "")
    print(header, flush=True)


async def run_client(url, sets):
    for parameters in sets:
        await converse(url, parameters)


asyncio.run(run_client(sys.argv[1], sys.argv[2:]) if sys.argv[1:] else run_server())
