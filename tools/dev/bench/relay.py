"""The relay behind door.py, a program of its own: `python3 -m tools.dev.bench.relay PORT DELAY_MS`.

Prints its own port as JSON, then, for each line on its standard input, what has passed so far. Ends with its input.
"""

import asyncio
import json
import re
import sys
from collections import deque

_CHUNK = 256 * 1024
_REQUEST_LINE = re.compile(rb"(GET|PUT|POST|HEAD|DELETE) [^\r\n]{1,8192} HTTP/1\.1\r\n")


class _Relay:
    def __init__(self, port: int, delay_s: float) -> None:
        self._port, self._delay = port, delay_s
        self.traffic = {"requests": 0, "sent_bytes": 0, "received_bytes": 0}

    async def serve(self, client_reader, client_writer) -> None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=_CHUNK)
        except OSError:
            client_writer.close()
            return
        await asyncio.gather(self._pump(client_reader, writer, self._count_request), self._pump(reader, client_writer, self._count_answer))

    def _count_request(self, data: bytes) -> None:
        self.traffic["sent_bytes"] += len(data)
        # No client here sends a request before the answer to the one before: each begins a piece of its own.
        self.traffic["requests"] += _REQUEST_LINE.match(data) is not None

    def _count_answer(self, data: bytes) -> None:
        self.traffic["received_bytes"] += len(data)

    async def _pump(self, reader, writer, count) -> None:
        """Each piece leaves `delay` after it came, in order, without holding up those behind it."""
        loop = asyncio.get_running_loop()
        waiting, more = deque(), asyncio.Event()

        async def deliver() -> None:
            while True:
                while not waiting:
                    more.clear()
                    await more.wait()
                due, data = waiting.popleft()
                rest = due - loop.time()
                if rest > 0:
                    await asyncio.sleep(rest)
                if data is None:
                    return
                writer.write(data)
                await writer.drain()

        delivery = asyncio.ensure_future(deliver())
        try:
            while data := await reader.read(_CHUNK):
                count(data)
                waiting.append((loop.time() + self._delay, data))
                more.set()
        except OSError:
            pass
        waiting.append((loop.time() + self._delay, None))
        more.set()
        try:
            await delivery
        except OSError:
            pass
        finally:
            writer.close()


async def _main(port: int, delay_ms: float) -> None:
    relay = _Relay(port, delay_ms / 2000)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0, limit=_CHUNK)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while await commands.readline():
        print(json.dumps(relay.traffic), flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))
    except KeyboardInterrupt:
        pass
