// SimState: what a working copy remembers, in memory, with the durability of the real one: a commit
// of the base and what is announced survive a power cut, and with them everything before; later
// records may be lost, the last first. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "local/state.h"

namespace mikura {

class World;
struct SimClient;

struct SimStateData {
  std::optional<WorkspaceLink> link;
  std::optional<BaseVersion> base;
  std::vector<BaseException> exceptions;
  std::vector<BaseRecord> publishes;  // announced, the newest first
  std::optional<ApplyRecord> apply;   // announced
  std::map<std::string, FileRecord, std::less<>> files;
  std::map<std::string, ConflictRecord, std::less<>> conflicts;
  std::map<VersionId, Bytes> indexes;
  std::map<Sha256Digest, Bytes> segments;
  std::map<std::string, CachedObject, std::less<>> objects;
  std::map<Sha256Digest, std::pair<std::int64_t, std::uint64_t>> uploads;

  // What a power cut could leave: the states since the last durable one. Empty unless asked
  // for.
  bool keeps_history = false;
  std::vector<std::shared_ptr<const SimStateData>> earlier;
};

std::unique_ptr<State> make_sim_state(World& world, SimClient& client);

}  // namespace mikura
