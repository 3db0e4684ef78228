// What always holds (plan.h), on random trees: planned, carried out as strictly as the applier
// does, and planned again.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>

#include "format/path.h"
#include "merge/plan.h"
#include "merge/random_tree.h"
#include "merge/tree_text.h"

namespace mikura {
namespace {

using Paths = std::set<std::string>;

// The same cases in each run, and many of them; RC_PARAMS from outside has the last word.
[[maybe_unused]] const int kConfigured = ::setenv("RC_PARAMS", "seed=20260101 max_success=1500", 0);

// One three-way situation. The trees own the entries that a plan points to.
struct Situation {
  std::vector<Entry> base, local, remote;
  Paths in_conflict, unreadable;
  Policy policy = Policy::keep_both;

  Plan plan() const { return make_plan({base, local, remote, in_conflict, unreadable, policy}); }
};

const Entry* find(const Tree& tree, const std::string& path) {
  const auto at = tree.find(path);
  return at == tree.end() ? nullptr : &at->second;
}

bool same(const Entry* a, const Entry* b) {
  return a == nullptr || b == nullptr ? a == b : same_content(*a, *b);
}

bool is_directory(const Entry* entry) {
  return entry != nullptr && entry->kind == EntryKind::directory;
}

bool is_within_any(const std::string& path, const Paths& paths) {
  return std::ranges::any_of(paths, [&](const auto& folder) { return is_within(path, folder); });
}

void show(const Situation& s, const Plan& plan) {
  RC_LOG() << "base:   " << to_text(s.base) << "\nlocal:  " << to_text(s.local)
           << "\nremote: " << to_text(s.remote) << "\nplan:   " << to_text(plan)
           << "\nresult: " << to_text(plan.result) << "\n";
  for (const std::string& path : s.in_conflict)
    RC_LOG() << "in conflict: " << path << "\n";
  for (const std::string& path : s.unreadable)
    RC_LOG() << "unreadable: " << path << "\n";
}

// --- Carrying out, refusing whatever the applier could not do ---

class StrictFolder {
 public:
  explicit StrictFolder(Tree& tree) : tree_(tree) {}

  void carry_out(const Plan& plan) {
    for (const PlanItem& item : plan.items) {
      if (item.conflict) require_parent(item.path);
    }
    for (auto item = plan.items.rbegin(); item != plan.items.rend(); ++item) {
      if (is_removal(*item)) remove(*item);
    }
    for (const PlanItem& item : plan.items) {
      if (places(item) && is_directory(item.remote)) place(item);
    }
    for (const PlanItem& item : plan.items) {
      if (places(item) && !is_directory(item.remote)) place(item);
      if (item.local_op == LocalOp::set_metadata) touch(item);
    }
  }

 private:
  static bool places(const PlanItem& item) {
    return item.local_op == LocalOp::create || item.local_op == LocalOp::replace;
  }
  static bool is_removal(const PlanItem& item) {
    return item.local_op == LocalOp::remove ||
           (item.local_op == LocalOp::replace && is_directory(item.local) &&
            !is_directory(item.remote));
  }

  void require_parent(const std::string& path) const {
    const std::string parent(parent_path(path));
    RC_ASSERT(parent.empty() || is_directory(find(tree_, parent)));
  }

  void remove(const PlanItem& item) {
    RC_ASSERT(item.local != nullptr);
    RC_ASSERT(same(find(tree_, item.path), item.local));
    RC_ASSERT(subtree_of(tree_, item.path).size() == 1U);  // only what is empty can be removed
    tree_.erase(item.path);
  }

  void place(const PlanItem& item) {
    RC_ASSERT(item.remote != nullptr);
    RC_ASSERT((item.local == nullptr) == (item.local_op == LocalOp::create));
    RC_ASSERT(!same(item.local, item.remote));
    RC_ASSERT(is_removal(item) || same(find(tree_, item.path), item.local));
    require_parent(item.path);
    tree_[item.path] = *item.remote;
  }

  void touch(const PlanItem& item) {
    RC_ASSERT(!is_directory(item.local));
    RC_ASSERT(same(item.local, item.remote));
    tree_[item.path].mtime_ns = item.remote->mtime_ns;
  }

  Tree& tree_;
};

void require_valid(const std::vector<Entry>& entries) {
  const Tree tree = tree_of(entries);
  RC_ASSERT(tree.size() == entries.size());
  RC_ASSERT(std::ranges::is_sorted(entries, {}, &Entry::path));
  for (const Entry& entry : entries) {
    const std::string parent(parent_path(entry.path));
    RC_ASSERT(parent.empty() || is_directory(find(tree, parent)));
  }
}

void require_sound_plan(const Situation& s, const Plan& plan) {
  require_valid(plan.result);
  RC_ASSERT(std::ranges::is_sorted(plan.items, {}, &PlanItem::path));
  const PlanCounts& n = plan.counts;
  std::uint64_t conflicts = 0;
  for (const PlanItem& item : plan.items) {
    conflicts += item.conflict ? 1 : 0;
    RC_ASSERT(!item.conflict ||
              (item.local_op == LocalOp::none && item.remote_op == RemoteOp::none));
    RC_ASSERT(!item.conflict || item.remote != nullptr);
  }
  RC_ASSERT(n.conflicts == conflicts);
  RC_ASSERT(plan.changes_remote() == !same_trees(tree_of(plan.result), tree_of(s.remote)));
}

// --- Generators ---

Situation random_situation() {
  Situation s;
  const Tree start = edited({}, *random_edits(10));
  const bool has_base = *rc::gen::weightedElement<bool>({{5, true}, {1, false}});
  s.local = entries_of(edited(start, *random_edits(5)));
  s.remote = entries_of(edited(start, *random_edits(5)));
  if (has_base) s.base = entries_of(start);
  s.policy =
      *rc::gen::weightedElement<Policy>({{3, Policy::keep_both}, {1, Policy::last_write_wins}});
  return s;
}

Paths random_paths(std::size_t most) {
  return *rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, most + 1), [](std::size_t count) {
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(count, random_path()),
                        [](const auto& paths) { return Paths(paths.begin(), paths.end()); });
  });
}

// Takes away what a scan does not see of `whole`: the content of unreadable folders, unreadable
// files. The folder itself may be seen.
void hide_unreadable(Situation& s, const Tree& whole) {
  std::erase_if(s.unreadable, [&](const std::string& path) { return !whole.contains(path); });
  const bool sees_folders = *rc::gen::arbitrary<bool>();
  Tree seen = whole;
  for (const std::string& path : s.unreadable) {
    const Entry top = whole.at(path);
    remove_subtree(seen, path);
    const bool is_hidden_above = is_within_any(std::string(parent_path(path)), s.unreadable);
    if (sees_folders && is_directory(&top) && !is_hidden_above) seen[path] = top;
  }
  s.local = entries_of(seen);
}

// A situation with paths in conflict and paths that cannot be read; `whole` is what really is in
// the local folder.
Situation random_dark_situation(Tree& whole) {
  Situation s = random_situation();
  whole = tree_of(s.local);
  s.in_conflict = random_paths(2);
  s.unreadable = random_paths(2);
  hide_unreadable(s, whole);
  return s;
}

bool holds(const char* name, void (*property)()) {
  return rc::check(name, property);
}

// --- Properties of one plan ---

TEST(PlanProperties, EqualSidesNeedNothingWhateverTheBase) {
  EXPECT_TRUE(holds("equal sides", [] {
    Situation s = random_situation();
    s.remote = s.local;
    const Plan plan = s.plan();
    show(s, plan);
    RC_ASSERT(plan.items.empty());
    RC_ASSERT(plan.result == s.remote);
  }));
}

TEST(PlanProperties, AnUnchangedRepositoryReceivesTheLocalTree) {
  EXPECT_TRUE(holds("remote == base", [] {
    Situation s = random_situation();
    s.remote = s.base;
    const Plan plan = s.plan();
    show(s, plan);
    RC_ASSERT(!plan.changes_local());
    RC_ASSERT(same_trees(tree_of(plan.result), tree_of(s.local)));
  }));
}

TEST(PlanProperties, AnUnchangedFolderBecomesTheRepository) {
  EXPECT_TRUE(holds("local == base", [] {
    Situation s = random_situation();
    s.local = s.base;
    const Plan plan = s.plan();
    show(s, plan);
    RC_ASSERT(!plan.changes_remote() && plan.counts.conflicts == 0);
    RC_ASSERT(plan.result == s.remote);
    Tree folder = tree_of(s.local);
    StrictFolder(folder).carry_out(plan);
    RC_ASSERT(same_trees(folder, tree_of(s.remote)));
  }));
}

TEST(PlanProperties, CarryingOutAndPlanningAgainNeedsNothing) {
  PlanCounts seen;
  EXPECT_TRUE(rc::check("idempotence", [&] {
    Tree folder;
    Situation s = random_dark_situation(folder);
    const Plan plan = s.plan();
    show(s, plan);
    require_sound_plan(s, plan);
    StrictFolder(folder).carry_out(plan);

    Situation next = s;
    next.base = next.remote = plan.result;
    for (const PlanItem& item : plan.items) {
      if (item.conflict) next.in_conflict.insert(item.path);
    }
    Tree visible = folder;
    std::erase_if(visible,
                  [&](const auto& node) { return is_within_any(node.first, s.unreadable); });
    next.local = entries_of(visible);
    const Plan again = next.plan();
    show(next, again);
    RC_ASSERT(again.items.empty());
    RC_ASSERT(again.held_back.empty());

    seen.local_creates += plan.counts.local_creates;
    seen.local_replaces += plan.counts.local_replaces;
    seen.local_removes += plan.counts.local_removes;
    seen.local_metadata += plan.counts.local_metadata;
    seen.remote_adds += plan.counts.remote_adds;
    seen.remote_replaces += plan.counts.remote_replaces;
    seen.remote_removes += plan.counts.remote_removes;
    seen.conflicts += plan.counts.conflicts;
  }));
  // The cases are worth something only if everything happens in them.
  for (const std::uint64_t count :
       {seen.local_creates, seen.local_replaces, seen.local_removes, seen.local_metadata,
        seen.remote_adds, seen.remote_replaces, seen.remote_removes, seen.conflicts}) {
    EXPECT_GT(count, 5U);
  }
}

TEST(PlanProperties, WhatIsLeftAloneIsNotTouchedOnEitherSide) {
  EXPECT_TRUE(holds("left alone", [] {
    Tree folder;
    const Situation s = random_dark_situation(folder);
    const Tree before = folder;
    const Plan plan = s.plan();
    show(s, plan);
    StrictFolder(folder).carry_out(plan);
    Paths alone = s.unreadable;
    for (const std::string& path : s.in_conflict) {
      const std::string parent(parent_path(path));
      const bool has_folder = parent.empty() || is_directory(find(tree_of(s.local), parent));
      if (has_folder) alone.insert(path);
    }
    for (const PlanItem& item : plan.items) {
      if (item.conflict) alone.insert(item.path);
    }
    const Tree result = tree_of(plan.result);
    for (const std::string& path : alone) {
      RC_ASSERT(subtree_of(folder, path) == subtree_of(before, path));
      RC_ASSERT(subtree_of(result, path) == subtree_of(tree_of(s.remote), path));
    }
  }));
}

// The base that the next plan has, when `plan` was carried out but for what it kept away.
std::vector<Entry> next_base(const Plan& plan, bool applied) {
  Tree base = tree_of(plan.result);
  const auto keep = [&](const KeptBase& kept) {
    if (kept.base != nullptr)
      base[kept.path] = *kept.base;
    else
      base.erase(kept.path);
  };
  std::ranges::for_each(plan.keeps_base, keep);
  if (!applied) std::ranges::for_each(plan.unapplied, keep);
  return entries_of(base);
}

// What is held or pushed only comes later exactly as if it had come at once.
TEST(PlanProperties, WhatIsHeldIsNotTouchedAndComesLater) {
  std::uint64_t times_held = 0;
  EXPECT_TRUE(rc::check("held", [&] {
    const Situation s = random_situation();
    const Paths held = random_paths(2);
    const Plan plan =
        make_plan({s.base, s.local, s.remote, s.in_conflict, s.unreadable, s.policy, held});
    show(s, plan);
    require_sound_plan(s, plan);
    Tree folder = tree_of(s.local);
    StrictFolder(folder).carry_out(plan);
    for (const std::string& path : held)
      RC_ASSERT(subtree_of(folder, path) == subtree_of(tree_of(s.local), path));
    times_held += plan.held.size();

    Situation next = s;
    next.base = next_base(plan, true);
    next.local = entries_of(folder);
    next.remote = plan.result;
    for (const PlanItem& item : plan.items) {
      if (item.conflict) next.in_conflict.insert(item.path);
    }
    const Plan later = next.plan();
    show(next, later);
    RC_ASSERT(!later.changes_remote());
    RC_ASSERT(later.counts.conflicts == 0U);
    StrictFolder(folder).carry_out(later);
    Tree at_once = tree_of(s.local);
    StrictFolder(at_once).carry_out(s.plan());
    RC_ASSERT(same_trees(folder, at_once));
  }));
  EXPECT_GT(times_held, 50U);
}

TEST(PlanProperties, APushLeavesTheRestForAPullThatBringsItWithoutNewConflicts) {
  EXPECT_TRUE(holds("push, then pull", [] {
    const Situation s = random_situation();
    const Plan pushed = s.plan();
    show(s, pushed);
    Situation next = s;
    next.base = next_base(pushed, false);
    next.remote = pushed.result;
    const Plan pulled = next.plan();
    show(next, pulled);
    RC_ASSERT(!pulled.changes_remote());
    RC_ASSERT(pulled.counts.conflicts == pushed.counts.conflicts);
    Tree folder = tree_of(s.local);
    StrictFolder(folder).carry_out(pulled);
    Tree at_once = tree_of(s.local);
    StrictFolder(at_once).carry_out(pushed);
    RC_ASSERT(same_trees(folder, at_once));
  }));
}

// S1 of the simulator: a content that disappears from a side was not that side's news.
TEST(PlanProperties, NothingIsLost) {
  EXPECT_TRUE(holds("nothing lost", [] {
    Tree folder;
    Situation s = random_dark_situation(folder);
    s.policy = Policy::keep_both;
    const Tree before = folder;
    const Plan plan = s.plan();
    show(s, plan);
    StrictFolder(folder).carry_out(plan);
    const Tree base = tree_of(s.base);
    const Tree result = tree_of(plan.result);
    for (const auto& [path, entry] : before) {
      if (is_directory(&entry)) continue;
      RC_ASSERT(same(find(folder, path), &entry) || same(find(result, path), &entry) ||
                same(find(base, path), &entry));
    }
    for (const Entry& entry : s.remote) {
      if (is_directory(&entry)) continue;
      RC_ASSERT(same(find(result, entry.path), &entry) || same(find(base, entry.path), &entry));
    }
  }));
}

// Without a base there is no news to tell from the old: then everything has to stay.
TEST(PlanProperties, NothingIsDeletedOrReplacedWithoutABase) {
  EXPECT_TRUE(holds("no base", [] {
    Situation s = random_situation();
    s.base.clear();
    s.policy = Policy::keep_both;
    const Plan plan = s.plan();
    show(s, plan);
    RC_ASSERT(plan.counts.local_removes == 0 && plan.counts.remote_removes == 0);
    for (const PlanItem& item : plan.items) {
      RC_ASSERT(item.local_op != LocalOp::replace || is_directory(item.local));
      RC_ASSERT(item.remote_op != RemoteOp::replace || is_directory(item.remote));
    }
  }));
}

// S3 and S4: what one side deleted and the other left unedited is gone, and nothing comes from
// nowhere.
TEST(PlanProperties, NothingIsResurrectedOrInvented) {
  EXPECT_TRUE(holds("no resurrection", [] {
    const Situation s = random_situation();
    const Plan plan = s.plan();
    show(s, plan);
    const Tree base = tree_of(s.base);
    const Tree local = tree_of(s.local);
    const Tree remote = tree_of(s.remote);
    for (const Entry& entry : plan.result) {
      const Entry* const here = find(local, entry.path);
      const Entry* const there = find(remote, entry.path);
      RC_ASSERT(same(here, &entry) || same(there, &entry));
      if (is_directory(&entry) || !same(find(base, entry.path), &entry)) continue;
      const bool in_conflict = std::ranges::any_of(plan.items, [&](const PlanItem& item) {
        return item.conflict && is_within(entry.path, item.path);
      });
      RC_ASSERT(in_conflict || (here != nullptr && there != nullptr));
    }
  }));
}

// S5: only what both sides made anew, and differently, can be in conflict.
TEST(PlanProperties, ConflictsNeedNewsFromBothSides) {
  EXPECT_TRUE(holds("no spurious conflict", [] {
    const Situation s = random_situation();
    const Plan plan = s.plan();
    show(s, plan);
    const Tree base = tree_of(s.base);
    const auto has_news = [&](const std::vector<Entry>& side, const std::string& path) {
      return std::ranges::any_of(side, [&](const Entry& entry) {
        return is_within(entry.path, path) && !same(find(base, entry.path), &entry);
      });
    };
    for (const PlanItem& item : plan.items) {
      if (!item.conflict) continue;
      RC_ASSERT(has_news(s.local, item.path) && has_news(s.remote, item.path));
      RC_ASSERT(!same(item.local, item.remote));
      const bool folder_against_file = is_directory(item.local) != is_directory(item.remote);
      RC_ASSERT(folder_against_file || s.policy == Policy::keep_both);
      RC_ASSERT(folder_against_file || !is_directory(item.local));
    }
  }));
}

LocalOp mirrored(RemoteOp op) {
  switch (op) {
    case RemoteOp::none:
      return LocalOp::none;
    case RemoteOp::add:
      return LocalOp::create;
    case RemoteOp::replace:
      return LocalOp::replace;
    case RemoteOp::remove:
      return LocalOp::remove;
  }
  return LocalOp::none;
}

TEST(PlanProperties, TheOtherSideWouldDecideTheSame) {
  EXPECT_TRUE(holds("mirror", [] {
    Situation s = random_situation();
    // Two modes of one folder are settled in favour of the remote: the one thing that is not
    // symmetric. Times are not compared either.
    for (auto* side : {&s.base, &s.local, &s.remote}) {
      for (Entry& entry : *side) {
        if (is_directory(&entry)) entry.mode = 0755;
      }
    }
    Situation m = s;
    std::swap(m.local, m.remote);
    const Plan plan = s.plan();
    const Plan mirror = m.plan();
    show(s, plan);
    show(m, mirror);
    std::map<std::string, std::pair<LocalOp, bool>> ours;
    std::map<std::string, std::pair<LocalOp, bool>> theirs;
    for (const PlanItem& item : plan.items) {
      const bool counts = item.local_op != LocalOp::none && item.local_op != LocalOp::set_metadata;
      if (counts || item.conflict) ours[item.path] = {item.local_op, item.conflict};
    }
    for (const PlanItem& item : mirror.items) {
      const LocalOp op = mirrored(item.remote_op);
      if (op != LocalOp::none || item.conflict) theirs[item.path] = {op, item.conflict};
    }
    RC_ASSERT(ours == theirs);
  }));
}

// --- Two clients ---

struct Client {
  Tree folder;
  std::vector<Entry> base;
  Paths conflicts;
};

// What a person does about a conflict: drops the record, or takes what the repository had at the
// last look.
void resolve(Client& client, std::string path, bool take_remote) {
  client.conflicts.erase(path);
  if (!take_remote) return;
  remove_subtree(client.folder, path);
  for (const auto& [name, entry] : subtree_of(tree_of(client.base), path)) {
    put_entry(client.folder, entry);
  }
}

// True if something was done.
bool sync(Client& client, std::vector<Entry>& repository, Policy policy) {
  Situation s{client.base, entries_of(client.folder), repository, client.conflicts, {}, policy};
  const Plan plan = s.plan();
  show(s, plan);
  require_sound_plan(s, plan);
  StrictFolder(client.folder).carry_out(plan);
  for (const PlanItem& item : plan.items) {
    if (item.conflict) client.conflicts.insert(item.path);
  }
  if (plan.changes_remote()) repository = plan.result;
  client.base = repository;
  return !plan.items.empty();
}

TEST(PlanProperties, TwoClientsAgreeWhenBothAreQuiet) {
  std::size_t conflicts = 0;
  EXPECT_TRUE(rc::check("convergence", [&] {
    std::vector<Entry> repository;
    std::vector<Client> clients(2);
    const Policy policy = *rc::gen::element(Policy::keep_both, Policy::last_write_wins);
    for (int turn = *rc::gen::inRange(1, 8); turn > 0; --turn) {
      Client& client = clients[*rc::gen::inRange<std::size_t>(0, 2)];
      client.folder = edited(client.folder, *random_edits(5));
      if (*rc::gen::arbitrary<bool>()) sync(client, repository, policy);
    }
    bool busy = true;
    for (int round = 0; busy; ++round) {
      RC_ASSERT(round < 10);
      busy = false;
      for (Client& client : clients) {
        conflicts += client.conflicts.size();
        while (!client.conflicts.empty()) {
          resolve(client, *client.conflicts.begin(), *rc::gen::arbitrary<bool>());
        }
        busy |= sync(client, repository, policy);
      }
    }
    for (const Client& client : clients) {
      RC_ASSERT(same_trees(client.folder, tree_of(repository)));
    }
  }));
  EXPECT_GT(conflicts, 50U);
}

}  // namespace
}  // namespace mikura
