"""Configuring and building a preset (CMakePresets.json)."""

from .process import BUILD, cores, run


def build(preset: str, *targets: str) -> bool:
    folder = BUILD / preset
    if not (folder / "build.ninja").exists() and run(["cmake", "--preset", preset], quiet=True) != 0:
        return False
    return run(["cmake", "--build", folder, "-j", str(cores()), *[part for target in targets for part in ("--target", target)]],
               quiet=True) == 0
