"""The deliberate defects: what each breaks, where, and how.

Each is something that somebody could write by mistake. tests/sim/bugs_test.cc demands that each is found within 10,000 runs.
"""

from dataclasses import dataclass


@dataclass
class Bug:
    name: str
    file: str  # of engine/
    find: str  # exactly once in that file
    instead: str  # BUG is the switch


BUGS = [
    # The plan
    Bug("an edit here is lost to a deletion there", "merge/plan.cc",
        "    if (row.remote == nullptr) return take_local(row);\n",
        "    if (row.remote == nullptr) return BUG ? take_remote(row) : take_local(row);\n"),
    Bug("a deletion here wins over an edit there", "merge/plan.cc",
        "    if (row.local == nullptr) return take_remote(row);\n",
        "    if (row.local == nullptr) return BUG ? take_local(row) : take_remote(row);\n"),
    Bug("an edit there of what nobody touched here is a conflict", "merge/plan.cc",
        "    if (same(row.base, row.local)) return take_remote(row);\n",
        "    if (!(BUG && row.local != nullptr && row.remote != nullptr) && same(row.base, row.local))\n"
        "      return take_remote(row);\n"),
    Bug("an edit here of what nobody touched there is a conflict", "merge/plan.cc",
        "    if (same(row.base, row.remote)) return take_local(row);\n",
        "    if (!(BUG && row.local != nullptr && row.remote != nullptr) && same(row.base, row.remote))\n"
        "      return take_local(row);\n"),
    Bug("the remote side wins every conflict", "merge/plan.cc",
        "    if (input_.policy != Policy::last_write_wins) {\n      row.conflict = true;\n",
        "    if (BUG && input_.policy != Policy::last_write_wins) {\n      take_remote(row);\n"
        "    } else if (input_.policy != Policy::last_write_wins) {\n      row.conflict = true;\n"),
    Bug("the local side wins every conflict", "merge/plan.cc",
        "    CHECK(!is_directory(row.local) && !is_directory(row.remote));\n",
        "    CHECK(!is_directory(row.local) && !is_directory(row.remote));\n    if (BUG) return take_local(row);\n"),
    Bug("open conflicts are forgotten by the plan", "merge/plan.cc",
        "      if (!has_local_folder(path)) continue;\n",
        "      if (BUG || !has_local_folder(path)) continue;\n"),
    Bug("what cannot be read counts as deleted", "merge/plan.cc",
        "      cover(unread);\n",
        "      if (!BUG) cover(unread);\n"),
    # Applying
    Bug("contents are not flushed before their names", "sync/apply.cc",
        "    if (!files.empty()) TRY(context_.tree.flush());\n",
        "    if (!files.empty() && !BUG) TRY(context_.tree.flush());\n"),
    Bug("the base advances before the tree is flushed", "sync/apply.cc",
        "    // Without it nothing is known to have been done.\n    TRY(context_.tree.flush());\n",
        "    if (!BUG) TRY(context_.tree.flush());\n"),
    Bug("what is replaced is not compared with what the plan saw", "sync/apply.cc",
        "    const Expectation expected = is_removal(step) ? Expectation::absent() : step.expected;\n",
        "    Expectation expected = is_removal(step) ? Expectation::absent() : step.expected;\n"
        "    if (BUG) {\n      auto now = context_.tree.inspect(step.path);\n"
        "      if (now && *now && (*now)->kind != EntryKind::directory) expected = Expectation::node((*now)->stamp);\n    }\n"),
    Bug("what is removed is not compared with what the plan saw", "sync/apply.cc",
        "      auto removed = context_.tree.remove(step->path, step->expected);\n",
        "      Expectation expected = step->expected;\n"
        "      if (BUG) {\n        auto now = context_.tree.inspect(step->path);\n"
        "        if (now && *now && (*now)->kind != EntryKind::directory) expected = Expectation::node((*now)->stamp);\n      }\n"
        "      auto removed = context_.tree.remove(step->path, expected);\n"),
    Bug("a path that changed meanwhile counts as applied", "sync/apply.cc",
        "    changed_.with([&](auto& changed) { changed.push_back(path); });\n",
        "    if (!BUG) changed_.with([&](auto& changed) { changed.push_back(path); });\n"),
    Bug("a conflict copy is recorded and not placed", "sync/apply.cc",
        "    if (there) return {};\n",
        "    if (there || BUG) return {};\n"),
    # Contents
    Bug("a local copy is taken without looking whether it still is that content", "sync/download.cc",
        "  return size == entry.size_bytes && hash.finish() == entry.sha256;\n",
        "  return BUG || (size == entry.size_bytes && hash.finish() == entry.sha256);\n"),
    Bug("a file that changed before it was read is stored under its old name", "sync/upload.cc",
        "    if (size != entry.size_bytes || sha256(data) != entry.sha256) return std::optional<Bytes>();\n",
        "    if (!BUG && (size != entry.size_bytes || sha256(data) != entry.sha256))\n"
        "      return std::optional<Bytes>();\n"),
    # Publishing
    Bug("what changed during the upload is published all the same", "sync/sync.cc",
        "    return !uploaded.changed_meanwhile.empty();\n",
        "    return !BUG && !uploaded.changed_meanwhile.empty();\n"),
    Bug("a publish does not flush the working tree", "sync/sync.cc",
        "    TRY(context_.tree.flush());\n    return publish(snapshot, plan, divided.segments);\n",
        "    if (!BUG) TRY(context_.tree.flush());\n    return publish(snapshot, plan, divided.segments);\n"),
    Bug("a version names its parent wrongly", "sync/sync.cc",
        "    if (head.generation != 0) index.parents.push_back({head.version, head.index_sha256});\n",
        "    if (head.generation != 0)\n      index.parents.push_back({head.version, BUG ? Sha256Digest() : head.index_sha256});\n"),
    Bug("HEAD is put without a condition", "vault/publish.cc",
        "  const auto condition = config_.capabilities.conditional_swap ? PutCondition::if_match(on.etag)\n",
        "  const auto condition = config_.capabilities.conditional_swap && !BUG ? PutCondition::if_match(on.etag)\n"),
    Bug("HEAD is put without its index", "vault/publish.cc",
        "  TRY(put_index(index, encoded, stop));\n",
        "  if (!BUG) TRY(put_index(index, encoded, stop));\n"),
    Bug("a lost race counts as won", "vault/publish.cc",
        "  if (now->head.publish == ours.head.publish || contains(now->head, record)) {\n",
        "  if (BUG || now->head.publish == ours.head.publish || contains(now->head, record)) {\n"),
    Bug("an index whose answer was lost counts as somebody else's", "vault/publish.cc",
        "  if (std::ranges::equal(there.data, object)) return {};\n",
        "  if (!BUG && std::ranges::equal(there.data, object)) return {};\n"),
    # Ids
    Bug("clients whose clocks are behind count on to the same version id", "crypto/uuid.cc",
        "  return count_up(high, low, leap + 1);\n",
        "  return count_up(high, low, BUG ? 1 : leap + 1);\n"),
    # State
    Bug("what is brought is not announced", "sync/apply.cc",
        "    if (request_.brings) TRY(",
        "    if (request_.brings && !BUG) TRY("),
    Bug("every conflict counts as settled by hand", "sync/snapshot.cc",
        "  if (!copy) return true;\n",
        "  if (!copy || BUG) return true;\n"),
    Bug("an announced copy counts as placed", "sync/snapshot.cc",
        "    if (!record.copied) {\n",
        "    if (!BUG && !record.copied) {\n"),
]
