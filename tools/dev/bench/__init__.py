"""`./dev bench`: Mikura beside its peers: same machine, same input, same store, one run, interleaved.

Each round gives every tool a fresh repository and a fresh copy of the input, in an order that turns from round to round;
the table shows medians and ratios. A figure of one run says little on a shared machine; a ratio of one run says much.
"""

import json
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from .. import console, process, s3_server
from ..paths import ARTIFACTS, BUILD, shown
from . import inputs, install, peers
from .door import Door
from .measure import Sample

_BUCKET = "mikura-bench"


@dataclass
class Options:
    tools: list
    store: str = "folder"  # folder, s3
    delay_ms: float = 0
    input: str = "source"  # source, synthetic, large
    files: int = 50_000
    rounds: int = 3
    newest: bool = False


class Bench:
    def __init__(self, options: Options, root: Path, server=None, door=None) -> None:
        self._options, self._root, self._server, self._door = options, root, server, door
        self._original = root / "input"
        self._rounds = 0
        self.samples = {}  # (case, tool) -> Sample

    def make_input(self) -> None:
        o = self._options
        console.begin_live(f"making the input: {o.input}")
        if o.input == "source":
            inputs.source_tree(self._original, o.files)
        elif o.input == "synthetic":
            inputs.synthetic_tree(self._original, o.files)
        else:
            inputs.large_files(self._original)
        console.end_live()
        files = [p for p in self._original.rglob("*") if p.is_file()]
        self.facts = {"files": len(files), "bytes": sum(p.stat().st_size for p in files)}
        console.say(f"Input: {o.input}, {self.facts['files']:,} files, {self.facts['bytes'] / 1e6:,.0f} MB")

    def round(self, tools) -> None:
        self._rounds += 1
        turned = tools[self._rounds % len(tools):] + tools[:self._rounds % len(tools)]
        for tool in turned:
            with tempfile.TemporaryDirectory(prefix="tool-", dir=self._root) as folder:
                self._one(tool, Path(folder))

    def _one(self, tool, folder: Path) -> None:
        tree = folder / "tree"
        shutil.copytree(self._original, tree, symlinks=True)
        peer = tool(folder / "home", tree, self._place(tool, folder))
        peer.prepare()
        self._timed("first push", tool, peer.push)
        self._timed("push, nothing changed", tool, peer.push)
        if self._options.input == "large":
            edits = [("push, 20 rows changed", inputs.edit_rows), ("push, 10 bytes inserted", inputs.edit_insert)]
        else:
            edits = [("push, one file changed", inputs.edit_one)]
        for case, edit in edits:
            edit(tree, self._rounds)
            self._timed(case, tool, peer.push)
        self._timed("status, nothing changed", tool, peer.status)
        clone = folder / "clone"
        self._timed("clone", tool, lambda: peer.clone(clone))
        self._check(tree, clone, tool)

    def _check(self, tree: Path, clone: Path, tool) -> None:
        """A tool that brings back something else has no speed."""
        found = next((p for p in [clone, *clone.rglob("tree")] if (p / _any_name(tree)).exists()), clone)
        done = process.run(["diff", "-r", "--brief", "-x", ".mikura", "-x", ".git", tree, found], log=f"bench-diff-{tool.name}")
        process.must(done, f"comparing what {tool.name} brought back")

    def _timed(self, case: str, tool, step) -> None:
        console.begin_live(f"{self._rounds}. {tool.name}: {case}")
        before = self._door.traffic() if self._door else None
        run = step()
        console.end_live()
        if run is None:
            return
        if self._door:
            traffic = self._door.traffic().since(before)
            run.requests, run.sent_bytes, run.received_bytes = traffic.requests, traffic.sent_bytes, traffic.received_bytes
        self.samples.setdefault((case, tool.name), Sample()).runs.append(run)

    def _place(self, tool, folder: Path):
        if not self._door:
            return peers.Place(folder=folder / "store")
        return peers.Place(endpoint=self._door.endpoint, bucket=_BUCKET, prefix=f"{tool.name}-{self._rounds}", access_key=self._server.access_key,
                           secret_key=self._server.secret_key)


def _any_name(tree: Path) -> str:
    return next(p.name for p in tree.iterdir() if p.name not in (".mikura", ".git"))


def _cell(value, digits=2) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def table(samples: dict, tools) -> str:
    """One line a case and tool; the ratio is to the quickest of the others."""
    lines = ["| case | tool | wall s | ratio | spread | cpu s | peak MB | requests | sent MB | received MB |", "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for case in dict.fromkeys(case for case, _ in samples):
        for tool in tools:
            sample = samples.get((case, tool.name))
            if sample is None:
                continue
            others = [s.median("wall_s") for (c, name), s in samples.items() if c == case and name != tool.name]
            ratio = sample.median("wall_s") / min(others) if others else None
            sent, received = sample.median("sent_bytes"), sample.median("received_bytes")
            lines.append(f"| {case} | {tool.name} | {_cell(sample.median('wall_s'), 3)} | {_cell(ratio)} | {_cell(sample.spread(), 1)} | {_cell(sample.median('cpu_s'))} | "
                         f"{_cell(sample.median('peak_bytes') / 1e6, 0)} | {_cell(sample.median('requests'), 0)} | "
                         f"{_cell(None if sent is None else sent / 1e6)} | {_cell(None if received is None else received / 1e6)} |")
    return "\n".join(lines)


def main(options: Options) -> int:
    tools = install.ensure(options.tools, options.newest)
    if options.store == "s3":
        tools = [t for t in tools if t.supports_s3]
    console.say("Tools: " + ", ".join(f"{t.name} {t.version()}" for t in tools))
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mikura-bench-")))
        server = door = None
        if options.store == "s3":
            server = stack.enter_context(s3_server.S3Server(_BUCKET))
            door = stack.enter_context(Door(server.endpoint, options.delay_ms))
        bench = Bench(options, root, server, door)
        bench.make_input()
        for _ in range(options.rounds):
            bench.round(tools)
        report = table(bench.samples, tools)
    where = f"{options.input}-{options.store}" + (f"-{options.delay_ms:g}ms" if options.delay_ms else "")
    _write(where, options, bench, tools, report)
    console.say()
    console.say(report)
    return 0


def micro() -> int:
    """The program of bench/, and its figures as JSON."""
    (ARTIFACTS / "bench").mkdir(parents=True, exist_ok=True)
    figures = ARTIFACTS / "bench" / "micro.json"
    done = subprocess.run([BUILD / "release" / "bench" / "mikura_benchmarks", f"--benchmark_out={figures}", "--benchmark_out_format=json",
                           "--benchmark_repetitions=5", "--benchmark_report_aggregates_only=true"])
    console.say(f"Written: {shown(figures)}")
    return done.returncode


def _write(where: str, options: Options, bench: Bench, tools, report: str) -> None:
    folder = ARTIFACTS / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "store": options.store, "delay_ms": options.delay_ms, "input": options.input, **bench.facts, "rounds": options.rounds,
        "tools": {t.name: t.version() for t in tools},
        "runs": [{"case": case, "tool": tool, "runs": [run.as_json() for run in sample.runs]} for (case, tool), sample in bench.samples.items()],
    }
    (folder / f"{where}.json").write_text(json.dumps(document, indent=2) + "\n")
    (folder / f"{where}.md").write_text(report + "\n")
    console.say(f"Written: {shown(folder / where)}.json and .md")
