"""libFuzzer targets of fuzz/, built with the asan preset.

Seeds are in fuzz/seeds/<target>/ (in git); what a fuzzer finds on its way goes to .cache/fuzz/<target>/, inputs that crash
to artifacts/fuzz/<target>/.
"""

from . import build, console, process, setup
from .paths import ARTIFACTS, CACHE, ROOT, shown

SEEDS = ROOT / "fuzz" / "seeds"


def targets() -> list:
    folder = build.directory("asan") / "fuzz"
    found = [p for p in folder.glob("fuzz_*") if p.is_file() and p.stat().st_mode & 0o111] if folder.exists() else []
    return sorted(found)


def run(target, max_seconds: int, env: dict, on_line=None) -> process.Outcome:
    name = target.name
    corpus, crashes = CACHE / "fuzz" / name, ARTIFACTS / "fuzz" / name
    for folder in (corpus, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    seeds = [s for s in (SEEDS / name, SEEDS / name.removeprefix("fuzz_")) if s.is_dir()]
    return process.run([target, f"-max_total_time={max_seconds}", "-timeout=20", "-rss_limit_mb=2048", "-seed=1",
                        f"-artifact_prefix={crashes}/", corpus, *seeds],
                       log=f"fuzz/{name}", env=env, on_line=on_line, timeout_seconds=max_seconds + 120)


def main(names, max_seconds: int) -> int:
    setup.ensure(quiet=True)
    if not setup.has_clang():
        raise console.Failure("fuzzing needs clang 19 (./dev setup)")
    console.begin_live("build asan")
    build.build("asan")
    console.end_live()
    chosen = [t for t in targets() if not names or any(n in t.name for n in names)]
    if not chosen:
        raise console.Failure("no such fuzz target; there are: " + ", ".join(t.name for t in targets()))
    failed = 0
    for target in chosen:
        console.begin_live(target.name)
        outcome = run(target, max_seconds, build.environment(), console.note_progress)
        console.end_live()
        if outcome.ok:
            console.say(f"ok      {target.name}  {console.seconds(outcome.seconds)}")
        else:
            failed += 1
            console.say(f"FAILED  {target.name}; the input is in {shown(ARTIFACTS / 'fuzz' / target.name)}\n{outcome.tail}")
    return 1 if failed else 0
