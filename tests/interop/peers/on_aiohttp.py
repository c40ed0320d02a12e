"""Python's aiohttp: an echo server that prints its port, or, with a URL and sets of parameters, a client.

Its client chooses nothing but window bits, 9 to 15, or no compression.
"""

import asyncio
import os
import ssl
import sys

from aiohttp import ClientSession, WSMsgType, web

MESSAGES = ["as services send it, " * 200, "", "b", b"0123456789" * 7000, "as services send it, " * 200]


async def echo(request):
    socket = web.WebSocketResponse(compress=True)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


async def run_server():
    app = web.Application()
    app.add_routes([web.get("/{path:.*}", echo)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


async def run_client(url, sets):
    tls = ssl.create_default_context(cafile=os.environ["CA"]) if url.startswith("wss:") else None
    async with ClientSession() as session:
        for parameters in sets:
            bits = 0 if parameters == "off" else int(parameters.partition("=")[2] or 15)
            async with session.ws_connect(url, compress=bits, ssl=tls or True) as socket:
                for message in MESSAGES:
                    await (socket.send_str if isinstance(message, str) else socket.send_bytes)(message)
                for message in MESSAGES:
                    received = await socket.receive()
                    assert received.data == message, received
                header = socket._response.headers.get("Sec-WebSocket-Extensions", "")
            print(header, flush=True)


asyncio.run(run_client(sys.argv[1], sys.argv[2:]) if sys.argv[1:] else run_server())
