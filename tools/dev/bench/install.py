"""The peers, from their own packages: Debian's, or on request the newest as a Go module. What can be had in neither way
(kopia) takes part if it is on the PATH."""

import os
import shutil

from .. import console, process, setup
from . import peers

_DEBIAN = {"restic": "restic", "rclone": "rclone", "borg": "borgbackup", "git": "git"}
# Built on request only: minutes of both cores.
_GO = {
    "restic": "github.com/restic/restic/cmd/restic@v0.18.1",
    "rclone": "github.com/rclone/rclone@v1.71.1",
}


def ensure(names, newest: bool) -> list:
    """Installs what can be; returns the peers (classes) that are here, loudly naming those that are not."""
    if newest:
        for name in names:
            if name in _GO:
                _build(name)
    setup.install_programs([_DEBIAN[n] for n in names if n in _DEBIAN and _class(n).path() is None])
    present = []
    for name in names:
        if _class(name).path() is None:
            console.warn(f"left out: {name} is not here" + (" (--newest builds it)" if name in _GO else ""))
        else:
            present.append(_class(name))
    return present


def _class(name: str):
    return next(c for c in peers.ALL if c.name == name)


def _build(name: str) -> None:
    target = peers._TOOLS / name
    if target.exists() or not shutil.which("go"):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    console.begin_live(f"building {_GO[name]}")
    env = dict(os.environ, GOBIN=str(target.parent), CGO_ENABLED="0")
    built = process.run(["go", "install", "-trimpath", _GO[name]], log=f"bench-build-{name}", env=env)
    console.end_live()
    if not built.ok:
        console.warn(f"{name} could not be built: the system's is used if there is one\n{built.tail[-500:]}")
