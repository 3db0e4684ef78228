"""clang-format 19 over all C++ files that git knows or would know."""

from . import console, process
from .paths import ROOT

PROGRAM = "clang-format-19"


def sources() -> list:
    listed = process.output_of(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.h", "*.cc"])
    return sorted({p for p in listed.splitlines() if (ROOT / p).exists()})


def _batches(paths):
    return [paths[i::process.jobs()] for i in range(process.jobs()) if paths[i::process.jobs()]]


def check() -> list:
    """The files that are not formatted."""

    def one(batch):
        return process.run([PROGRAM, "--dry-run", "--ferror-limit=1", *batch], log=f"fmt-{len(batch[0])}-{batch[0].replace('/', '-')}")

    unformatted = set()
    for outcome in process.for_each(_batches(sources()), one):
        if outcome.code not in (0, 1):
            raise console.Failure(f"{PROGRAM} failed:\n{outcome.tail}")
        for line in outcome.log.read_text(errors="replace").splitlines():
            if "[-Wclang-format-violations]" in line:
                unformatted.add(line.split(":")[0])
    return sorted(unformatted)


def write() -> int:
    unformatted = check()
    if unformatted:
        process.must(process.run([PROGRAM, "-i", *unformatted], log="fmt-write"), PROGRAM)
    return len(unformatted)
