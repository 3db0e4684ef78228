"""The rules over a tree: each returns complaints as text, none if all is well."""

from pathlib import Path

from source_tree import read_sources, read_targets
from table import LAYERS, SYSTEM, TEST_LIBRARIES, TESTING, THIRD_PARTY, THIRD_PARTY_TARGETS


class Tree:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.files = read_sources(root)
        self.targets = {folder: read_targets(root / "engine" / folder / "CMakeLists.txt") for folder in [*LAYERS, TESTING]}
        self._test_stems = {folder: self._stems_of_tests(folder) for folder in self.targets}

    def _stems_of_tests(self, folder) -> set:
        """Names of the files that only test programs and test suites are made of."""
        stems = set()
        for target in self.targets[folder]:
            words = [w for some in target.words.values() for w in some]
            if target.kind == "mikura_test" or (target.kind == "add_library" and target.name.endswith("_suite")):
                stems.update(Path(w).stem for w in words if w.endswith(".cc"))
        return stems

    def is_test(self, file) -> bool:
        return (file.folder == TESTING or file.stem.endswith("_test") or "_test_" in file.stem
                or file.stem in self._test_stems.get(file.folder, ()))

    def product_files(self, folder):
        return [f for f in self.files if f.folder == folder and not self.is_test(f)]


def table_order() -> list:
    complaints, above = [], set()
    for folder, allowed in LAYERS.items():
        complaints += [f"the table: {folder} may include {other}, which does not stand above it" for other in allowed if other not in above]
        above.add(folder)
    return complaints


def folders(tree: Tree) -> list:
    found = {f.folder for f in tree.files}
    return [f"engine/{name}: not in the table of layers" for name in sorted(found - set(LAYERS) - {TESTING})]


def includes(tree: Tree) -> list:
    complaints = []
    for file in tree.files:
        for line, name in file.includes:
            target, where = name.split("/")[0], f"{file.path}:{line}"
            if "/" not in name or not (tree.root / "engine" / name).exists():
                complaints.append(f'{where}: "{name}" is no path of a header under engine/')
            elif target == TESTING:
                if not tree.is_test(file):
                    complaints.append(f'{where}: only tests may include "{name}"')
            elif file.folder != TESTING and target != file.folder and target not in LAYERS.get(file.folder, []):
                complaints.append(f'{where}: {file.folder} may not include "{name}"')
    return complaints


def third_party(tree: Tree) -> list:
    complaints = []
    for file in tree.files:
        for line, name in file.system_includes:
            where = f"{file.path}:{line}"
            if name.startswith(tuple(TEST_LIBRARIES)):
                if not tree.is_test(file):
                    complaints.append(f"{where}: only tests may include <{name}>")
                continue
            owners = next((folders for start, folders in THIRD_PARTY.items() if name.startswith(start)), None)
            if owners is not None:
                # A test may look at JSON that its folder writes as text.
                json_in_test = name.startswith("nlohmann/") and tree.is_test(file)
                if file.folder not in owners and file.folder != TESTING and not json_in_test:
                    complaints.append(f"{where}: <{name}> may be included only in {', '.join(owners)}")
            elif ("/" in name or name.endswith((".h", ".hpp"))) and not name.startswith(tuple(SYSTEM)):
                complaints.append(f"{where}: <{name}> is in no table (tests/layers/table.py)")
    return complaints


def _links(tree: Tree, folder: str) -> set:
    for target in tree.targets[folder]:
        if target.kind == "mikura_library" and target.name == folder:
            return set(target.words.get("DEPENDS", []) + target.words.get("PRIVATE_DEPENDS", []))
    return set()


def links(tree: Tree) -> list:
    """What a folder's library links is what its files include, no more and no less."""
    complaints = []
    for folder in LAYERS:
        files = [f for f in tree.product_files(folder) if f.stem != "main"]
        if not files:
            continue
        where, linked = f"engine/{folder}/CMakeLists.txt", _links(tree, folder)
        used = {name.split("/")[0] for f in files for _, name in f.includes} - {folder}
        declared = {t.removeprefix("mikura_") for t in linked if t.startswith("mikura_")}
        complaints += [f"{where}: {name} is included, so mikura_{name} belongs to its DEPENDS" for name in sorted(used - declared)]
        complaints += [f"{where}: mikura_{name} is linked, but nothing of it is included" for name in sorted(declared - used)]
        angled = [name for f in files for _, name in f.system_includes]
        for target in sorted(linked):
            start = next((s for prefix, s in THIRD_PARTY_TARGETS.items() if target.startswith(prefix)), None)
            if start and not any(name.startswith(start) for name in angled):
                complaints.append(f"{where}: {target} is linked, but no <{start}…> is included")
    return complaints


def listed(tree: Tree) -> list:
    """Every .cc file is built by some target: a forgotten test passes for ever."""
    complaints = []
    for folder, targets in tree.targets.items():
        text_file = tree.root / "engine" / folder / "CMakeLists.txt"
        words = set(text_file.read_text(encoding="utf-8").replace("(", " ").replace(")", " ").split()) if text_file.exists() else set()
        for file in tree.files:
            if file.folder == folder and file.path.endswith(".cc") and file.path.split("/", 2)[2] not in words:
                complaints.append(f"{file.path}: not named in engine/{folder}/CMakeLists.txt, so it is never built")
    return complaints


def cmake_order(tree: Tree) -> list:
    added = [t.name.removeprefix("engine/") for t in read_targets(tree.root / "CMakeLists.txt")
             if t.kind == "add_subdirectory" and t.name.startswith("engine/")]
    wanted = [folder for folder in LAYERS if folder in added]
    given = [folder for folder in added if folder in LAYERS]
    return [] if wanted == given else [f"CMakeLists.txt: folders are added in the order {given}, the table says {wanted}"]


RULES = [folders, includes, third_party, links, listed, cmake_order]
