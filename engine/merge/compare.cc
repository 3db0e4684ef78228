// Two-way comparison of trees, and the renames in it (plan.h).
#include <algorithm>
#include <cstring>
#include <utility>

#include "format/path.h"
#include "merge/plan.h"

namespace mikura {
namespace {

Change::Kind kind_of(const Entry& before, const Entry& after) {
  if (before.kind != after.kind) return Change::Kind::kind_changed;
  const bool same_bytes = before.sha256 == after.sha256 && before.target == after.target;
  return same_bytes ? Change::Kind::mode_changed : Change::Kind::modified;
}

bool can_be_renamed(const Entry& entry) {
  return entry.kind == EntryKind::file && entry.size_bytes > 0;
}

using Entries = std::vector<const Entry*>;

// Content first, then the file name.
int compare_content(const Entry& a, const Entry& b) {
  return std::memcmp(a.sha256.bytes().data(), b.sha256.bytes().data(), Sha256Digest::kSize);
}

int compare_content_and_name(const Entry& a, const Entry& b) {
  const int order = compare_content(a, b);
  return order != 0 ? order : file_name(a.path).compare(file_name(b.path));
}

// Pairs the entries that `compare` finds equal, in order, and leaves the others. Both lists are
// sorted by `compare`.
template <class Compare>
void pair_up(Entries& removed, Entries& added, Compare compare, std::vector<Rename>& renames) {
  Entries removed_left;
  Entries added_left;
  auto from = removed.begin();
  auto to = added.begin();
  while (from != removed.end() && to != added.end()) {
    const int order = compare(**from, **to);
    if (order == 0) {
      renames.push_back({*from++, *to++});
    } else if (order < 0) {
      removed_left.push_back(*from++);
    } else {
      added_left.push_back(*to++);
    }
  }
  removed_left.insert(removed_left.end(), from, removed.end());
  added_left.insert(added_left.end(), to, added.end());
  removed = std::move(removed_left);
  added = std::move(added_left);
}

}  // namespace

std::vector<Change> compare_trees(const std::vector<Entry>& before,
                                  const std::vector<Entry>& after) {
  std::vector<Change> changes;
  auto b = before.begin();
  auto a = after.begin();
  while (b != before.end() || a != after.end()) {
    if (a == after.end() || (b != before.end() && b->path < a->path)) {
      changes.push_back({Change::Kind::removed, &*b++, nullptr});
    } else if (b == before.end() || a->path < b->path) {
      changes.push_back({Change::Kind::added, nullptr, &*a++});
    } else {
      if (!same_content(*b, *a)) changes.push_back({kind_of(*b, *a), &*b, &*a});
      ++b;
      ++a;
    }
  }
  return changes;
}

// A file that keeps its name and changes its folder is the likelier rename where several have the
// same content, so those are paired first.
std::vector<Rename> find_renames(const std::vector<Change>& changes) {
  Entries removed;
  Entries added;
  for (const Change& change : changes) {
    if (change.kind == Change::Kind::removed && can_be_renamed(*change.before)) {
      removed.push_back(change.before);
    } else if (change.kind == Change::Kind::added && can_be_renamed(*change.after)) {
      added.push_back(change.after);
    }
  }
  std::vector<Rename> renames;
  if (removed.empty() || added.empty()) return renames;
  for (Entries* entries : {&removed, &added}) {
    std::sort(entries->begin(), entries->end(), [](const Entry* a, const Entry* b) {
      const int order = compare_content_and_name(*a, *b);
      return order != 0 ? order < 0 : a->path < b->path;
    });
  }
  pair_up(removed, added, compare_content_and_name, renames);
  pair_up(removed, added, compare_content, renames);
  std::sort(renames.begin(), renames.end(),
            [](const Rename& x, const Rename& y) { return x.to->path < y.to->path; });
  return renames;
}

}  // namespace mikura
