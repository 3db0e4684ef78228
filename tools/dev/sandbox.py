"""A world of their own for test programs: home, XDG folders and temporary files that vanish afterwards, and no
credentials, keys or settings of the person who runs them."""

import os
import shutil
import tempfile
from pathlib import Path

_KEPT = ("PATH", "LANG", "TERM", "USER", "LOGNAME", "SHELL", "LD_LIBRARY_PATH", "TZ")


def _remove_tree(root: Path) -> None:
    """Tests make folders without write permission, too."""
    for here, folders, _ in os.walk(root):
        for name in folders:
            path = os.path.join(here, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)
    shutil.rmtree(root, ignore_errors=True)


class Sandbox:
    def __init__(self, keep: bool = False) -> None:
        self._keep = keep
        self.root = Path(tempfile.mkdtemp(prefix="mikura-dev-"))
        self.temporary = self.root / "tmp"
        self.home = self.root / "home"

    def __enter__(self):
        # Tests that run as another user must be able to reach what is theirs.
        self.root.chmod(0o711)
        for folder in (self.temporary, self.home):
            folder.mkdir()
        return self

    def __exit__(self, *_) -> None:
        if not self._keep:
            _remove_tree(self.root)

    def environment(self, **extra) -> dict:
        env = {name: os.environ[name] for name in _KEPT if name in os.environ}
        env.update(
            HOME=str(self.home), TMPDIR=str(self.temporary), LC_ALL="C.UTF-8",
            XDG_CONFIG_HOME=str(self.home / ".config"), XDG_DATA_HOME=str(self.home / ".local/share"),
            XDG_STATE_HOME=str(self.home / ".local/state"), XDG_CACHE_HOME=str(self.home / ".cache"),
            XDG_RUNTIME_DIR=str(self.home), AWS_EC2_METADATA_DISABLED="true", GIT_CONFIG_NOSYSTEM="1",
            PYTHONDONTWRITEBYTECODE="1")
        env.update({name: str(value) for name, value in extra.items()})
        return env

    def leftovers(self) -> list:
        """What tests forgot to remove."""
        return sorted(p.name for p in self.temporary.iterdir())
