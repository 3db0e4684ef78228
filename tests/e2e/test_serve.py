"""`mikura serve` as a client sees it: the recorded conversations of tests/rpc, and what cannot be recorded."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

from support import Case

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "rpc"))

import conversation  # noqa: E402  (the path is set above)
import record  # noqa: E402

CONVERSATIONS = sorted((ROOT / "tests" / "rpc").glob("*.jsonl"))


class ServeCase(Case):
    def setUp(self):
        super().setUp()
        self.given = record.places(self.root)
        self.folder = Path(self.given["folder"])

    def engine(self, **more_environment) -> conversation.Engine:
        engine = conversation.Engine(self.command("serve"), dict(record.environment(self.given), **more_environment), self.root)
        self.addCleanup(engine.close)
        return engine

    def opened(self, folder=None, **more_environment) -> conversation.Engine:
        engine = self.engine(**more_environment)
        self.assertIn("result", engine.call("init", "initialize", protocol={"min": 1, "max": 1}))
        self.assertIn("result", engine.call("open", "folder/open", folder=str(folder or self.folder)))
        return engine

    def link(self, folder=None) -> None:
        """As the command does, for tests that begin with a repository."""
        self.mikura("--key-file", self.key, "init", self.given["store"], folder or self.folder, expect=0)

    def give_key(self, engine) -> dict:
        request = engine.wait_for(lambda m: m.get("method") == "secret/get", "secret/get")
        engine.send({"jsonrpc": "2.0", "id": request["id"], "result": {"secret": self.key.read_text()}})
        return request["params"]


class Recorded(ServeCase):
    def test_the_engine_answers_as_recorded(self):
        self.assertGreater(len(CONVERSATIONS), 3)
        for path in CONVERSATIONS:
            with self.subTest(path.name):
                self.setUp()
                conversation.replay(conversation.load(path), self.engine(), self.given)

    def test_every_method_is_in_some_conversation(self):
        protocol = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
        documented = set(re.findall(r"^\| `([a-z/]+)`", protocol, re.MULTILINE)) | set(re.findall(r"^### `([a-z/]+)`", protocol, re.MULTILINE))
        self.assertGreater(len(documented), 25)
        spoken = {line["message"]["method"] for path in CONVERSATIONS for line in conversation.load(path) if "method" in line.get("message", {})}
        self.assertEqual(documented - spoken - {"log"}, set())


class Robust(ServeCase):
    def test_standard_output_carries_nothing_else_and_the_end_of_input_ends_it(self):
        engine = self.opened()
        self.assertEqual(engine.close(), 0)
        self.assertEqual([m for m in engine.pending if "id" in m], [])

    def test_a_broken_header_ends_it_with_2(self):
        engine = self.engine()
        engine.send_bytes(b"GET / HTTP/1.1\n\n")
        self.assertEqual(engine.process.wait(30), 2)

    def test_a_key_option_is_refused(self):
        outcome = self.mikura("--key-file", self.key, "serve", expect=2)
        self.assertIn("asks its client", outcome.err)

    def test_calls_may_be_sent_without_waiting_for_answers(self):
        self.link()
        engine = self.engine()
        call = lambda id, method, **params: engine.send({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
        call(1, "initialize", protocol={"min": 1, "max": 1})
        call(2, "folder/open", folder=str(self.folder))
        call(3, "status", folder=str(self.folder))
        self.assertTrue(engine.answer(2)["result"]["linked"])
        self.assertEqual(engine.answer(3)["result"]["local"], [])

    def test_a_store_that_does_not_answer_holds_nothing_up(self):
        mute = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(mute.close)
        port = mute.getsockname()[1]
        engine = self.opened(AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="s")
        store = f"s3://bucket/prefix?endpoint=http://127.0.0.1:{port}"
        engine.send({"jsonrpc": "2.0", "id": 1, "method": "store/inspect", "params": {"store": store}})
        mute.settimeout(30)
        connection, _ = mute.accept()
        self.addCleanup(connection.close)
        asked = time.monotonic()
        engine.send({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 1}})
        self.assertEqual(engine.answer(1)["error"]["code"], -32800)
        self.assertLess(time.monotonic() - asked, 0.5)
        # A change waits for it too, and has to stop before it is answered.
        engine.send({"jsonrpc": "2.0", "id": 2, "method": "repository/link", "params": {"folder": str(self.folder), "store": store}})
        second, _ = mute.accept()
        self.addCleanup(second.close)
        asked = time.monotonic()
        engine.send({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 2}})
        self.assertEqual(engine.answer(2)["error"]["code"], -32800)
        self.assertLess(time.monotonic() - asked, 0.5)
        self.assertFalse((self.folder / ".mikura").exists())

    def test_a_client_that_dies_in_the_middle_of_a_call_loses_nothing(self):
        self.link()
        for i in range(300):
            (self.folder / f"f{i}").write_text(f"{i}\n" * 100)
        for dies in ("reading", "writing", "both"):
            with self.subTest(dies):
                self.assertEqual(self.die_while_it_syncs(dies), 0)
        self.sync(self.folder)
        self.assertEqual(self.mikura("-C", self.folder, "--json", "status", "--local", expect=0).json["local"], [])

    def die_while_it_syncs(self, dies: str) -> int:
        """The exit code of an engine whose client closes its ends of the pipes in the middle of a sync."""
        reading, writing = os.pipe()
        process = subprocess.Popen(self.command("serve"), stdin=subprocess.PIPE, stdout=writing, env=record.environment(self.given), cwd=self.root)
        self.addCleanup(process.kill)
        os.close(writing)
        with os.fdopen(reading, "rb") as out:

            def send(**message):
                body = json.dumps({"jsonrpc": "2.0", **message}).encode()
                process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
                process.stdin.flush()

            send(id=1, method="initialize", params={"protocol": {"min": 1, "max": 1}})
            send(id=2, method="folder/open", params={"folder": str(self.folder)})
            send(id=3, method="sync", params={"folder": str(self.folder)})
            message = {}
            while message.get("method") != "secret/get":
                length = int(out.readline().removeprefix(b"Content-Length: "))
                out.readline()
                message = json.loads(out.read(length))
            send(id=message["id"], result={"secret": self.key.read_text()})
            if dies != "writing":
                out.close()
                if dies == "reading":
                    time.sleep(0.3)
            process.stdin.close()
            return process.wait(60)

    def test_a_killed_engine_leaves_a_folder_that_the_next_one_finishes(self):
        self.link()
        for i in range(300):
            (self.folder / f"f{i}").write_text(f"{i}\n" * 100)
        engine = self.opened()
        engine.send({"jsonrpc": "2.0", "id": 1, "method": "sync", "params": {"folder": str(self.folder)}})
        self.give_key(engine)
        time.sleep(0.05)
        engine.process.kill()
        engine.process.wait()
        engine = self.opened()
        engine.send({"jsonrpc": "2.0", "id": 1, "method": "sync", "params": {"folder": str(self.folder)}})
        self.give_key(engine)
        self.assertIn("result", engine.answer(1))
        self.assertEqual(engine.call(2, "status", folder=str(self.folder))["result"]["local"], [])

    def test_the_state_folder_may_be_deleted_between_calls(self):
        self.link()
        (self.folder / "a").write_text("a")
        engine = self.opened()
        self.assertEqual(len(engine.call(1, "status", folder=str(self.folder))["result"]["local"]), 1)
        shutil.rmtree(self.folder / ".mikura")
        self.assertEqual(engine.call(2, "status", folder=str(self.folder))["error"]["data"]["code"], "not_linked")

    def test_no_secret_is_in_a_message_or_on_disk(self):
        self.link()
        (self.folder / "a").write_text("a")
        engine = self.opened()
        engine.send({"jsonrpc": "2.0", "method": "log/level", "params": {"level": "debug"}})
        engine.send({"jsonrpc": "2.0", "id": 1, "method": "sync", "params": {"folder": str(self.folder)}})
        self.give_key(engine)
        self.assertIn("result", engine.answer(1))
        engine.close()
        secret = self.key.read_text().strip().splitlines()[-1]
        self.assertTrue(any(m.get("method") == "log" for m in engine.pending))
        self.assertNotIn(secret, repr(engine.pending) + "".join(engine.errors))
        for path in [*self.folder.rglob("*"), *Path(self.given["home"]).rglob("*"), *(self.root / "store").rglob("*")]:
            if path.is_file():
                self.assertNotIn(secret.encode(), path.read_bytes(), path)


class Latency(ServeCase):
    FILES = 10_000

    def test_a_folder_of_10000_files_is_usable_at_once(self):
        for i in range(self.FILES):
            place = self.folder / f"d{i % 100}"
            place.mkdir(exist_ok=True)
            (place / f"f{i}.txt").write_text(f"{i}\n")
        self.link()
        self.sync(self.folder)
        engine = self.engine()
        call = lambda id, method, **params: engine.send({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
        began = time.monotonic()
        call(1, "initialize", protocol={"min": 1, "max": 1})
        call(2, "folder/open", folder=str(self.folder))
        call(3, "status", folder=str(self.folder))
        status = engine.answer(3)["result"]
        elapsed = engine.arrived_at - began
        self.assertEqual((status["local"], status["scanned"]["files"], status["scanned"]["hashed_files"]), ([], self.FILES, 0))
        print(f"\nfrom initialize to the status of {self.FILES} files: {elapsed * 1000:.0f} ms", file=sys.stderr)
        # Well under 300 ms on a machine that does nothing else; here others may run beside it.
        self.assertLess(elapsed, 3)


if __name__ == "__main__":
    unittest.main()
