#include "sim/user.h"

#include <fmt/format.h>

#include <array>

#include "format/path.h"

namespace mikura {
namespace {

constexpr std::array<const char*, 9> kFiles = {"a",     "d/b",     "b",   "d/a", "c",
                                               "d/e/a", "d/e/f/b", "g/a", "G"};
constexpr std::array<std::uint32_t, 3> kModes = {0755, 0644, 0};  // 0: cannot be read
constexpr std::array<const char*, 5> kFolders = {"d", "d/e", "g", "d/e/f", "a"};

char letter(const SimClient& client) {
  return static_cast<char>('A' + client.id);
}

void say(World& world, const SimClient& client, const std::string& what) {
  if (world.traces()) world.note(fmt::format("{} {}", letter(client), what));
}

std::shared_ptr<const std::string> shared(const std::string& text) {
  return std::make_shared<const std::string>(text);
}

// Two saves of a person never fall into one tick of the kernel's clock.
void take_a_moment(World& world) {
  world.advance(8'000'000);
}

std::string pick_file(World& world) {
  return kFiles[world.tape().choose(std::min<unsigned>(kFiles.size(), world.weather().paths))];
}

// A path of a file or symlink that is there; empty if there is none.
std::string pick_existing(World& world, const SimClient& client) {
  std::vector<std::string> paths;
  for (const auto& [path, node] : client.fs.nodes()) {
    if (node->kind != EntryKind::directory && !is_conflict_copy_name(file_name(path)))
      paths.push_back(path);
  }
  if (paths.empty()) return {};
  return paths[world.tape().choose(static_cast<std::uint32_t>(paths.size()))];
}

void remove_beneath(World& world, SimClient& client, const std::string& path) {
  std::vector<std::string> gone;
  for (auto node = client.fs.nodes().lower_bound(path); node != client.fs.nodes().end(); ++node) {
    if (!node->first.starts_with(path)) break;
    if (is_within(node->first, path)) gone.push_back(node->first);
  }
  for (auto each = gone.rbegin(); each != gone.rend(); ++each) {
    world.oracle().user_removed(client.id, *each, *client.fs.find(*each), true, world.now_ns());
    client.fs.erase(*each);
  }
}

void make_folders_for(World& world, SimClient& client, const std::string& path) {
  const std::string parent(parent_path(path));
  if (parent.empty() || client.fs.is_folder(parent)) return;
  make_folders_for(world, client, parent);
  if (client.fs.find(parent) != nullptr) remove_beneath(world, client, parent);
  client.fs.put(parent, client.fs.fresh(EntryKind::directory, nullptr));
}

// A folder is deleted first; a file is replaced in one step, as a rename does it.
void clear_the_way(World& world, SimClient& client, const std::string& path) {
  const SimNodePtr there = client.fs.find(path);
  if (there == nullptr) return;
  if (there->kind == EntryKind::directory)
    remove_beneath(world, client, path);
  else
    world.oracle().user_removed(client.id, path, *there, true, world.now_ns());
}

void place_file(World& world, SimClient& client, const std::string& path, const std::string& text,
                bool is_new) {
  make_folders_for(world, client, path);
  clear_the_way(world, client, path);
  const SimNodePtr placed = client.fs.put(path, client.fs.fresh(EntryKind::file, shared(text)));
  world.oracle().user_put(client.id, path, *placed, is_new);
}

}  // namespace

void user_write(World& world, SimClient& client, const std::string& path, const std::string& text) {
  take_a_moment(world);
  say(world, client, fmt::format("saves {} = {}", path, text));
  world.oracle().wrote(client.id, text, EntryKind::file, true);
  place_file(world, client, path, text, true);
}

void user_overwrite(World& world, SimClient& client, const std::string& path,
                    const std::string& text, bool keeps_time) {
  const SimNodePtr there = client.fs.find(path);
  if (there == nullptr || there->kind != EntryKind::file)
    return user_write(world, client, path, text);
  take_a_moment(world);
  say(world, client,
      fmt::format("writes {} in place = {}{}", path, text, keeps_time ? ", keeping its time" : ""));
  world.oracle().wrote(client.id, text, EntryKind::file, true);
  world.oracle().user_removed(client.id, path, *there, true, world.now_ns());
  const std::int64_t time = there->mtime_ns;
  client.fs.write_open(there->inode, shared(text));
  if (keeps_time) {
    SimNode node = *client.fs.find(path);
    node.mtime_ns = time;
    client.fs.update(path, std::move(node));
  }
  world.oracle().user_put(client.id, path, *client.fs.find(path), true);
}

void user_link(World& world, SimClient& client, const std::string& path,
               const std::string& target) {
  take_a_moment(world);
  say(world, client, fmt::format("links {} -> {}", path, target));
  world.oracle().wrote(client.id, target, EntryKind::symlink, true);
  make_folders_for(world, client, path);
  if (client.fs.find(path) != nullptr) remove_beneath(world, client, path);
  const SimNodePtr placed =
      client.fs.put(path, client.fs.fresh(EntryKind::symlink, shared(target)));
  world.oracle().user_put(client.id, path, *placed, true);
}

void user_make_folder(World& world, SimClient& client, const std::string& path) {
  take_a_moment(world);
  if (client.fs.is_folder(path)) return;
  say(world, client, fmt::format("makes the folder {}", path));
  make_folders_for(world, client, path);
  if (client.fs.find(path) != nullptr) remove_beneath(world, client, path);
  client.fs.put(path, client.fs.fresh(EntryKind::directory, nullptr));
}

void user_delete(World& world, SimClient& client, const std::string& path) {
  if (client.fs.find(path) == nullptr) return;
  take_a_moment(world);
  say(world, client, fmt::format("deletes {}", path));
  remove_beneath(world, client, path);
}

void user_rename(World& world, SimClient& client, const std::string& from, const std::string& to) {
  if (client.fs.find(from) == nullptr || is_within(to, from) || is_within(from, to)) return;
  take_a_moment(world);
  say(world, client, fmt::format("renames {} to {}", from, to));
  make_folders_for(world, client, to);
  if (client.fs.find(from) == nullptr) return;  // it was in the way of a folder
  if (client.fs.find(to) != nullptr) remove_beneath(world, client, to);
  std::vector<std::string> moved;
  for (const auto& [path, node] : client.fs.nodes()) {
    if (is_within(path, from)) moved.push_back(path);
  }
  for (const std::string& path : moved)
    world.oracle().user_removed(client.id, path, *client.fs.find(path), false, world.now_ns());
  client.fs.rename(from, to);
  for (const std::string& path : moved) {
    const std::string there = to + path.substr(from.size());
    world.oracle().user_put(client.id, there, *client.fs.find(there), false);
  }
}

void user_chmod(World& world, SimClient& client, const std::string& path, std::uint32_t mode) {
  const SimNodePtr there = client.fs.find(path);
  if (there == nullptr || there->kind == EntryKind::symlink) return;
  take_a_moment(world);
  say(world, client, fmt::format("chmod {:o} {}", mode, path));
  SimNode node = *there;
  node.mode = mode;
  world.oracle().user_changed_mode(client.id, path, node);
  client.fs.update(path, std::move(node));
}

void user_touch(World& world, SimClient& client, const std::string& path) {
  const SimNodePtr there = client.fs.find(path);
  if (there == nullptr) return;
  take_a_moment(world);
  say(world, client, fmt::format("touches {}", path));
  SimNode node = *there;
  node.mtime_ns = world.now_of(client);
  client.fs.update(path, std::move(node));
}

void finish_save(World& world, SimClient& client) {
  SimClient::OpenSave save = std::move(client.open_save);
  client.open_save = {};
  if (!save.text.empty()) {
    take_a_moment(world);
    const auto path = client.fs.write_open(save.inode, shared(save.text));
    // Written into a file that the user himself deleted: nobody expects to see it again.
    world.oracle().wrote(client.id, save.text, EntryKind::file, path.has_value());
    say(world, client,
        fmt::format("ends its save {} in {}", save.text,
                    !path           ? "a deleted file"
                    : path->empty() ? "a file that went to the backup"
                                    : *path));
    if (path && !path->empty())
      world.oracle().user_put(client.id, *path, *client.fs.find(*path), true);
  } else if (!save.rename_from.empty()) {
    user_rename(world, client, save.rename_from, save.rename_to);
  }
}

namespace {

// A program empties the file, and writes it a moment later.
void begin_truncating_save(World& world, SimClient& client, const std::string& path) {
  const SimNodePtr there = client.fs.find(path);
  if (there == nullptr || there->kind != EntryKind::file) return;
  take_a_moment(world);
  const std::string text = world.fresh_text(false);
  const std::string begun = world.tape().choose(2) == 0 ? "" : text.substr(0, 3);
  say(world, client, fmt::format("begins a save of {}: it holds '{}' now", path, begun));
  world.oracle().user_removed(client.id, path, *there, true, world.now_ns());
  client.fs.write_open(there->inode, shared(begun));
  world.oracle().wrote(client.id, begun, EntryKind::file, false);
  world.oracle().user_put(client.id, path, *client.fs.find(path), false);
  client.open_save = {there->inode, text, {}, {}};
}

// A program writes a file of its own and renames it over the old one a moment later.
void begin_renaming_save(World& world, SimClient& client, const std::string& path) {
  const std::string beside = path + "~";
  user_write(world, client, beside, world.fresh_text(false));
  client.open_save = {0, {}, beside, path};
}

void change_kind(World& world, SimClient& client, const std::string& path) {
  switch (world.tape().choose(3)) {
    case 0:
      user_link(world, client, path, world.fresh_text(false));
      break;
    case 1:
      if (!client.fs.is_folder(path)) user_delete(world, client, path);
      user_write(world, client, path + "/in", world.fresh_text(false));
      break;
    default:
      user_write(world, client, path, world.fresh_text(false));
      break;
  }
}

// By hand: the copy is deleted, edited, or put in the file's place.
void handle_conflict_copy(World& world, SimClient& client) {
  if (client.state.conflicts.empty()) return;
  const auto position =
      world.tape().choose(static_cast<std::uint32_t>(client.state.conflicts.size()));
  const ConflictRecord record = std::next(client.state.conflicts.begin(), position)->second;
  const SimNodePtr copy = client.fs.find(record.copy_path);
  if (copy == nullptr) return;
  switch (world.tape().choose(3)) {
    case 0:
      user_delete(world, client, record.copy_path);
      break;
    case 1:
      if (copy->kind != EntryKind::file) return;
      user_overwrite(world, client, record.copy_path, world.fresh_text(true), false);
      break;
    default:
      if (copy->kind != EntryKind::file) return;
      take_a_moment(world);
      say(world, client, fmt::format("copies {} over {}", record.copy_path, record.path));
      place_file(world, client, record.path, *copy->data, false);
      break;
  }
}

void copy_or_bring_back(World& world, SimClient& client) {
  const std::string from = pick_existing(world, client);
  const std::string to = pick_file(world);
  const SimNodePtr there = from.empty() ? nullptr : client.fs.find(from);
  if (there == nullptr || there->kind != EntryKind::file || is_within(from, to) ||
      is_within(to, from))
    return;
  take_a_moment(world);
  say(world, client, fmt::format("copies {} to {}", from, to));
  place_file(world, client, to, *there->data, false);
}

void edit_existing(World& world, SimClient& client, std::uint32_t what) {
  const std::string path = pick_existing(world, client);
  if (path.empty()) return user_write(world, client, pick_file(world), world.fresh_text(false));
  switch (what) {
    case 0:
      return user_overwrite(world, client, path, world.fresh_text(false), false);
    case 1:
      return user_overwrite(world, client, path, world.fresh_text(false), true);
    case 2:
      return begin_truncating_save(world, client, path);
    case 3:
      return begin_renaming_save(world, client, path);
    case 4:
      return user_delete(world, client, path);
    case 5:
      return user_rename(world, client, path, pick_file(world));
    case 6:
      return user_chmod(world, client, path, kModes[world.tape().choose(kModes.size())]);
    case 7:
      return user_touch(world, client, path);
    case 8: {
      // Only the case of the name changes.
      std::string other = path;
      other.back() = static_cast<char>(other.back() ^ 0x20);
      return user_rename(world, client, path, other);
    }
    default:
      return change_kind(world, client, path);
  }
}

}  // namespace

void random_edit(World& world, SimClient& client) {
  if (client.open_save.inode != 0 || !client.open_save.rename_from.empty())
    return finish_save(world, client);
  Tape& tape = world.tape();
  const std::uint32_t what = tape.choose(24);
  if (what >= 22) return user_delete(world, client, pick_existing(world, client));
  if (what < 6)
    return user_write(world, client, pick_file(world), world.fresh_text(tape.choose(4) == 3));
  if (what < 16) return edit_existing(world, client, what - 6);
  const std::string folder = kFolders[tape.choose(kFolders.size())];
  switch (what) {
    case 16:
    case 20:
    case 21:
      if (client.fs.is_folder(folder)) user_delete(world, client, folder);
      break;
    case 17: {
      const std::string to = kFolders[tape.choose(kFolders.size())];
      if (client.fs.is_folder(folder)) user_rename(world, client, folder, to);
      break;
    }
    case 18:
      if (tape.choose(2) == 0)
        handle_conflict_copy(world, client);
      else
        copy_or_bring_back(world, client);
      break;
    default:
      user_make_folder(world, client, folder);
      break;
  }
}

}  // namespace mikura
