#include "local/placer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "format/path.h"

namespace mikura {
namespace {

// The stamp that our node has in the tree now. If somebody changed it already, the stamp it had
// before: one that matches nothing, so that the next scan reads the file.
FileStamp placed_stamp(const Place& place, const FileStamp& ours) {
  FileStamp now;
  if (read_stamp(place.parent.get(), place.name.c_str(), now) == 0 && is_same_node(now, ours))
    return now;
  return ours;
}

// The folder is gone, or the node in it.
bool is_gone(int error) {
  return error == ENOENT || error == ENOTDIR;
}

Result<FileStamp> stamp_of_ours(const NameAt& at, const std::string& path) {
  FileStamp stamp;
  if (const int error = read_stamp(at.folder, at.name.c_str(), stamp); error != 0)
    return system_error(error, "find the temporary file for", path);
  return stamp;
}

}  // namespace

Error changed_meanwhile(std::string_view path, std::string_view hint) {
  return Error(Code::conflict,
               std::string(path) + " is no longer what it was when it was looked at")
      .with_hint(hint);
}

bool Placer::is_foreign(const Place& place) const {
  return !foreign_folder_.empty() && is_within(place.path, foreign_folder_);
}

int Placer::move_in(const NameAt& from, const Place& place) {
  const int parent = place.parent.get();
  if (is_foreign(place) && from.folder != parent) return EXDEV;
  return writable_.run(parent, [&] { return renamer_.move_new(from, {parent, place.name}); });
}

int Placer::move_out(const Place& place, const NameAt& to) {
  const int parent = place.parent.get();
  if (is_foreign(place) && to.folder != parent) return EXDEV;
  return writable_.run(parent, [&] { return renamer_.move_new({parent, place.name}, to); });
}

int Placer::exchange(const NameAt& node, const Place& place) {
  const int parent = place.parent.get();
  if (is_foreign(place) && node.folder != parent) return EXDEV;
  return writable_.run(parent, [&] { return renamer_.exchange(node, {parent, place.name}); });
}

Result<void> Placer::check_unchanged(const Place& place, const FileStamp& expected) const {
  FileStamp now;
  const int error = read_stamp(place.parent.get(), place.name.c_str(), now);
  if (is_gone(error)) return changed_meanwhile(place.path);
  if (error != 0) return system_error(error, "inspect", place.path);
  // The change time too: it is what a program that resets the modification time cannot hide.
  if (now != expected) return changed_meanwhile(place.path);
  return {};
}

Result<FileStamp> Placer::put(Temporary node, const Place& place, const Expectation& expected) {
  switch (expected.kind) {
    case Expectation::Kind::absent:
      return put_new(std::move(node), place);
    case Expectation::Kind::node:
      return put_over(std::move(node), place, expected.stamp);
    case Expectation::Kind::directory:
      break;
  }
  return Error(Code::internal,
               "a folder must be removed before something else takes its place: " + place.path);
}

Result<FileStamp> Placer::put_new(Temporary node, const Place& place) {
  TRY_ASSIGN(const FileStamp ours, stamp_of_ours(node.at(), place.path));
  const int error = move_in(node.at(), place);
  if (error == EXDEV) return put_new_beside(std::move(node), place);
  if (error == EEXIST || is_gone(error)) return changed_meanwhile(place.path);
  if (error != 0) return system_error(error, "create", place.path);
  node.release();
  return placed_stamp(place, ours);
}

Result<FileStamp> Placer::put_over(Temporary node, const Place& place, const FileStamp& expected) {
  TRY(check_unchanged(place, expected));
  const NameAt staged = node.at();
  TRY_ASSIGN(const auto filled, backup_.fill(place.path, [&](const NameAt& to) {
    return renamer_.move_new(staged, to);
  }));
  if (filled.error != 0) return system_error(filled.error, "prepare the backup of", place.path);
  Temporary held(std::move(node));  // goes before the handle of the backup folder does
  held.moved_to(filled.slot.at());
  TRY_ASSIGN(const FileStamp ours, stamp_of_ours(held.at(), place.path));
  TRY_ASSIGN(const Outcome outcome, exchange_checked(held, place, expected));
  if (outcome == Outcome::done) {
    backup_.note_kept();
    return placed_stamp(place, ours);
  }
  if (const int error = renamer_.move_new(held.at(), staged); error != 0)
    return system_error(error, "replace", place.path);
  held.moved_to(staged);
  if (outcome == Outcome::other_device) return put_over_beside(std::move(held), place, expected);
  return put_in_two_steps(std::move(held), place, expected);
}

// On success the node's name holds what was in the tree.
Result<Placer::Outcome> Placer::exchange_checked(Temporary& node, const Place& place,
                                                 const FileStamp& expected) {
  TRY_ASSIGN(const FileStamp ours, stamp_of_ours(node.at(), place.path));
  const int error = exchange(node.at(), place);
  if (error == EXDEV) return Outcome::other_device;
  if (error == ENOSYS) return Outcome::cannot_exchange;
  if (is_gone(error)) return changed_meanwhile(place.path);
  if (error != 0) return system_error(error, "replace", place.path);
  node.release();
  FileStamp out;
  if (read_stamp(node.at().folder, node.at().name.c_str(), out) == 0 && is_same_node(out, expected))
    return Outcome::done;
  return exchange_back(node, place, ours);
}

// What came out is not what the plan saw: it goes back.
Error Placer::exchange_back(Temporary& node, const Place& place, const FileStamp& ours) {
  constexpr int kMaxTries = 8;
  const NameAt& at = node.at();
  int error = EEXIST;
  for (int i = 0; i < kMaxTries && error == EEXIST; ++i) {
    error = exchange(at, place);
    // Ours was deleted meanwhile: then the place is free.
    if (error == ENOENT)
      error = move_in(at, place);
    else if (error == 0)
      break;
  }
  FileStamp out;
  const int looked = read_stamp(at.folder, at.name.c_str(), out);
  if (error == 0 && looked == ENOENT) return changed_meanwhile(place.path);
  if (error == 0 && looked == 0 && is_same_node(out, ours)) {
    ::unlinkat(at.folder, at.name.c_str(), is_directory(out) ? AT_REMOVEDIR : 0);
    return changed_meanwhile(place.path);
  }
  // Ours was changed or replaced in the meantime, so `out` is the newest: that belongs into the
  // tree, the other one stays here, in the backup (or beside the target with its note, until it
  // gets there).
  if (error == 0) error = exchange(at, place);
  backup_.note_kept();
  return changed_meanwhile(place.path, "An older state of it was kept in " + backup_.path() +
                                           ". Run the command again.");
}

Result<FileStamp> Placer::put_in_two_steps(Temporary node, const Place& place,
                                           const FileStamp& expected) {
  TRY_ASSIGN(const FileStamp ours, stamp_of_ours(node.at(), place.path));
  TRY_ASSIGN(const auto filled,
             backup_.fill(place.path, [&](const NameAt& to) { return move_out(place, to); }));
  if (is_gone(filled.error)) return changed_meanwhile(place.path);
  if (filled.error != 0) return system_error(filled.error, "back up", place.path);
  TRY(check_arrived(filled.slot.at(), filled.slot.shown, place, expected));
  const int error = move_in(node.at(), place);
  if (error == 0) {
    backup_.note_kept();
    node.release();
    return placed_stamp(place, ours);
  }
  if (move_in(filled.slot.at(), place) != 0) backup_.note_kept();
  if (error == EEXIST || is_gone(error)) return changed_meanwhile(place.path);
  return system_error(error, "create", place.path);
}

Result<FileStamp> Placer::put_new_beside(Temporary node, const Place& place) {
  TRY_ASSIGN(Beside::Guest guest, beside_.copy_in(node.at(), place));
  TRY_ASSIGN(const FileStamp ours, stamp_of_ours(guest.node().at(), place.path));
  const int error = move_in(guest.node().at(), place);
  if (error == EEXIST || is_gone(error)) return changed_meanwhile(place.path);
  if (error != 0) return system_error(error, "create", place.path);
  guest.node().release();
  return placed_stamp(place, ours);
}

Result<FileStamp> Placer::put_over_beside(Temporary node, const Place& place,
                                          const FileStamp& expected) {
  TRY_ASSIGN(Beside::Guest guest, beside_.copy_in(node.at(), place));
  TRY_ASSIGN(const FileStamp ours, stamp_of_ours(guest.node().at(), place.path));
  TRY(guest.announce_swap());
  const auto outcome = exchange_checked(guest.node(), place, expected);
  if (!outcome) {
    // What was left beside the target by an exchange that could not be undone cleanly is the
    // user's.
    if (!guest.node().is_owned()) TRY(beside_.keep(guest, place.path));
    return outcome.error();
  }
  if (*outcome == Outcome::done) {
    TRY(beside_.keep(guest, place.path));
    return placed_stamp(place, ours);
  }
  // No exchange there either: the old one steps aside under a second name, and comes back if the
  // new one cannot take its place.
  TRY_ASSIGN(Beside::Guest old, beside_.reserve(place));
  TRY(old.announce_swap());
  old.node().release();
  int error = move_out(place, old.node().at());
  if (is_gone(error)) return changed_meanwhile(place.path);
  if (error != 0) return system_error(error, "replace", place.path);
  TRY(check_arrived(old.node().at(), place.path, place, expected));
  error = move_in(guest.node().at(), place);
  if (error != 0) {
    if (move_in(old.node().at(), place) != 0) TRY(beside_.keep(old, place.path));
    if (error == EEXIST || is_gone(error)) return changed_meanwhile(place.path);
    return system_error(error, "create", place.path);
  }
  guest.node().release();
  TRY(beside_.keep(old, place.path));
  return placed_stamp(place, ours);
}

Result<void> Placer::take_away(const Place& place, const FileStamp& expected) {
  TRY(check_unchanged(place, expected));
  TRY_ASSIGN(const auto filled,
             backup_.fill(place.path, [&](const NameAt& to) { return move_out(place, to); }));
  if (filled.error == EXDEV) return take_away_beside(place, expected);
  if (is_gone(filled.error)) return {};
  if (filled.error != 0) return system_error(filled.error, "move to the backup", place.path);
  TRY(check_arrived(filled.slot.at(), filled.slot.shown, place, expected));
  backup_.note_kept();
  return {};
}

Result<void> Placer::rename(const Place& place, const std::string& new_name,
                            const FileStamp& expected) {
  const NameAt to{place.parent.get(), new_name};
  const int error = move_out(place, to);
  if (error == EEXIST) return system_error(error, "rename " + place.path + " to", new_name);
  if (is_gone(error)) return changed_meanwhile(place.path);
  if (error != 0) return system_error(error, "rename", place.path);
  FileStamp arrived;
  if (read_stamp(to.folder, to.name.c_str(), arrived) == 0 && is_same_node(arrived, expected))
    return {};
  // Swapped in meanwhile: it gets its name back, or keeps the new one if that is taken again.
  if (const int undone = move_in(to, place); undone != 0 && undone != EEXIST)
    return system_error(undone, "rename back", place.path);
  return changed_meanwhile(place.path);
}

Result<void> Placer::take_away_beside(const Place& place, const FileStamp& expected) {
  TRY_ASSIGN(Beside::Guest old, beside_.reserve(place));
  TRY(old.announce_swap());
  old.node().release();
  const int error = move_out(place, old.node().at());
  if (is_gone(error)) return {};
  if (error != 0) return system_error(error, "remove", place.path);
  TRY(check_arrived(old.node().at(), place.path, place, expected));
  return beside_.keep(old, place.path);
}

// What was moved away must be what the plan saw; else it goes back.
Result<void> Placer::check_arrived(const NameAt& there, const std::string& shown,
                                   const Place& place, const FileStamp& expected) {
  FileStamp arrived;
  if (read_stamp(there.folder, there.name.c_str(), arrived) == 0 && is_same_node(arrived, expected))
    return {};
  if (move_in(there, place) == 0) return changed_meanwhile(place.path);
  backup_.note_kept();
  return changed_meanwhile(place.path,
                           "What was there is kept as " + shown + ". Run the command again.");
}

}  // namespace mikura
