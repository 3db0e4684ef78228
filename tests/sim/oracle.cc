#include "sim/oracle.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/hash.h"
#include "format/path.h"

namespace mikura {
namespace {

std::string shown(std::string_view text) {
  return text.size() > 24 ? std::string(text.substr(0, 24)) + "..." : std::string(text);
}

char letter(unsigned client) {
  return static_cast<char>('A' + client);
}

}  // namespace

Oracle::Oracle(unsigned clients, bool last_write_wins,
               std::function<void(std::string, std::string)> fail)
    : last_write_wins_(last_write_wins), fail_(std::move(fail)), clients_(clients) {
  saves_.emplace_back();
}

std::uint64_t Oracle::key(std::string_view path, ContentId id) {
  return std::hash<std::string_view>()(path) * 0x9e3779b97f4a7c15ULL + id;
}

ContentId Oracle::wrote(unsigned client, const std::string& text, EntryKind kind, bool tracked) {
  const bool link = kind == EntryKind::symlink;
  const auto [found, is_new] =
      by_text_.emplace(link ? "->" + text : text, static_cast<ContentId>(saves_.size()));
  if (!is_new) {
    if (saves_[found->second].author != client) saves_[found->second].shared = true;
    return found->second;
  }
  saves_.push_back({text, client, tracked, false, false, false});
  if (!link) by_sha_.emplace(sha256(as_bytes(text)), found->second);
  if (tracked) outstanding_.push_back(found->second);
  return found->second;
}

ContentId Oracle::find(const SimNode& node) const {
  if (node.kind == EntryKind::directory) return 0;
  const auto found = node.kind == EntryKind::symlink ? by_text_.find("->" + *node.data)
                                                     : by_text_.find(*node.data);
  return found == by_text_.end() ? 0 : found->second;
}

ContentId Oracle::find(const Entry& entry) const {
  if (entry.kind == EntryKind::symlink) {
    const auto found = by_text_.find("->" + entry.target);
    return found == by_text_.end() ? 0 : found->second;
  }
  const auto found = by_sha_.find(entry.sha256);
  return found == by_sha_.end() ? 0 : found->second;
}

void Oracle::user_put(unsigned client, const std::string& path, const SimNode& node, bool is_new) {
  const ContentId id = find(node);
  if (id == 0) return;
  const std::uint64_t here = key(path, id);
  clients_[client].put.insert(here);
  clients_[client].seen.insert(here);
  dead_.erase(here);
  if (!is_new) may_return_.insert(here);
  if (saves_[id].author != client) saves_[id].shared = true;
}

void Oracle::user_removed(unsigned client, const std::string& path, const SimNode& node,
                          bool given_up, std::int64_t now_ns) {
  clients_[client].removed.insert(key(path, 0));
  const ContentId id = find(node);
  if (id == 0) return;
  if (saves_[id].tracked) dead_[key(path, id)] = {client, now_ns};
  if (given_up) saves_[id].given_up = true;
}

void Oracle::user_changed_mode(unsigned client, const std::string& path, const SimNode& node) {
  const ContentId id = find(node);
  if (id == 0) return;
  may_return_.insert(key(path, id));
  clients_[client].put.insert(key(path, id));
  saves_[id].shared = true;
}

void Oracle::power_cut(unsigned client, const SimFs& fs,
                       const std::unordered_set<ContentId>& durable,
                       const std::unordered_set<ContentId>& reachable) {
  for (const ContentId id : outstanding_) {
    Save& save = saves_[id];
    if (!is_outstanding(save) || reachable.contains(id)) continue;
    if (durable.contains(id)) {
      fail_("nothing lost", fmt::format("{} was durable and is gone after the power cut of {}",
                                        shown(save.text), letter(client)));
    }
    save.given_up = true;  // never reached the disk: no program could have kept it
  }
  for (const auto& [path, node] : fs.nodes()) {
    // Half of what the user wrote is the user's; half of what the engine placed is damage.
    ContentId id = find(*node);
    if (node->kind == EntryKind::file && node->by_user) {
      id = wrote(client, *node->data, EntryKind::file, false);
      clients_[client].put.insert(key(path, id));
    }
    if (id == 0 && node->kind == EntryKind::file) {
      fail_("what is placed is whole",
            fmt::format("{} at {} is cut short after a power cut", path, letter(client)));
    }
    if (id == 0) continue;
    clients_[client].seen.insert(key(path, id));
    const auto dead = dead_.find(key(path, id));
    if (dead == dead_.end() || dead->second.killer != client) continue;
    // The cut took back what the user had done, unless others have seen it already.
    const Entry* head = nullptr;
    if (!versions_.empty()) {
      for (const Entry& entry : versions_.back().entries) {
        if (entry.path == path) head = &entry;
      }
    }
    if (!saves_[id].published || (head != nullptr && find(*head) == id)) dead_.erase(dead);
  }
}

void Oracle::engine_displaced(unsigned client, const std::string& path, const SimNode& node,
                              CommandKind command) {
  const ContentId id = find(node);
  if (id == 0) return;
  Save& save = saves_[id];
  if (command == CommandKind::restore) clients_[client].removed.insert(key(path, 0));
  if (!is_outstanding(save)) return;
  if (command == CommandKind::resolve || command == CommandKind::restore || last_write_wins_) {
    save.given_up = true;
    return;
  }
  fail_("no unpublished content is replaced",
        fmt::format("{} moved {} of {} to the backup: it was never published", letter(client),
                    shown(save.text), path));
}

void Oracle::engine_placed(unsigned client, const std::string& path, const SimNode& node,
                           CommandKind command) {
  if (const ContentId id = find(node); id != 0) clients_[client].seen.insert(key(path, id));
  if (command == CommandKind::restore) user_put(client, path, node, false);
}

void Oracle::engine_removed_folder(unsigned client, const std::string& path, CommandKind command) {
  if (command == CommandKind::restore) clients_[client].removed.insert(key(path, 0));
}

void Oracle::conflict(unsigned client, const ConflictRecord& record, const SimNode* local,
                      const SimNode* copy) {
  Client& own = clients_[client];
  if (record.copied) {
    own.disputed.insert(record.path);
    if (copy == nullptr && !own.removed.contains(key(record.copy_path, 0)))
      fail_("a conflict has its copy", record.copy_path + " is recorded and not there");
    return;
  }
  ++conflicts_;
  if (any_state_lost_) return;
  if (clients_.size() == 1) {
    fail_("no conflict without a second writer", record.path + " is in conflict");
    return;
  }
  if (local != nullptr && local->kind != EntryKind::directory &&
      record.remote_kind == EntryKind::file)
    check_conflict_of(client, record, *local);
}

void Oracle::conflict_settled(const ConflictRecord& record, const SimNode* local,
                              const SimNode* copy) {
  if (local == nullptr || copy == nullptr || local->kind != EntryKind::file) return;
  const ContentId ours = find(*local);
  if (ours == 0 || !is_outstanding(saves_[ours])) return;
  fail_("only people settle conflicts",
        fmt::format("{} still differs, and its copy is there", record.path));
}

void Oracle::check_conflict_of(unsigned client, const ConflictRecord& record,
                               const SimNode& local) {
  const ContentId ours = find(local);
  if (ours == 0) return;
  const Save& mine = saves_[ours];
  if (!clients_[client].put.contains(key(record.path, ours)) &&
      !was_disputed(client, record.path)) {
    fail_("no conflict without an edit",
          fmt::format("{} at {}: its user never put {} there", record.path, letter(client),
                      shown(mine.text)));
    return;
  }
  const auto remote = by_sha_.find(record.remote_sha256);
  if (remote == by_sha_.end()) return;
  const Save& theirs = saves_[remote->second];
  if (theirs.author == client && !theirs.shared && mine.author == client && !mine.shared) {
    fail_("no conflict with oneself",
          fmt::format("{}: {} against {}, both written by {}", record.path, shown(mine.text),
                      shown(theirs.text), letter(client)));
  }
}

void Oracle::head_put(const Publisher& by, const OpenedHead& head, Index index,
                      const std::function<bool(const Sha256Digest&)>& is_stored) {
  check_chain(head, index);
  for (const Entry& entry : index.entries) {
    if (entry.kind == EntryKind::file && !is_stored(entry.content)) {
      fail_("every version is complete",
            fmt::format("version {} lacks the content of {}", index.generation, entry.path));
    }
  }
  check_changes(by, index);
  for (const Entry& entry : index.entries) {
    if (const ContentId id = find(entry); id != 0) saves_[id].published = true;
  }
  index_sha256s_.push_back(head.head.index_sha256);
  versions_.push_back(std::move(index));
}

void Oracle::check_chain(const OpenedHead& head, const Index& index) {
  const std::uint64_t expected = versions_.size() + 1;
  const bool linked = versions_.empty()
                          ? index.parents.empty()
                          : index.parents.size() == 1 &&
                                index.parents[0].version == versions_.back().version &&
                                index.parents[0].index_sha256 == index_sha256s_.back();
  if (index.generation != expected || head.head.generation != expected || !linked) {
    fail_("versions form one chain",
          fmt::format("version {} follows version {}", index.generation, versions_.size()));
  }
}

void Oracle::check_changes(const Publisher& by, const Index& index) {
  static const std::vector<Entry> none;
  const std::vector<Entry>& before = versions_.empty() ? none : versions_.back().entries;
  auto old = before.begin();
  const auto removed = [&](const Entry& entry) {
    check_removed(by.client, entry);
    check_superseded(by, entry);
  };
  for (const Entry& entry : index.entries) {
    for (; old != before.end() && old->path < entry.path; ++old)
      removed(*old);
    const bool there = old != before.end() && old->path == entry.path;
    const bool same = there && old->kind == entry.kind && old->sha256 == entry.sha256 &&
                      old->target == entry.target;
    if (there && !same) check_superseded(by, *old);
    if (there) ++old;
    if (!same && entry.kind != EntryKind::directory) check_put(by, entry);
  }
  for (; old != before.end(); ++old)
    removed(*old);
}

void Oracle::check_put(const Publisher& by, const Entry& entry) {
  const ContentId id = find(entry);
  if (id == 0) {
    fail_("no content out of nothing", fmt::format("{} published {} with bytes that nobody wrote",
                                                   letter(by.client), entry.path));
    return;
  }
  if (clients_[by.client].state_lost || was_disputed(by.client, entry.path)) return;
  const std::uint64_t here = key(entry.path, id);
  if (!clients_[by.client].put.contains(here)) {
    fail_("only the user's changes are published",
          fmt::format("{} published {} at {}, which its user never put there", letter(by.client),
                      shown(saves_[id].text), entry.path));
  } else if (const auto dead = dead_.find(here); dead != dead_.end() &&
                                                 dead->second.at_ns < by.scanned_ns &&
                                                 !may_return_.contains(here)) {
    fail_("what was given up does not come back",
          fmt::format("{} published {} at {}, which its user had given up", letter(by.client),
                      shown(saves_[id].text), entry.path));
  }
}

// What a publish takes out of the latest version, its user must have seen.
void Oracle::check_superseded(const Publisher& by, const Entry& before) {
  for (const std::string& open : by.open) {
    if (is_within(before.path, open)) {
      fail_("an open conflict is left alone",
            fmt::format("{} published a change of {}, which is in conflict", letter(by.client),
                        before.path));
      return;
    }
  }
  const ContentId id = find(before);
  const Client& own = clients_[by.client];
  if (id == 0 || last_write_wins_ || own.state_lost || own.seen.contains(key(before.path, id)) ||
      was_disputed(by.client, before.path))
    return;
  fail_("nobody overwrites what he has not seen",
        fmt::format("{} replaced {} of {}, which never lay in its folder", letter(by.client),
                    shown(saves_[id].text), before.path));
}

bool Oracle::was_disputed(unsigned client, const std::string& path) const {
  const auto& disputed = clients_[client].disputed;
  return std::any_of(disputed.begin(), disputed.end(),
                     [&](const std::string& top) { return is_within(path, top); });
}

void Oracle::check_removed(unsigned client, const Entry& entry) {
  if (entry.kind == EntryKind::directory) return;
  const Client& own = clients_[client];
  if (own.state_lost || own.removed.contains(key(entry.path, 0)) ||
      was_disputed(client, entry.path))
    return;
  fail_("only the user's deletions are published",
        fmt::format("{} published the deletion of {}, which its user never deleted", letter(client),
                    entry.path));
}

void Oracle::check_kept(const std::unordered_set<ContentId>& reachable) {
  std::erase_if(outstanding_, [&](ContentId id) { return !is_outstanding(saves_[id]); });
  for (const ContentId id : outstanding_) {
    if (reachable.contains(id)) continue;
    fail_("nothing lost", fmt::format("{}, written by {}, is in no folder, backup, copy or version",
                                      shown(saves_[id].text), letter(saves_[id].author)));
    return;
  }
}

}  // namespace mikura
