"""`mikura serve` as a client sees it: the recorded conversations of tests/rpc, and what cannot be recorded."""

import os
import sys
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


if __name__ == "__main__":
    unittest.main()
