#!/usr/bin/env python3
"""Records conversations anew: what the client says and what happens in the world is taken from the file, what the engine answers
is written into it. Usage: MIKURA=build/release/mikura tests/rpc/record.py [FILE.jsonl ...]

Notifications of the engine are not recorded, for they come when they will: lines with them are kept as they are, and the replay checks them.
"""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

from conversation import HERE, SHAPES, Bindings, Engine, act, is_notification, load, matcher

NUMBER_KEYS = {"pid", "uploaded_bytes", "downloaded_bytes", "hashed_bytes", "hashed_files"}
TEXT_KEYS = {"author", "device", "text"}


class Normaliser:
    """From what came to a pattern: what differs from run to run becomes a placeholder."""

    def __init__(self, given: dict) -> None:
        self.given = given
        self.names = {}

    def number(self, kind: str, value: str) -> str:
        used = sum(name.startswith(kind) for name in self.names.values())
        return "{{" + self.names.setdefault(value, f"{kind}{used + 1}") + "}}"

    def pattern(self, value, key=""):
        if isinstance(value, dict):
            return {k: self.pattern(v, "engine_version" if key == "engine" else k) for k, v in value.items()}
        if isinstance(value, list):
            return [self.pattern(v, key) for v in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int):
            if key.endswith(("_ms", "_ns")):
                return "{{time}}"
            return "{{number}}" if key in NUMBER_KEYS else value
        if key in TEXT_KEYS or key == "engine_version":
            return "{{text}}"
        for name, given in sorted(self.given.items(), key=lambda item: -len(item[1])):
            value = value.replace(given, "{{" + name + "}}")
        value = re.sub(SHAPES["key"], lambda m: self.number("key", m[0]), value)
        value = re.sub(SHAPES["uuid"], lambda m: self.number("uuid", m[0]), value)
        value = re.sub(r"(?<!\d)" + SHAPES["stamp"], "{{stamp}}", value)
        value = re.sub(SHAPES["minute"], "{{minute}}", value)
        return re.sub(r"\bkeys/[a-z0-9-]+", "keys/{{text}}", value)


def record(path: Path) -> None:
    script = load(path)
    with tempfile.TemporaryDirectory(prefix="mikura-rpc-") as root:
        given = places(Path(root))
        engine = Engine([os.environ["MIKURA"], "serve"], environment(given), Path(root))
        normaliser = Normaliser(given)
        known = Bindings(given)
        out, waiting = [], []

        def take_engine_line() -> None:
            """One answer or request of the engine."""
            message = engine.wait_for(lambda m: not is_notification(m), "message")
            pattern = normaliser.pattern(message)
            if known.difference(pattern, message):
                raise AssertionError(f"{pattern} does not fit {message}")
            out.append({"from": "engine", "message": pattern})
            if "method" not in message:
                waiting.remove(message["id"])

        for line in script:
            message = line.get("message", {})
            if line.get("from") == "engine" and not is_notification(message):
                continue
            out.append(line)
            if line.get("from") == "engine":
                engine.wait_for(matcher(message, known), f"{message}")
            if line.get("from") == "world":
                act(line, known)
            if line.get("from") != "client":
                continue
            engine.send(known.fill(message))
            if "method" in message and "id" in message:
                waiting.append(message["id"])
            # Until it owes nothing, or asks something that the next line answers.
            while waiting and not line.get("pipelined"):
                take_engine_line()
                if "method" in out[-1]["message"]:
                    break
        code = engine.close()
        assert code == 0 and not waiting, f"exit code {code}, {waiting} {engine.errors}"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in out), encoding="utf-8")
    print(f"{path.name}: {len(out)} lines")


def environment(given: dict) -> dict:
    """Of the engine: nothing of the machine's own settings."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "XDG_"))}
    return dict(own, HOME=given["home"])


def places(root: Path) -> dict:
    """What the placeholders that every conversation may use stand for."""
    given = {name: str(root / name) for name in ("folder", "second", "out", "state", "home")}
    given["store"] = f"file://{root}/store"
    for name in ("folder", "second"):
        Path(given[name]).mkdir()
    return given


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(HERE.glob("*.jsonl")):
        record(Path(name))
