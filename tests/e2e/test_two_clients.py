"""Two real clients on one store, edited and killed (kill -9) at random: nothing is lost, nothing comes back, nobody is in conflict with himself.

Each client has files that only it edits, and both make files of the same names. Every content is written once, so it can be told where it came from and looked
for at the end. MIKURA_KILL_SECONDS says for how long (15 in CI), MIKURA_KILL_SEED with which luck.
"""

import os
import random
import secrets
import subprocess
import time
import unittest
from pathlib import Path

from support import Case, tree

SECONDS = float(os.environ.get("MIKURA_KILL_SECONDS", "15"))
SEED = int(os.environ.get("MIKURA_KILL_SEED", "1"))


class Client:
    """One machine, its folder, and what its user expects to find."""

    def __init__(self, case: Case, name: str, folder: Path):
        self.case, self.name, self.folder = case, name, folder
        self.own = {}  # path -> the content that this client wrote last; None: deleted
        self.child = None
        self.killed = self.finished = 0

    def start(self) -> None:
        self.child = subprocess.Popen(self.case.command("-C", self.folder, "sync"), env=self.case.environment(self.name), stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def end(self, kill: bool) -> None:
        if self.child is None or (not kill and self.child.poll() is None):
            return
        self.child.kill()
        output = self.child.communicate()[0].decode(errors="replace")
        code, self.child = self.child.returncode, None
        if code == -9:
            self.killed += 1
        else:
            self.finished += 1
            self.case.assertIn(code, (0, 3), output)  # 3: a conflict remains

    def write(self, path: str, content: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)


class TwoClients(Case):
    def setUp(self):
        super().setUp()
        self.source = random.Random(SEED)
        self.written = 0
        self.shared = {}  # content -> path: made on both sides, given up by nobody

    def content(self, client: Client) -> str:
        self.written += 1
        return f"{client.name} {self.written}\n" + "." * self.source.randint(0, 4000)

    def edit(self, client: Client) -> None:
        source = self.source
        for _ in range(source.randint(1, 12)):
            path = f"{client.name}/{source.randint(0, 3)}/file {source.randint(0, 14)}"
            if source.random() < 0.25 and client.own.get(path):
                (client.folder / path).unlink()
                client.own[path] = None
            else:
                client.own[path] = self.content(client)
                client.write(path, client.own[path])
        if source.random() < 0.3:
            path = f"shared/{self.written % 40} {source.randint(0, 3)}"
            if not (client.folder / path).exists():
                content = self.content(client)
                try:
                    with open(client.folder / path, "x", encoding="utf-8") as made:
                        made.write(content)
                except FileExistsError:  # it has just been brought
                    return
                self.shared[content] = path

    def run_for(self, seconds: float, clients: list) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for client in clients:
                if self.source.random() < 0.7:
                    self.edit(client)
                client.end(kill=False)
                if client.child is None:
                    client.start()
            time.sleep(self.source.random() * 0.12)
            for client in clients:
                if self.source.random() < 0.6:
                    client.end(kill=True)

    def conflicts(self, client: Client) -> list:
        outcome = self.mikura("-C", client.folder, "--json", "conflicts", machine=client.name)
        self.assertIn(outcome.code, (0, 3), outcome.err)
        return outcome.json["conflicts"]

    def come_to_rest(self, clients: list) -> None:
        for _ in range(8):
            generations = []
            for client in clients:
                outcome = self.mikura("-C", client.folder, "--json", "sync", machine=client.name)
                self.assertIn(outcome.code, (0, 3), outcome.err)
                generations.append(outcome.json["generation"])
                for conflict in self.conflicts(client):
                    self.assertTrue(conflict["path"].startswith("shared"), f"{client.name} is in conflict with himself: {conflict}")
                    self.mikura("-C", client.folder, "resolve", conflict["path"], "--keep-both", machine=client.name, expect=0)
            trees = [tree(client.folder) for client in clients]
            if trees[0] == trees[1] and generations[0] == generations[1]:
                return
        self.fail("they do not come to rest")

    def kill_and_check(self) -> None:
        a, b = Client(self, "one", self.root / "a"), Client(self, "two", self.root / "b")
        (a.folder / "shared").mkdir(parents=True)
        self.init(a.folder)
        self.sync(a.folder)
        self.clone(b.folder)
        for _ in range(3):
            self.run_for(SECONDS / 3, [a, b])
            for client in (a, b):
                client.end(kill=True)
            self.come_to_rest([a, b])
            for owner in (a, b):
                for path, content in owner.own.items():
                    for client in (a, b):
                        there = client.folder / path
                        found = there.read_text() if there.is_file() else None
                        self.assertEqual(found, content, f"{path} at {client.name}, after {a.killed + b.killed} kills")
            here = {path.read_text() for path in (a.folder / "shared").rglob("*") if path.is_file()}
            for content, path in self.shared.items():
                self.assertIn(content, here, f"{path} is lost")
        self.assertGreater(a.killed, 3)
        self.assertGreater(b.killed, 3)
        self.clone(self.root / "c", machine="three")
        self.assert_same_trees(a.folder, self.root / "c")
        print(f"{self.id()}: {a.killed + b.killed} runs killed, {a.finished + b.finished} ended, {self.written} contents")

    def test_on_a_folder(self):
        self.kill_and_check()

    @unittest.skipUnless(os.environ.get("MIKURA_TEST_S3_ENDPOINT"), "no S3 server: MIKURA_TEST_S3_ENDPOINT is not set")
    def test_on_s3(self):
        bucket = os.environ["MIKURA_TEST_S3_BUCKET"]
        self.store = f"s3://{bucket}/{secrets.token_hex(8)}?endpoint={os.environ['MIKURA_TEST_S3_ENDPOINT']}&region=us-east-1"
        self.kill_and_check()


if __name__ == "__main__":
    unittest.main()
