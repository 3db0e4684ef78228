"""`./dev sim`: many runs of the simulator, over as many processes as there are cores."""

import re

from . import build, console, process, setup

_TARGETS = {False: ("mikura_sim", "tests/sim/mikura-sim"), True: ("mikura_sim_with_crypto", "tests/sim/mikura-sim-real")}


def main(runs: int, seed: int, real: bool) -> int:
    """0 if nothing was found. A failure prints its seed and the smallest trace that still fails."""
    setup.ensure(quiet=True)
    target, program = _TARGETS[real]
    build.build("release", target)
    shares = process.jobs()
    each = -(-runs // shares)
    parts = [(seed + i * each, min(each, runs - i * each)) for i in range(shares) if runs - i * each > 0]

    def one(part):
        first, count = part
        return process.run([build.directory("release") / program, "--runs", count, "--seed", first], log=f"sim-{first}")

    rate, failed = 0.0, False
    for outcome in process.for_each(parts, one):
        text = outcome.log.read_text(errors="replace")
        console.say(text.rstrip())
        failed |= not outcome.ok
        found = re.search(r"(\d+) runs/s", text)
        rate += float(found[1]) if found else 0
    if not failed:
        console.say(f"{runs} runs from seed {seed}: nothing found; {rate:.0f} runs/s together")
    return 1 if failed else 0
