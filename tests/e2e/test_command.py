"""What the command does besides its work: keys and prompts, signals, pipes, terminals, languages, the documented JSON."""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

from support import Case, fingerprint, make_tree, tree

SOURCE = Path(os.environ.get("MIKURA_SOURCE_DIR") or Path(__file__).resolve().parents[2])
ESCAPE = "\x1b"


class Terminal(Case):
    """A case that can sit at a terminal."""

    def on_terminal(self, *words, answers=(), machine="one", cwd=None, interrupt_at=None, **variables):
        """Runs the command as the leader of a new session on a terminal. `answers` are pairs of what is waited for and what is typed then.
        Returns the exit code and everything that the terminal was sent."""
        environment = dict(self.environment(machine), TERM="xterm", **variables)
        pid, terminal = pty.fork()
        if pid == 0:
            try:
                os.chdir(cwd or self.root)
                os.execve(os.environ["MIKURA"], self.command(*words), environment)
            finally:
                os._exit(127)
        seen = b""
        waiting = list(answers)
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            seen += piece
            if interrupt_at is not None and interrupt_at.encode() in seen:
                os.write(terminal, b"\x03")
                interrupt_at = None
            if waiting and waiting[0][0].encode() in seen[-400:]:
                os.write(terminal, waiting.pop(0)[1].encode() + b"\n")
        else:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        return os.waitstatus_to_exitcode(status), seen.decode(errors="replace")


class Keys(Terminal):
    def setUp(self):
        super().setUp()
        self.a = self.root / "a"
        self.a.mkdir()
        (self.a / "f").write_text("content")

    def test_a_passphrase_is_asked_for_twice_and_never_shown(self):
        secret = "correct horse battery staple"
        code, seen = self.on_terminal("init", self.store, self.a, answers=[("at least 12", secret), ("again", secret)])
        self.assertEqual(code, 0, seen)
        self.assertNotIn(secret, seen)
        code, seen = self.on_terminal("-C", self.a, "sync", answers=[("Passphrase for", secret)])
        self.assertEqual(code, 0, seen)
        self.assertNotIn(secret, seen)
        code, seen = self.on_terminal("-C", self.a, "sync", answers=[("Passphrase for", "correct horse battery stable")])
        self.assertEqual(code, 5, seen)

        # The same passphrase from a file, on another machine.
        file = self.root / "passphrase"
        file.write_text(secret + "\n")
        file.chmod(0o600)
        self.mikura("--key-file", file, "clone", self.store, self.root / "b", machine="two", expect=0)
        self.assertEqual(tree(self.a), tree(self.root / "b"))

    def test_passphrases_that_are_short_or_differ_make_no_repository(self):
        code, seen = self.on_terminal("init", self.store, self.a, answers=[("at least 12", "too short")])
        self.assertEqual(code, 2, seen)
        code, seen = self.on_terminal("init", self.store, self.a,
                                      answers=[("at least 12", "correct horse battery"), ("again", "correct horse buttery")])
        self.assertEqual(code, 2, seen)
        self.assertFalse((self.root / "store" / "repository").exists())

    def test_ctrl_c_at_the_prompt_ends_with_130_and_gives_the_terminal_back(self):
        shell = f'stty -a | grep -o " echo " ; {os.environ["MIKURA"]} init {self.store} {self.a}; echo "code=$?"; stty -a | grep -o "[- ]echo "'
        code, seen = self.run_shell(shell, interrupt_at="at least 12")
        self.assertEqual(code, 0, seen)
        self.assertIn("code=130", seen)
        self.assertNotIn("-echo", seen)
        self.assertEqual(seen.count(" echo "), 2, seen)
        self.assertFalse((self.root / "store" / "repository").exists())

    def run_shell(self, script, interrupt_at):
        """A shell on a terminal that survives Ctrl-C, as an interactive one does."""
        return self.on_terminal_program(["/bin/sh", "-c", "trap : INT; " + script], interrupt_at)

    def on_terminal_program(self, program, interrupt_at):
        kept, os.environ["MIKURA"] = os.environ["MIKURA"], program[0]
        try:
            return self.on_terminal(*program[1:], interrupt_at=interrupt_at)
        finally:
            os.environ["MIKURA"] = kept

    def test_without_a_key_and_a_terminal_the_error_teaches(self):
        outcome = self.mikura("init", self.store, self.a, expect=2)
        self.assertIn("mikura key generate", outcome.err)
        self.assertIn("--key-file", outcome.err)

    def test_the_key_comes_from_a_descriptor_a_command_a_variable_or_the_file_named_before(self):
        self.init(self.a)
        self.sync(self.a)
        with open(self.key, "rb") as key:
            done = subprocess.run(self.command("--key-fd", key.fileno(), "clone", self.store, "b1"), cwd=self.root, pass_fds=[key.fileno()],
                                  env=self.environment("m1"), capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.mikura("--key-command", f"cat '{self.key}'", "clone", self.store, "b2", machine="m2", expect=0)
        done = subprocess.run(self.command("clone", self.store, "b3"), cwd=self.root, capture_output=True, check=False,
                              env=dict(self.environment("m3"), MIKURA_KEY_FILE=str(self.key)))
        self.assertEqual(done.returncode, 0, done.stderr)
        # Only what --key-file named is remembered, and only on that machine.
        for number in (1, 2, 3):
            self.mikura("-C", f"b{number}", "sync", machine=f"m{number}", expect=2)
        self.mikura("-C", self.a, "sync", expect=0)
        self.key.rename(self.root / "moved.key")
        outcome = self.mikura("-C", self.a, "sync", expect=1)
        self.assertIn("mikura.key", outcome.err)
        self.mikura("-C", self.a, "--key-file", self.root / "moved.key", "sync", expect=0)

    def test_nothing_secret_is_in_the_arguments_or_the_environment_of_the_process(self):
        self.init(self.a)
        key_and_look = f"cat /proc/$PPID/cmdline /proc/$PPID/environ > {self.root}/seen; cat /proc/$PPID/limits > {self.root}/limits; cat {self.key}"
        self.mikura("-C", self.a, "--key-command", key_and_look, "sync", expect=0)
        seen = (self.root / "seen").read_bytes()
        self.assertIn(b"--key-command", seen)
        self.assertNotIn(self.key.read_bytes().strip(), seen)
        self.assertRegex((self.root / "limits").read_text(), r"Max core file size +0 +0")


class Signals(Case):
    def setUp(self):
        super().setUp()
        self.a = self.root / "a"
        self.a.mkdir()
        # The large file goes in twelve packs: once the first is there, there is time for a signal.
        make_tree(self.a, 800, large_bytes=96 << 20)

    def start(self, *words, ignored=()):
        def set_signals():
            # Who runs the tests may ignore some himself (nohup does), and a child would inherit that.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

        return subprocess.Popen(self.command(*words), env=self.environment(), cwd=self.root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, preexec_fn=set_signals)

    def signal_when_busy(self, child, store, numbers):
        """Sends the signals once the store begins to fill."""
        give_up = time.monotonic() + 30
        while child.poll() is None and time.monotonic() < give_up and sum(1 for _ in (store / "packs").glob("*")) < 1:
            time.sleep(0.002)
        for number in numbers:
            child.send_signal(number)
        return child.communicate(timeout=60)[1].decode()

    def test_a_signal_stops_a_push_with_130_and_the_next_run_finishes_it(self):
        for numbers in ((signal.SIGINT, signal.SIGINT), (signal.SIGTERM,), (signal.SIGHUP,)):
            with self.subTest(numbers):
                name = numbers[0].name
                store = self.root / f"store {name}"
                self.init(self.a, store=f"file://{store}")
                child = self.start("-C", self.a, "sync")
                err = self.signal_when_busy(child, store, numbers)
                self.assertEqual(child.returncode, 130, err)
                self.assertEqual(err, "mikura: cancelled; what was begun is finished or undone by the next run\n")
                self.sync(self.a)
                clone = self.root / f"clone {name}"
                self.clone(clone, store=f"file://{store}", machine=name)
                self.assert_same_trees(self.a, clone)
                shutil.rmtree(self.a / ".mikura")

    def test_a_signal_that_was_ignored_from_the_start_stays_ignored(self):
        self.init(self.a)
        child = self.start("-C", self.a, "sync", ignored=(signal.SIGHUP, signal.SIGINT))
        err = self.signal_when_busy(child, self.root / "store", (signal.SIGHUP, signal.SIGINT))
        self.assertEqual(child.returncode, 0, err)

    def test_only_one_process_at_a_time_changes_a_folder(self):
        self.init(self.a)
        # The key command holds the first one while it has the folder.
        waits = f"touch {self.root}/asked; while [ ! -e {self.root}/go ]; do sleep 0.02; done; cat {self.key}"
        child = self.start("-C", self.a, "--key-command", waits, "sync")
        give_up = time.monotonic() + 30
        while not (self.root / "asked").exists() and time.monotonic() < give_up:
            time.sleep(0.01)
        outcome = self.mikura("-C", self.a, "sync", expect=1)
        self.assertIn(str(child.pid), outcome.err)
        self.mikura("-C", self.a, "status", "--local", expect=0)  # looking is allowed
        (self.root / "go").touch()
        self.assertEqual(child.wait(timeout=60), 0)
        child.communicate()


class Output(Terminal):
    def setUp(self):
        super().setUp()
        self.a = self.root / "a"
        self.a.mkdir()
        (self.a / f"evil{ESCAPE}[2J{ESCAPE}]0;owned\x07").write_text(f"text {ESCAPE}[31mred\n")
        (self.a / "f").write_text("content\n")
        self.init(self.a)
        self.sync(self.a, extra=("-m", f"message {ESCAPE}[1mbold\nwith a second line"))

    def test_names_messages_and_contents_cannot_act_on_a_terminal(self):
        (self.a / f"new{ESCAPE}c").write_text(f"{ESCAPE}[8mhidden\n")
        for words in (["status"], ["log"], ["show", "HEAD"], ["diff"], ["diff", "--stat"], ["sync", "--dry-run"],
                      ["cat", "HEAD", f"no{ESCAPE}such"], ["--verbose", "status"], ["restore", "HEAD", "--dry-run"]):
            _, seen = self.on_terminal("-C", self.a, "--no-progress", *words, NO_COLOR="1")
            self.assertNotIn(ESCAPE, seen, words)
            self.assertNotIn("\x07", seen, words)
            _, seen = self.on_terminal("-C", self.a, "--no-progress", *words)
            self.assertNotIn(ESCAPE, re.sub(ESCAPE + r"\[[0-9]*m", "", seen), words)

    def test_colours_are_for_terminals_only(self):
        (self.a / "f").write_text("other\n")
        _, seen = self.on_terminal("-C", self.a, "status")
        self.assertIn(ESCAPE + "[33mM", seen)
        self.assertNotIn(ESCAPE.encode(), self.mikura("-C", self.a, "status", expect=0).out)

    def test_a_reader_that_goes_away_is_no_error(self):
        (self.a / "big").write_bytes(bytes(8 << 20))
        self.sync(self.a)
        for words in (["cat", "HEAD", "big"], ["log"], ["--help"]):
            child = subprocess.Popen(self.command("-C", self.a, *words), env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            child.stdout.close()
            err = child.stderr.read()
            child.stderr.close()
            self.assertEqual((child.wait(timeout=60), err), (0, b""), words)

    def test_a_full_or_closed_standard_output_is_noticed(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(self.command("-C", self.a, "log"), env=self.environment(), stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)
        # With all three closed, no file of ours takes their place.
        (self.a / "f").write_text("changed while closed\n")
        done = subprocess.run(["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *self.command("-C", self.a, "--verbose", "sync")],
                              env=self.environment(), check=False)
        self.assertEqual(done.returncode, 0)
        self.clone(self.root / "b")
        self.assert_same_trees(self.a, self.root / "b")

    def test_japanese_where_the_locale_asks_for_it_and_never_in_json(self):
        environment = dict(self.environment(), LANG="ja_JP.UTF-8")
        environment.pop("LC_ALL", None)
        environment.pop("LC_MESSAGES", None)
        (self.a / "f").write_text("changed\n")
        run = lambda *words: subprocess.run(self.command("-C", self.a, *words), env=environment, capture_output=True, check=False)
        self.assertIn("送信される変更".encode(), run("status").stdout)
        self.assertIn("鍵".encode(), run("--help").stdout)
        self.assertTrue(run("status", "--json").stdout.isascii())
        wrong = run("--json", "cat", "HEAD", "nothing").stderr
        self.assertEqual(json.loads(wrong)["error"]["code"], "not_found")
        self.assertTrue(wrong.isascii())


class Documented(Case):
    """docs/commands.md against what the command prints."""

    def setUp(self):
        super().setUp()
        self.a = self.root / "a"
        self.a.mkdir()
        (self.a / "f").write_text("one\n")
        (self.a / "link").symlink_to("f")
        self.init(self.a)
        self.sync(self.a)
        self.required, self.optional = {}, {}
        for line in (SOURCE / "docs" / "commands.md").read_text().splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not line.startswith("| `") or len(cells) != 2:
                continue
            always, _, sometimes = cells[1].partition(";")
            for name in re.findall(r"`([^`]+)`", cells[0]):
                self.required[name] = set(re.findall(r"`([^`]+)`", always))
                self.optional[name] = set(re.findall(r"`([^`]+)`", sometimes))
        self.required["show"] = self.required["show"] - {"versions[]"} | self.required["versions[]"]
        self.figures = {"requests", "bytes_sent", "bytes_received", "elapsed_ms", "peak_memory_bytes"}

    def check(self, name, document, figures=False):
        self.assertIn(name, self.required, "docs/commands.md has no line for it")
        expected = self.required[name] | (self.figures if figures else set())
        self.assertEqual(set(document) - self.optional[name], expected - self.optional[name], name)

    def test_every_verb_prints_the_documented_fields(self):
        run = lambda *words, expect=0, **more: self.mikura("-C", self.a, "--json", *words, expect=expect, **more).json
        other = self.root / "other"
        other.mkdir()
        key = ("--key-file", self.key)
        self.check("init", run(*key, "init", f"file://{self.root}/s2", other), figures=True)
        linked = self.root / "linked"
        linked.mkdir()
        self.check("link", run(*key, "link", self.store, linked), figures=True)
        self.check("clone", run(*key, "clone", self.store, self.root / "cloned", machine="two"), figures=True)
        for verb in ("sync", "push", "pull", "status", "log", "diff", "conflicts", "doctor"):
            self.check(verb, run(verb), figures=True)
        self.check("configure", run("configure", "--policy", "merge", "--gitignore", "off"), figures=True)
        self.check("show", run("show", "HEAD"), figures=True)
        self.check("cat", run("cat", "HEAD", "f"), figures=True)
        self.check("restore", run("restore", "HEAD"), figures=True)
        self.check("resolve", run("resolve", "--all", "--keep-local"), figures=True)
        self.check("version", run("version"))
        self.check("completion", run("completion", "bash"))
        self.check("policy", run("policy", "reader", "s3://bucket/prefix"))
        self.check("key generate", run("key", "generate", self.root / "new.key"))
        self.check("key generate", run("key", "generate"))

    def test_what_lists_hold_has_the_documented_fields(self):
        run = lambda *words, **more: self.mikura("-C", self.a, "--json", *words, **more).json
        b = self.root / "b"
        self.clone(b)
        (b / "f").write_text("by b\n")
        self.sync(b, machine="two")
        (self.a / "f").write_text("by a, too\n")
        (self.a / "new").write_text("x")
        os.mkfifo(self.a / "pipe")
        self.check("local[]", run("status")["local"][0])
        self.check("changes[]", run("diff")["changes"][0])
        synced = run("sync", expect=3)
        for action in synced["actions"]:
            self.check("actions[]", action)
        self.check("conflicts[]", synced["conflicts"][0])
        self.check("problems[]", synced["problems"][0])
        self.check("checks[]", run("doctor")["checks"][0])
        self.check("versions[]", run("log")["versions"][0])
        for entry in run("show", "HEAD")["entries"]:
            self.check("entries[]", entry)
        self.check("resolved[]", run("resolve", "f", "--keep-local")["resolved"][0])
        self.check("error", json.loads(self.mikura("--json", "nonsense", expect=2).err)["error"])


class Work(Case):
    def setUp(self):
        super().setUp()
        self.a = self.root / "a"
        self.b = self.root / "b"
        self.a.mkdir()

    def test_a_guard_stops_the_loss_of_most_files_until_it_is_confirmed(self):
        for i in range(40):
            (self.a / f"f{i}").write_text(f"content {i}")
        self.init(self.a)
        self.sync(self.a)
        self.clone(self.b)
        for i in range(30):
            (self.a / f"f{i}").unlink()
        before = fingerprint(self.root / "store")
        outcome = self.mikura("-C", self.a, "sync", expect=8)
        self.assertIn("  D  f29\n", outcome.err)
        self.assertIn("--allow-mass-change", outcome.err)
        error = json.loads(self.mikura("-C", self.a, "--json", "sync", expect=8).err)["error"]
        self.assertEqual(len(error["actions"]), 30)
        self.assertEqual(fingerprint(self.root / "store"), before)
        self.sync(self.a, extra=("--allow-mass-change",))
        # The other machine is protected by itself.
        self.mikura("-C", self.b, "pull", machine="two", expect=8)
        self.assertTrue((self.b / "f0").exists())
        report = self.sync(self.b, "pull", machine="two", extra=("--allow-mass-change",))
        self.assertTrue((self.b / report["backup_folder"] / "f0").exists())
        self.assert_same_trees(self.a, self.b)

    def test_a_guard_stops_a_restore_that_replaces_most_files(self):
        for i in range(40):
            (self.a / f"f{i}").write_text("old")
        self.init(self.a)
        self.sync(self.a)
        for i in range(40):
            (self.a / f"f{i}").write_text("new, and saved nowhere")
        outcome = self.mikura("-C", self.a, "restore", "HEAD", expect=8)
        self.assertIn("--yes-mass-change", outcome.err)
        self.assertIn("  M  f0\n", outcome.err)
        self.assertEqual((self.a / "f0").read_text(), "new, and saved nowhere")
        self.mikura("-C", self.a, "restore", "HEAD", "f0", "f1", expect=0)
        self.mikura("-C", self.a, "restore", "HEAD", "--yes-mass-change", expect=0)
        self.assertEqual((self.a / "f39").read_text(), "old")

    def test_linking_a_folder_merges_both_and_overwrites_nothing(self):
        (self.a / "same").write_text("same")
        (self.a / "differs").write_text("by a")
        (self.a / "only a").write_text("a")
        self.init(self.a)
        self.sync(self.a)
        self.b.mkdir()
        (self.b / "same").write_text("same")
        (self.b / "differs").write_text("by b")
        (self.b / "only b").write_text("b")
        self.mikura("--key-file", self.key, "link", self.store, self.b, machine="two", expect=0)
        report = self.sync(self.b, machine="two", expect=3)
        self.assertEqual([conflict["path"] for conflict in report["conflicts"]], ["differs"])
        self.assertEqual((self.b / "differs").read_text(), "by b")
        self.assertEqual((self.b / "only a").read_text(), "a")
        self.mikura("-C", self.b, "resolve", "--all", "--take-remote", machine="two", expect=0)
        self.sync(self.b, machine="two")
        self.sync(self.a)
        self.assertEqual(tree(self.a), tree(self.b))

    def test_git_applies_a_diff_of_odd_names_and_changes(self):
        make_tree(self.a, 30)
        (self.a / "becomes a link").write_text("file\n")
        (self.a / "binary").write_bytes(b"\0\1\2")
        self.init(self.a)
        self.sync(self.a)
        old = self.root / "old"
        self.mikura("-C", self.a, "restore", "HEAD", "--to", old, expect=0)
        odd = self.a / "odd"
        (odd / "new\nline").write_text("changed\nno newline at the end")
        (odd / "emoji 😀").write_text("changed\n")
        (odd / 'quote"').unlink()
        (odd / "with space").rename(odd / "with more space")
        (odd / "executable").chmod(0o644)
        (odd / "a\tb").write_text("tab\n")
        (odd / "newly empty").touch()
        (self.a / "becomes a link").unlink()
        (self.a / "becomes a link").symlink_to("odd")
        self.sync(self.a)
        patch = self.mikura("-C", self.a, "diff", "HEAD~1", "HEAD", expect=0).out
        applied = subprocess.run(["git", "apply", "-"], cwd=old, input=patch, capture_output=True, check=False,
                                 env=dict(os.environ, GIT_CEILING_DIRECTORIES=str(self.root)))
        self.assertEqual(applied.returncode, 0, applied.stderr)
        # git makes and removes no folders of their own.
        only_files = lambda folder: {path: what for path, what in tree(folder).items() if what[0] != "folder"}
        self.assertEqual(only_files(old), only_files(self.a))
        names = self.mikura("-C", self.a, "diff", "HEAD~1", "HEAD", "--name-status", expect=0).out.decode()
        self.assertIn("T  becomes a link\n", names)
        self.assertIn("R  odd/with space -> odd/with more space\n", names)
        self.assertIn('M  "odd/new\\nline"\n', names)

    def test_paths_are_relative_to_where_the_user_is(self):
        (self.a / "sub").mkdir()
        (self.a / "sub" / "f").write_text("one")
        (self.a / "f").write_text("top")
        self.init(self.a)
        self.sync(self.a)
        (self.a / "sub" / "f").write_text("two")
        self.sync(self.a)
        sub = self.a / "sub"
        self.assertEqual(self.mikura("cat", "HEAD~1", "f", cwd=sub, expect=0).out, b"one")
        self.assertEqual(self.mikura("-C", sub, "cat", "HEAD", "../f", expect=0).out, b"top")
        self.assertEqual(len(self.mikura("--json", "log", "../f", cwd=sub, expect=0).json["versions"]), 1)
        self.mikura("restore", "HEAD~1", "f", cwd=sub, expect=0)
        self.assertEqual((sub / "f").read_text(), "one")
        self.mikura("cat", "HEAD", "../../outside", cwd=sub, expect=2)
        self.mikura("status", cwd=self.root, expect=1)
        self.mikura("-C", self.root / "none", "status", expect=2)

    def test_what_cannot_be_synced_is_told_and_the_rest_is_synced(self):
        (self.a / "f").write_text("x")
        os.mkfifo(self.a / "pipe")
        with open(os.path.join(os.fsencode(self.a), b"latin\xe9"), "wb"):
            pass
        self.init(self.a)
        report = self.sync(self.a)
        self.assertEqual({problem["problem"] for problem in report["problems"]}, {"unsupported_kind", "bad_name"})
        outcome = self.mikura("-C", self.a, "status", expect=0)
        self.assertIn("latin\\xe9", outcome.out.decode())

    def test_the_doctor_finds_a_wrong_key_and_a_missing_store(self):
        (self.a / "f").write_text("x")
        self.init(self.a)
        self.assertTrue(self.sync(self.a, "doctor")["healthy"])
        wrong = self.root / "wrong.key"
        self.mikura("key", "generate", wrong, expect=0)
        report = self.mikura("-C", self.a, "--key-file", wrong, "--json", "doctor", expect=1).json
        self.assertIn(("key", "failed"), [(check["check"], check["state"]) for check in report["checks"]])
        (self.root / "store").rename(self.root / "gone")
        report = self.mikura("-C", self.a, "--json", "doctor", expect=1).json
        self.assertEqual(report["checks"][-1]["state"], "failed")


if __name__ == "__main__":
    import unittest
    unittest.main()
