"""What `./dev package` finds fault with, shown on the package that it made: as it is, and spoilt in one way each."""

import os
import shutil
import stat
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.dev import console, vsix  # noqa: E402  (the path is set above)

PACKAGE = Path(os.environ["MIKURA_VSIX"])


class Package(unittest.TestCase):
    def changed(self, change=lambda entry: entry, **more) -> Path:
        """A copy of the package: change(entry) gives each entry of its directory as it shall be, or None; `more` are files to add."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        place = Path(folder.name, "changed.vsix")
        shutil.copy(PACKAGE, place)
        # The directory stands at the end and is written anew when something is added, here at least a harmless picture.
        with zipfile.ZipFile(place, "a") as archive:
            archive.filelist[:] = [entry for entry in map(change, archive.filelist) if entry]
            for name, data in {"extension/resources/harmless.svg": b"<svg/>", **more}.items():
                archive.writestr(name, data)
        return place

    def complaint(self, package: Path) -> str:
        with self.assertRaises(console.Failure) as caught:
            vsix.check(package)
        return str(caught.exception)

    def test_the_package_is_fit(self):
        vsix.check(self.changed())

    def test_nothing_else_is_in_it(self):
        text = self.complaint(self.changed(**{"extension/dist/extension.js.map": b"{}", "extension/src/extension.ts": b"", "extension/node_modules/x/index.js": b""}))
        self.assertIn("extension.js.map", text)
        self.assertIn("src/extension.ts", text)
        self.assertIn("node_modules/x", text)

    def test_the_engine_is_executable(self):
        def spoil(entry):
            if entry.filename.endswith("engine/mikura"):
                entry.external_attr = (stat.S_IFREG | 0o644) << 16
            return entry
        self.assertIn("not executable", self.complaint(self.changed(spoil)))

    def test_the_engine_brings_its_libraries(self):
        text = self.complaint(self.changed(lambda entry: None if "libcurl" in entry.filename else entry))
        self.assertIn("libcurl", text)

    def test_what_it_needs_is_there(self):
        text = self.complaint(self.changed(lambda entry: None if entry.filename.endswith(("extension.js", "bundle.l10n.ja.json")) else entry))
        self.assertIn("is missing: extension/dist/extension.js", text)
        self.assertIn("bundle.l10n.ja.json", text)

    def test_it_is_small(self):
        self.assertIn("too large", self.complaint(self.changed(**{"extension/media/film.png": os.urandom(vsix.MAX_BYTES)})))


if __name__ == "__main__":
    unittest.main()
