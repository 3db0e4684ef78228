"""A proxy between the engine and an S3 server that does what bad networks do, by a seed, and counts.

It understands as much of HTTP/1.1 as it needs to treat one request at a time: a fault hits a request or its answer, not some byte.
"""

import asyncio
import collections
import random
import threading
import urllib.parse

SLOW_DOWN = (b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
             b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>")
SLOW_DOWN = SLOW_DOWN % len(SLOW_DOWN.partition(b"\r\n\r\n")[2])
_LIMIT = 64 << 20
# What goes wrong, as parts of a hundred.
FAULTS = {
    "error": 5.0,    # 503 SlowDown; the server sees nothing
    "reset": 1.0,    # the connection breaks before the server sees anything
    "lost": 1.0,     # the server does it, and the answer is lost
    "cut": 1.0,      # the answer breaks off in the middle
    "drip": 1.0,     # the answer comes in a hundred small pieces
}


class FaultProxy:
    """Runs from __enter__ to __exit__, in a thread of its own."""

    def __init__(self, endpoint: str, faults: dict, seed: int = 1, latency_s: float = 0, stalls: int = 0) -> None:
        self._target = urllib.parse.urlsplit(endpoint)
        self._faults, self._latency, self._stalls = faults, latency_s, stalls
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._started = threading.Event()
        self.endpoint = ""
        self.requests = 0
        self.happened = collections.Counter()

    def __enter__(self):
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._client, "127.0.0.1", 0, limit=_LIMIT)
        self.endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._started.set()
        await self._end.wait()
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _client(self, reader, writer) -> None:
        upstream = None
        try:
            upstream = await asyncio.open_connection(self._target.hostname, self._target.port, limit=_LIMIT)
            while await self._exchange(reader, writer, *upstream):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            for end in (writer, *(upstream or ())[1:]):
                end.transport.abort()

    async def _exchange(self, reader, writer, up_reader, up_writer) -> bool:
        """One request and its answer; False ends the connection."""
        request, method = await _message(reader)
        self.requests += 1
        fault = self._choose()
        self.happened[fault] += 1
        await asyncio.sleep(self._latency)
        if fault == "error":
            writer.write(SLOW_DOWN)
            await writer.drain()
            return True
        if fault == "reset":
            return False
        if fault == "stall":
            await reader.read()  # until the client has had enough
            return False
        up_writer.write(request)
        await up_writer.drain()
        answer, _ = await _message(up_reader, method)
        if fault == "lost":
            return False
        if fault == "cut":
            writer.write(answer[:max(1, len(answer) // 2)])
            await writer.drain()
            return False
        size = max(1, len(answer) // 100) if fault == "drip" else len(answer)
        for begin in range(0, len(answer), size):
            writer.write(answer[begin:begin + size])
            await writer.drain()
            if fault == "drip":
                await asyncio.sleep(0.01)
        return True

    def _choose(self) -> str:
        # Each once, however few requests there are, but none of the first, before there is anything under way.
        number = self.requests - 6
        if number % 3 == 0 and 0 <= number // 3 < len(self._faults):
            return list(self._faults)[number // 3]
        if number % 5 == 4 and self._stalls:
            self._stalls -= 1
            return "stall"
        chance = self._random.uniform(0, 100)
        for name, percent in self._faults.items():
            chance -= percent
            if chance < 0:
                return name
        return "none"


async def _message(reader, answers: str = ""):
    """One request or answer, whole, and the method of a request. `answers` is the method that an answer is to."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    words = lines[0].split(" ")
    if answers and (answers == "HEAD" or words[1] in ("204", "304")):
        return head, ""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while True:
            line = await reader.readuntil(b"\r\n")
            body += line + await reader.readexactly(int(line.split(b";")[0], 16) + 2)
            if line.split(b";")[0].strip() == b"0":
                return head + body, words[0]
    return head + await reader.readexactly(int(headers.get("content-length", "0"))), words[0]
