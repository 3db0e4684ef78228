// The end of every run: no fault any more, everybody comes to rest, and all must be equal.
#include <fmt/format.h>

#include "format/path.h"
#include "sim/play.h"
#include "sim/sim_store.h"
#include "sim/user.h"

namespace mikura {
namespace {

char letter(const SimClient& client) {
  return static_cast<char>('A' + client.id);
}

// Copies that lie in a folder keep it from becoming a file, and the message says so: the user
// clears them away.
void clear_copies_away(World& world, SimClient& client) {
  std::vector<std::string> copies;
  for (const auto& [path, node] : client.fs.nodes()) {
    if (is_conflict_copy_name(file_name(path)) && !parent_path(path).empty())
      copies.push_back(path);
  }
  for (const std::string& path : copies)
    user_delete(world, client, path);
}

bool syncs(World& world, SimClient& client) {
  for (int i = 0; i < 2; ++i) {
    world.start(client, {CommandKind::sync, {}, {}, 0});
    world.run_to_end();
    if (world.violation()) return false;
    if (!client.error) return true;
    if (client.error->code() == Code::refused) clear_copies_away(world, client);
  }
  world.fail("without faults every command ends well",
             fmt::format("{}: {}", letter(client), client.error->message()));
  return false;
}

// Everybody syncs until nobody has anything to say any more.
bool come_to_rest(World& world) {
  const std::size_t enough = 3 * world.clients().size() + 6;
  for (std::size_t round = 0; round < enough; ++round) {
    const std::size_t versions = world.oracle().versions().size();
    bool moved = false;
    for (auto& client : world.clients()) {
      if (!syncs(world, *client)) return false;
      moved |= client->moved_something;
    }
    if (!moved && versions == world.oracle().versions().size()) return true;
  }
  world.fail("all come to rest", "there was something to do in every round");
  return false;
}

bool resolves(World& world, SimClient& client, const std::string& path, Resolution resolution) {
  for (int i = 0; i < 2; ++i) {
    world.start(client, {CommandKind::resolve, path, resolution, 0});
    world.run_to_end();
    if (world.violation()) return false;
    if (!client.state.conflicts.contains(path)) return true;
    if (client.error && client.error->code() == Code::refused) clear_copies_away(world, client);
  }
  world.fail("every conflict can be resolved",
             fmt::format("{} at {}: {}", path, letter(client),
                         client.error ? client.error->message() : "it stayed"));
  return false;
}

bool settle_conflicts(World& world) {
  for (unsigned round = 0; round < 12; ++round) {
    bool open = false;
    for (auto& client : world.clients()) {
      while (!client->state.conflicts.empty()) {
        open = true;
        // What lies deeper first: a copy in a folder keeps the folder.
        const std::string path = client->state.conflicts.rbegin()->first;
        const auto resolution =
            world.tape().choose(2) == 0 ? Resolution::keep_local : Resolution::take_remote;
        if (!resolves(world, *client, path, resolution)) return false;
        if (!syncs(world, *client)) return false;
      }
    }
    if (!come_to_rest(world)) return false;
    if (!open) return true;
  }
  world.fail("all come to rest", "there were new conflicts in every round");
  return false;
}

std::string shown(const SimNode& node) {
  switch (node.kind) {
    case EntryKind::directory:
      return fmt::format("folder {:o}", node.mode);
    case EntryKind::symlink:
      return "-> " + *node.data;
    case EntryKind::file:
      return fmt::format("{:o} {}", node.mode, *node.data);
  }
  return "";
}

std::map<std::string, std::string> tree_of(const SimClient& client) {
  std::map<std::string, std::string> tree;
  for (const auto& [path, node] : client.fs.nodes()) {
    bool is_copy = false;
    for (std::string_view rest = path; !rest.empty(); rest = parent_path(rest))
      is_copy |= is_conflict_copy_name(file_name(rest));
    if (!is_copy) tree[path] = shown(*node);
  }
  return tree;
}

std::string difference(const std::map<std::string, std::string>& a,
                       const std::map<std::string, std::string>& b) {
  for (const auto& [path, text] : a) {
    const auto other = b.find(path);
    if (other == b.end()) return fmt::format("{} is {} here and missing there", path, text);
    if (other->second != text)
      return fmt::format("{} is {} here and {} there", path, text, other->second);
  }
  for (const auto& [path, text] : b) {
    if (!a.contains(path)) return fmt::format("{} is missing here and {} there", path, text);
  }
  return "";
}

void check_equal(World& world) {
  const auto first = tree_of(*world.clients()[0]);
  for (auto& client : world.clients()) {
    const std::string differs = difference(tree_of(*client), first);
    if (!differs.empty())
      return world.fail("all trees are equal", fmt::format("{}: {}", letter(*client), differs));
  }
  const auto& versions = world.oracle().versions();
  std::set<std::string> published;
  if (!versions.empty()) {
    for (const Entry& entry : versions.back().entries)
      published.insert(entry.path);
  }
  for (const auto& [path, text] : first) {
    if (!published.contains(path))
      return world.fail("all trees are equal", path + " is in the folders and in no version");
  }
  if (published.size() != first.size())
    world.fail("all trees are equal", "the last version holds more than the folders");
}

void make_all_readable(World& world, SimClient& client) {
  std::vector<std::string> paths;
  for (const auto& [path, node] : client.fs.nodes()) {
    if (node->kind == EntryKind::file && node->mode == 0) paths.push_back(path);
  }
  for (const std::string& path : paths)
    user_chmod(world, client, path, 0644);
}

}  // namespace

void calm_down(World& world) {
  world.run_to_end();
  world.calm();
  while (!world.storage().delayed().empty())
    world.deliver_late(0);
  for (auto& client : world.clients()) {
    finish_save(world, *client);
    make_all_readable(world, *client);
  }
  world.check_kept();
  if (world.violation() || !come_to_rest(world) || !settle_conflicts(world)) return;
  check_equal(world);
  world.check_kept();
  const std::uint64_t puts = world.storage().puts();
  for (auto& client : world.clients()) {
    if (!syncs(world, *client)) return;
  }
  if (world.storage().puts() != puts)
    world.fail("nothing to do is nothing done", "a sync with nothing to do wrote to the store");
}

}  // namespace mikura
