"""mikura watch, for real: what is saved here arrives there, others see how it goes, and it ends as cleanly as it began."""

import json
import signal
import subprocess
import threading
import time

from support import Case


class Watcher:
    """A running `mikura watch --json`, and the states that it tells."""

    def __init__(self, case: Case, folder, machine: str, *extra):
        self.states = []
        self._more = threading.Condition()
        self.child = subprocess.Popen(case.command("-C", folder, "--json", "watch", *extra), cwd=case.root, env=case.environment(machine),
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        case.addCleanup(self._end)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.child.stdout:
            with self._more:
                self.states.append(json.loads(line))
                self._more.notify_all()

    def wait_for(self, wanted, seconds: float = 60) -> dict:
        """The first state for which `wanted` holds, also one that was told already."""
        seen = 0
        end = time.monotonic() + seconds
        with self._more:
            while True:
                for state in self.states[seen:]:
                    if wanted(state):
                        return state
                seen = len(self.states)
                if not self._more.wait(timeout=max(0, end - time.monotonic())) and time.monotonic() >= end:
                    raise AssertionError(f"not told within {seconds} s; the last states: {self.states[-3:]}")

    def stop(self, with_signal=signal.SIGTERM) -> int:
        self.child.send_signal(with_signal)
        code = self.child.wait(timeout=60)
        self._reader.join()
        return code

    def _end(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        self._reader.join()
        self.child.stdout.close()
        self.child.stderr.close()


def synced(generation: int):
    return lambda state: state["last_sync"] is not None and state["last_sync"]["generation"] >= generation


class Watching(Case):
    def setUp(self):
        super().setUp()
        self.a, self.b = self.root / "a", self.root / "b"
        self.a.mkdir()
        (self.a / "first").write_text("1\n")
        self.init(self.a)
        self.sync(self.a)
        self.clone(self.b)

    def status(self, folder, machine="one") -> dict:
        return self.mikura("-C", folder, "--json", "status", "--local", machine=machine).json

    def test_what_is_saved_here_arrives_there(self):
        here = Watcher(self, self.a, "one")
        there = Watcher(self, self.b, "two", "--poll", "1")
        here.wait_for(synced(1))
        there.wait_for(synced(1))
        (self.a / "new folder").mkdir()
        (self.a / "new folder" / "saved").write_text("as an editor does\n")
        state = here.wait_for(synced(2))
        self.assertIn(state["activity"], ("idle", "waiting", "checking", "syncing"))
        self.assertIsNone(state["problem"])
        there.wait_for(synced(2))
        self.assertEqual((self.b / "new folder" / "saved").read_text(), "as an editor does\n")
        # In the new folder, later.
        (self.a / "new folder" / "saved").write_text("and again\n")
        there.wait_for(synced(3))
        self.assertEqual((self.b / "new folder" / "saved").read_text(), "and again\n")
        self.assertEqual(here.stop(), 0)
        self.assertEqual(there.stop(signal.SIGINT), 0)

    def test_others_see_that_it_runs_and_nobody_watches_twice(self):
        watcher = Watcher(self, self.a, "one")
        watcher.wait_for(synced(1))
        told = self.status(self.a)["watcher"]
        self.assertEqual(told["pid"], watcher.child.pid)
        self.assertIn(told["activity"], ("idle", "waiting", "syncing", "checking"))
        self.assertIsNone(told["problem"])
        self.assertIsNone(told["degraded"])
        self.assertGreater(told["last_sync_ms"], 0)
        self.assertGreater(told["since_ms"], 0)
        self.assertIn(str(watcher.child.pid), self.mikura("-C", self.a, "status", "--local", expect=0).out.decode())
        second = self.mikura("-C", self.a, "--json", "watch", expect=1)
        self.assertIn(str(watcher.child.pid), second.err)
        self.assertEqual(watcher.stop(), 0)
        self.assertIsNone(self.status(self.a)["watcher"])
        self.assertFalse((self.a / ".mikura" / "watcher").exists())

    def test_one_that_was_killed_is_not_taken_for_a_running_one(self):
        watcher = Watcher(self, self.a, "one")
        watcher.wait_for(synced(1))
        watcher.stop(signal.SIGKILL)
        self.assertTrue((self.a / ".mikura" / "watcher").exists())
        self.assertIsNone(self.status(self.a)["watcher"])
        again = Watcher(self, self.a, "one")
        again.wait_for(synced(1))
        self.assertEqual(again.stop(), 0)

    def test_a_problem_that_stays_ends_it_with_its_exit_code(self):
        self.mikura("key", "generate", self.root / "other.key", expect=0)
        outcome = self.mikura("-C", self.a, "--json", "--key-file", self.root / "other.key", "watch")
        self.assertEqual(outcome.code, 5, outcome.err)
        self.assertFalse((self.a / ".mikura" / "watcher").exists())

    def test_killed_again_and_again_it_loses_nothing(self):
        for round_number in range(12):
            watcher = Watcher(self, self.a, "one")
            for i in range(5):
                (self.a / f"file {i}").write_text(f"{round_number} {i}\n")
                time.sleep(0.1 + 0.05 * (round_number % 5))
            watcher.stop(signal.SIGKILL)
        report = self.sync(self.a)
        self.assertEqual(report["conflicts"], [])
        self.sync(self.b, machine="two")
        for i in range(5):
            self.assertEqual((self.b / f"file {i}").read_text(), f"11 {i}\n")
        self.assertEqual([path.name for path in self.a.iterdir() if path.name.startswith("conflict-")], [])
