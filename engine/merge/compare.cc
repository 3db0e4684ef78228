// Two-way comparison of trees, and the renames in it (plan.h).
#include <algorithm>
#include <map>
#include <string_view>
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

// Removed files that have not found their new name yet, by content and then by name.
class Movers {
 public:
  explicit Movers(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      if (change.kind == Change::Kind::removed && can_be_renamed(*change.before)) {
        movers_.emplace(key_of(*change.before), change.before);
      }
    }
  }

  // The first one in path order with this content and this very file name; nullptr if there is
  // none.
  const Entry* take_same_name(const Entry& arrived) {
    const auto first = movers_.lower_bound(key_of(arrived));
    return take(first != movers_.end() && first->first == key_of(arrived) ? first : movers_.end());
  }

  // The first one by file name with this content.
  const Entry* take_any_name(const Entry& arrived) {
    const auto first = movers_.lower_bound({arrived.sha256, std::string_view()});
    return take(first != movers_.end() && first->first.first == arrived.sha256 ? first
                                                                               : movers_.end());
  }

 private:
  using Key = std::pair<Sha256Digest, std::string_view>;
  using Map = std::multimap<Key, const Entry*>;

  static Key key_of(const Entry& entry) { return {entry.sha256, file_name(entry.path)}; }

  const Entry* take(Map::iterator at) {
    if (at == movers_.end()) return nullptr;
    const Entry* entry = at->second;
    movers_.erase(at);
    return entry;
  }

  Map movers_;
};

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
  Movers movers(changes);
  std::vector<Rename> renames;
  std::vector<const Entry*> others;
  for (const Change& change : changes) {
    if (change.kind != Change::Kind::added || !can_be_renamed(*change.after)) continue;
    if (const Entry* from = movers.take_same_name(*change.after)) {
      renames.push_back({from, change.after});
    } else {
      others.push_back(change.after);
    }
  }
  for (const Entry* arrived : others) {
    if (const Entry* from = movers.take_any_name(*arrived)) renames.push_back({from, arrived});
  }
  std::sort(renames.begin(), renames.end(),
            [](const Rename& x, const Rename& y) { return x.to->path < y.to->path; });
  return renames;
}

}  // namespace mikura
