// The scenarios of the exhaustive faults: what two people did before, and what the first of them
// asks of the engine then. One thread.
#pragma once

#include <span>
#include <string>

#include "sim/user.h"
#include "sim/world.h"

namespace mikura {

// The two people, and what they do. A is the one whose calls fail.
class Stage {
 public:
  explicit Stage(World& world) : world_(world) {}

  World& world() { return world_; }
  SimClient& a() { return *world_.clients()[0]; }
  SimClient& b() { return *world_.clients()[1]; }

  void write(SimClient& who, const std::string& path) {
    user_write(world_, who, path, world_.fresh_text(false));
  }
  // Longer than one chunk, and like nothing else.
  void write_large(SimClient& who, const std::string& path);
  void edit(SimClient& who, const std::string& path) {
    user_overwrite(world_, who, path, world_.fresh_text(true), false);
  }
  void remove(SimClient& who, const std::string& path) { user_delete(world_, who, path); }
  void rename(SimClient& who, const std::string& from, const std::string& to) {
    user_rename(world_, who, from, to);
  }

  void sync(SimClient& who) { command(who, {CommandKind::sync, {}, {}, 0}); }
  void pull(SimClient& who) { command(who, {CommandKind::pull, {}, {}, 0}); }
  void push(SimClient& who) { command(who, {CommandKind::push, {}, {}, 0}); }
  void resolve(SimClient& who, const std::string& path, Resolution resolution) {
    command(who, {CommandKind::resolve, path, resolution, 0});
  }
  // `version`: from 0.
  void restore(SimClient& who, const std::string& path, std::size_t version) {
    command(who, {CommandKind::restore, path, {}, version});
  }
  // Both have the same files, published: a, b, d/e, d/f.
  void share();

 private:
  void command(SimClient& who, Command what) {
    world_.start(who, std::move(what));
    world_.run_to_end();
  }

  World& world_;
};

struct Scenario {
  const char* name;  // letters and digits
  void (*before)(Stage&);
  void (*act)(Stage&);  // of A's engine
  bool last_write_wins = false;
};

std::span<const Scenario> scenarios();

}  // namespace mikura
