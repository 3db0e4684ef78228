"""`./dev s3-matrix`: the same suite over every S3 server that can be installed here, and the table in docs/s3.md from what it finds.

For each: the suite of stores with its races (engine/store/blob_store_suite*.cc over engine/store/s3_real_test.cc), what the probe of `mikura init`
makes of it, and the engine at work (tests/e2e/test_matrix.py).
"""

import json
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from . import build, console, process
from .paths import LOGS, ROOT, shown
from .s3_servers import SERVERS, Running, Server
from .sandbox import Sandbox

DOCUMENT = ROOT / "docs" / "s3.md"
_BEGIN, _END = "<!-- begin: ./dev s3-matrix -->\n", "<!-- end: ./dev s3-matrix -->\n"
_HEADER = ("| server | version | create if absent | swap if match | delete if match | suite | several writers | remarks |\n"
           "|---|---|---|---|---|---|---|---|\n")
# Quick to install and to run: part of `./dev test`.
QUICK = ["minio", "moto"]


@dataclass
class Row:
    server: Server
    passed: int
    failed: list
    found: dict
    work: process.Outcome

    @property
    def several_writers(self) -> bool:
        return bool(self.found["conditional_create"] and self.found["conditional_swap"])

    def complaints(self) -> list:
        out = []
        if self.several_writers != self.server.several_writers:
            out.append(f"the probe found {self.found}, which was not expected")
        unexpected = [name for name in self.failed if name not in self.server.known_failures]
        # A server that the probe refuses need not pass the suite.
        if self.several_writers and unexpected:
            out.append("failed tests: " + ", ".join(unexpected))
        if not self.work.ok:
            out.append(f"the engine at work: {shown(self.work.log)}\n{self.work.tail}")
        return out

    def line(self) -> str:
        word = lambda good: "yes" if good else "**no**"
        suite = f"{self.passed} of {self.passed + len(self.failed)}"
        verdict = "yes" if self.several_writers else "**refused**; one writer, by `--single-writer`"
        version = self.server.version.rpartition("-")[2] if self.server.version.startswith("v0.0.0-") else self.server.version
        return (f"| {self.server.name} | {version} | {word(self.found['conditional_create'])} | {word(self.found['conditional_swap'])} | "
                f"{word(self.found['conditional_delete'])} | {suite} | {verdict} | {self.server.remarks} |\n")


def _suite(env: dict, name: str):
    results = LOGS / f"s3-{name}-suite.xml"
    results.unlink(missing_ok=True)
    program = build.directory("release") / "engine" / "store" / "mikura_s3_real_test"
    outcome = process.run([program, f"--gtest_output=xml:{results}"], log=f"s3-{name}-suite", env=env, timeout_seconds=900,
                          on_line=console.note_progress)
    if results.exists():
        return _read(results)
    # The program has ended in the middle: what it printed counts.
    lines = outcome.log.read_text(errors="replace").splitlines()
    begun = {line.split("] ", 1)[1].strip() for line in lines if line.startswith("[ RUN      ] ")}
    passed = {line.split("] ", 1)[1].partition(" (")[0] for line in lines if line.startswith("[       OK ] ")}
    return len(passed), sorted(begun - passed)


def _read(results: Path):
    """How many tests passed, and the names of those that failed, of GoogleTest's own report."""
    passed, failed = 0, []
    for case in ElementTree.parse(results).getroot().iter("testcase"):
        if case.find("failure") is not None:
            failed.append(f"{case.get('classname')}.{case.get('name')}")
        elif case.get("result") == "completed":
            passed += 1
    return passed, failed


def _probe(env: dict, bucket: str, endpoint: str) -> dict:
    """What `init` finds: as a repository for several writers, else as one for a single writer."""
    with tempfile.TemporaryDirectory(prefix="mikura-matrix-", dir=env["TMPDIR"]) as root:
        command = [build.binary(), "--json"]
        key = f"{root}/key"
        process.must(process.run([*command, "key", "generate", key], log="s3-matrix-key", env=env), "making a key")
        for number, more in enumerate(([], ["--single-writer"])):
            url = f"s3://{bucket}/probe{number}?endpoint={endpoint}&region=us-east-1"
            outcome = process.run([*command, "--key-file", key, "init", url, f"{root}/{number}", *more], log=f"s3-matrix-init{number}", env=env)
            if outcome.ok:
                return json.loads(outcome.tail.partition("{")[1] + outcome.tail.partition("{")[2])
    raise console.Failure(f"init failed:\n{outcome.tail}")


def run_one(server: Server) -> Row:
    with Running(server) as running, Sandbox() as sandbox:
        env = sandbox.environment(**running.environment())
        passed, failed = _suite(env, server.name)
        bucket = "mikura-matrix"
        env |= {"MIKURA": str(build.binary()), "MIKURA_SOURCE_DIR": str(ROOT), "MIKURA_TEST_S3_BUCKET": bucket,
                "MIKURA_TEST_S3_SINGLE_WRITER": "" if server.several_writers else "1"}
        made = process.run([sys.executable, "-c", _MAKE_BUCKET], log=f"s3-{server.name}-bucket", env=env, cwd=ROOT / "tests" / "e2e")
        process.must(made, f"making a bucket on {server.name}")
        found = _probe(env, bucket, running.endpoint)
        work = process.run([sys.executable, "-m", "unittest", "-v", "test_matrix"], log=f"s3-{server.name}-work", env=env, cwd=ROOT / "tests" / "e2e",
                           timeout_seconds=600, on_line=console.note_progress)
        return Row(server, passed, failed, found, work)


_MAKE_BUCKET = ("import os, s3_client as s; e = os.environ; status, body = s.send(s.root_keys(), 'PUT', e['MIKURA_TEST_S3_ENDPOINT'], "
                "'/' + e['MIKURA_TEST_S3_BUCKET']); assert status in (200, 409), (status, body)")


def table(rows: list) -> str:
    return _HEADER + "".join(row.line() for row in rows)


def write(rows: list) -> None:
    """Replaces the table in the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    DOCUMENT.write_text(before + _BEGIN + table(rows) + _END + after, encoding="utf-8")


def main(names: list, update: bool) -> int:
    unknown = set(names) - {server.name for server in SERVERS}
    if unknown:
        raise console.Failure(f"no such server: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in SERVERS)}")
    build.build("release", "mikura", "mikura_s3_real_test")
    rows, bad = [], 0
    for server in SERVERS:
        if names and server.name not in names:
            continue
        reason = server.why_not()
        if reason:
            console.say(f"{server.name}: left out: {reason}")
            bad += 1
            continue
        console.begin_live(server.name)
        row = run_one(server)
        console.end_live()
        rows.append(row)
        console.say(row.line().strip())
        for complaint in row.complaints():
            bad += 1
            console.say(f"  {complaint}")
    if update and not names and not bad:
        write(rows)
        console.say(f"the table is in {shown(DOCUMENT)}")
    return 1 if bad else 0
