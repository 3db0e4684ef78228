// Oracle: what a run has to keep true, and what people know that the engine cannot.
//
// Every save of a person has a content of its own, so that each content tells who wrote it and
// whether anybody knowingly gave it up (the one who overwrote or deleted the file that held it).
// The oracle hears of every save, of everything the engine displaces, and of every version at the
// moment its HEAD is put, and complains at once. docs/simulation.md lists the invariants. One
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "format/index.h"
#include "local/state.h"
#include "sim/sim_fs.h"
#include "vault/vault.h"

namespace mikura {

using ContentId = std::uint32_t;  // 0: nothing that anybody ever wrote

// What the engine is doing for a client right now.
enum class CommandKind : std::uint8_t { none, sync, push, pull, resolve, restore };

class Oracle {
 public:
  // `fail` is told the invariant that broke, and how.
  Oracle(unsigned clients, bool last_write_wins,
         std::function<void(std::string invariant, std::string detail)> fail);

  // People -------------------------------------------------------------------------------------
  // A content that a client's user wrote. `tracked`: meant to be kept (a half-written file is not).
  ContentId wrote(unsigned client, const std::string& text, EntryKind kind, bool tracked);
  ContentId find(const SimNode& node) const;
  // The user put this node at `path`: written there, or moved, copied or brought back.
  void user_put(unsigned client, const std::string& path, const SimNode& node, bool is_new);
  // The user overwrote, deleted or moved away what was at `path`. `given_up`: its content too.
  void user_removed(unsigned client, const std::string& path, const SimNode& node, bool given_up,
                    std::int64_t now_ns);
  // The user changed something else than the content: an edit wins over a deletion.
  void user_changed_mode(unsigned client, const std::string& path, const SimNode& node);
  void state_lost(unsigned client) {
    clients_[client].state_lost = true;
    any_state_lost_ = true;
  }
  void power_cut(unsigned client, const SimFs& fs, const std::unordered_set<ContentId>& durable,
                 const std::unordered_set<ContentId>& reachable);

  // The engine ---------------------------------------------------------------------------------
  void engine_displaced(unsigned client, const std::string& path, const SimNode& node,
                        CommandKind command);
  void engine_placed(unsigned client, const std::string& path, const SimNode& node,
                     CommandKind command);
  void engine_removed_folder(unsigned client, const std::string& path, CommandKind command);
  // A conflict is recorded: announced, or (record.copied) with its copy in place. `local` and
  // `copy` are what lies there.
  void conflict(unsigned client, const ConflictRecord& record, const SimNode* local,
                const SimNode* copy);
  // A conflict's record is removed, but not by `resolve`.
  void conflict_settled(const ConflictRecord& record, const SimNode* local, const SimNode* copy);
  // HEAD has just been replaced. `is_stored` says whether an object is there.
  // `open` are the paths that were in conflict when it looked.
  struct Publisher {
    unsigned client = 0;
    std::int64_t scanned_ns = 0;
    std::vector<std::string> open;
  };
  void head_put(const Publisher& by, const OpenedHead& head, Index index,
                const std::function<bool(const Sha256Digest&)>& is_stored);

  // Questions ----------------------------------------------------------------------------------
  // Complains if a content that must be kept is in none of these and was never published.
  void check_kept(const std::unordered_set<ContentId>& reachable);
  const std::vector<Index>& versions() const { return versions_; }
  const Sha256Digest& index_sha256(std::size_t version) const { return index_sha256s_[version]; }
  std::uint64_t conflicts() const { return conflicts_; }
  const std::string& text_of(ContentId id) const { return saves_[id].text; }

 private:
  struct Save {
    std::string text;
    unsigned author = 0;
    bool tracked = false;
    bool given_up = false;
    bool published = false;
    bool shared = false;  // others put it somewhere, too
  };
  struct Client {
    bool state_lost = false;
    std::unordered_set<std::uint64_t> put;      // (path, content) that the user put there
    std::unordered_set<std::uint64_t> removed;  // paths that the user removed
    std::unordered_set<std::uint64_t> seen;     // (path, content) that ever lay there
    std::set<std::string> disputed;             // paths that ever were in conflict
  };
  struct Death {
    unsigned killer = 0;
    std::int64_t at_ns = 0;
  };

  static std::uint64_t key(std::string_view path, ContentId id);
  ContentId find(const Entry& entry) const;
  bool is_outstanding(const Save& save) const {
    return save.tracked && !save.given_up && !save.published;
  }
  bool was_disputed(unsigned client, const std::string& path) const;
  void check_chain(const OpenedHead& head, const Index& index);
  void check_changes(const Publisher& by, const Index& index);
  void check_put(const Publisher& by, const Entry& entry);
  void check_removed(unsigned client, const Entry& entry);
  void check_superseded(const Publisher& by, const Entry& before);
  void check_conflict_of(unsigned client, const ConflictRecord& record, const SimNode& local);

  const bool last_write_wins_;
  const std::function<void(std::string, std::string)> fail_;
  std::vector<Save> saves_;
  std::unordered_map<std::string, ContentId> by_text_;  // links have an arrow before their target
  std::unordered_map<Sha256Digest, ContentId> by_sha_;
  std::vector<ContentId> outstanding_;
  std::vector<Client> clients_;
  std::unordered_map<std::uint64_t, Death> dead_;  // (path, content): given up there
  std::unordered_set<std::uint64_t> may_return_;   // (path, content): put there a second time
  std::vector<Index> versions_;
  std::vector<Sha256Digest> index_sha256s_;
  std::uint64_t conflicts_ = 0;
  bool any_state_lost_ =
      false;  // without a base, old contents may come back: anybody may meet them
};

}  // namespace mikura
