"""Recorded conversations with `mikura serve`: the format of tests/rpc/README.md, a client, and a replay against the real engine."""

import json
import os
import queue
import re
import subprocess
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PLACEHOLDER = re.compile(r"\{\{([a-z]+)(\d*)\}\}")
# What a placeholder of a kind may stand for inside a text; the rest stands for anything.
SHAPES = {"minute": r"\d{4}-\d\d-\d\d \d\d\.\d\d", "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "stamp": r"\d{8}\.\d{6}(?:\.\d+)?", "key": r"MIKURA-KEY-1[A-Z0-9]+"}
NUMBERS = {"time", "number"}
ANSWER_SECONDS = 20


def load(path: Path) -> list:
    lines = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            lines.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise AssertionError(f"{path.name}:{number}: {error}") from error
    return lines


class Bindings:
    """What the placeholders of one conversation stand for. Those with a number, and those given, mean the same everywhere."""

    def __init__(self, given: dict) -> None:
        self.values = dict(given)

    def fill(self, value):
        if isinstance(value, dict):
            return {k: self.fill(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.fill(v) for v in value]
        if not isinstance(value, str):
            return value
        whole = PLACEHOLDER.fullmatch(value)
        if whole:
            return self.values[whole[1] + whole[2]]
        return PLACEHOLDER.sub(lambda m: str(self.values[m[1] + m[2]]), value)

    def difference(self, pattern, actual, where="message"):
        """None if `actual` is what `pattern` says (objects may have more members), else what differs. Binds what is seen first."""
        if pattern == "{{any}}":
            return None
        if isinstance(pattern, dict):
            if not isinstance(actual, dict):
                return f"{where}: no object"
            for key, inner in pattern.items():
                if key not in actual:
                    return f"{where}.{key}: missing"
                found = self.difference(inner, actual[key], f"{where}.{key}")
                if found:
                    return found
            return None
        if isinstance(pattern, list):
            if where.endswith(".checks") and isinstance(actual, list):
                # The doctor may have learnt to look at more.
                known = {check.get("check") for check in pattern}
                actual = [check for check in actual if check.get("check") in known]
            if not isinstance(actual, list) or len(actual) != len(pattern):
                return f"{where}: {json.dumps(actual)[:300]}, not a list of {len(pattern)}"
            return next((d for i, p in enumerate(pattern) if (d := self.difference(p, actual[i], f"{where}[{i}]"))), None)
        if isinstance(pattern, str) and "{{" in pattern:
            return self._text_difference(pattern, actual, where)
        same = pattern == actual and isinstance(pattern, bool) == isinstance(actual, bool)
        return None if same else f"{where}: {json.dumps(actual)[:300]}, not {json.dumps(pattern)[:300]}"

    def _text_difference(self, pattern, actual, where):
        whole = PLACEHOLDER.fullmatch(pattern)
        if whole and whole[1] in NUMBERS:
            ok = isinstance(actual, int) and not isinstance(actual, bool)
            return None if ok and self._bind(whole[1] + whole[2], actual, bool(whole[2])) else f"{where}: {actual!r} for {pattern}"
        if not isinstance(actual, str):
            return f"{where}: {actual!r}, not the text {pattern}"
        names, parts, at = [], [], 0
        for m in PLACEHOLDER.finditer(pattern):
            parts.append(re.escape(pattern[at:m.start()]))
            name, at = m[1] + m[2], m.end()
            if name in self.values:
                parts.append(re.escape(str(self.values[name])))
            else:
                names.append((name, bool(m[2])))
                parts.append(f"({SHAPES.get(m[1], '.*')})")
        found = re.fullmatch("".join(parts) + re.escape(pattern[at:]), actual, re.DOTALL)
        if not found or not all(self._bind(name, found[i], kept) for i, (name, kept) in enumerate(names, 1)):
            return f"{where}: {actual!r}, not {pattern!r}"
        return None

    def _bind(self, name, value, kept) -> bool:
        if not kept:
            return True
        return self.values.setdefault(name, value) == value


class Engine:
    """The real `mikura serve`, and its messages in the order in which they came."""

    def __init__(self, command: list, env: dict, cwd: Path) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=cwd)
        self.arrived, self.pending, self.errors = queue.Queue(), [], []
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        out = self.process.stdout
        while header := out.readline():
            length = int(header.removeprefix(b"Content-Length: "))
            assert out.readline() == b"\r\n"
            self.arrived.put((time.monotonic(), json.loads(out.read(length))))
        self.arrived.put(None)

    def _read_errors(self) -> None:
        self.errors.append(self.process.stderr.read().decode(errors="replace"))

    def send_bytes(self, data: bytes) -> None:
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message: dict) -> None:
        body = json.dumps(message).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def wait_for(self, wanted, what: str, seconds: float = ANSWER_SECONDS) -> dict:
        """The first message that `wanted` accepts; others are kept for later."""
        for i, message in enumerate(self.pending):
            if wanted(message):
                return self.pending.pop(i)
        limit = time.monotonic() + seconds
        while True:
            try:
                item = self.arrived.get(timeout=max(0, limit - time.monotonic()))
            except queue.Empty:
                item = None
            if item is None:
                raise AssertionError(f"no {what} came; what else came: {json.dumps(self.pending)[-3000:]} {''.join(self.errors)}")
            self.arrived_at, message = item
            if wanted(message):
                return message
            self.pending.append(message)

    def call(self, id, method: str, **params) -> dict:
        self.send({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
        return self.answer(id)

    def answer(self, id, seconds: float = ANSWER_SECONDS) -> dict:
        return self.wait_for(lambda m: m.get("id") == id and "method" not in m, f"answer to {id}", seconds)

    def close(self, seconds: float = 30) -> int:
        if not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        try:
            return self.process.wait(seconds)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            for thread in self._threads:
                thread.join()
            self.process.stdout.close()
            self.process.stderr.close()
            while not self.arrived.empty():
                item = self.arrived.get()
                if item is not None:
                    self.pending.append(item[1])


def act(line: dict, bindings: Bindings) -> None:
    """What happens in the world besides the conversation."""
    if "make_folder" in line:
        Path(bindings.fill(line["make_folder"])).mkdir(parents=True)
    elif "write" in line:
        path = Path(bindings.fill(line["write"]))
        path.write_text(line["text"], encoding="utf-8")
        os.chmod(path, 0o644)
        if "mtime_s" in line:
            os.utime(path, (line["mtime_s"],) * 2)
    elif "remove" in line:
        Path(bindings.fill(line["remove"])).unlink()
    else:
        raise AssertionError(f"unknown: {line}")


def is_answer(message: dict) -> bool:
    return "method" not in message


def is_notification(message: dict) -> bool:
    return "method" in message and "id" not in message


def matcher(pattern: dict, bindings: Bindings):
    """Which messages of the engine could be meant by a recorded one."""
    if is_answer(pattern):
        return lambda m: is_answer(m) and m.get("id") == pattern.get("id")
    if is_notification(pattern):
        # Of several states, the one that is meant.
        return lambda m: m.get("method") == pattern["method"] and Bindings(bindings.values).difference(pattern, m) is None
    return lambda m: m.get("method") == pattern["method"] and "id" in m


def replay(lines: list, engine: Engine, given: dict) -> None:
    bindings = Bindings(given)
    for number, line in enumerate(lines, 1):
        if line.get("from") == "client":
            engine.send(bindings.fill(line["message"]))
        elif line.get("from") == "engine":
            pattern = line["message"]
            actual = engine.wait_for(matcher(pattern, bindings), f"line {number}, {json.dumps(pattern)[:300]}")
            found = bindings.difference(pattern, actual)
            if found:
                raise AssertionError(f"line {number}: {found}\nthe whole: {json.dumps(actual, ensure_ascii=False)[:3000]}")
        elif line.get("from") == "world":
            act(line, bindings)
    code = engine.close()
    unexpected = [m for m in engine.pending if not is_notification(m)]
    if unexpected or code != 0:
        raise AssertionError(f"exit code {code}, and unexpected messages: {unexpected} {''.join(engine.errors)}")
