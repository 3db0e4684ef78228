// What people and their tools do to a folder while the engine may be at work in it. One thread.
#pragma once

#include "sim/world.h"

namespace mikura {

// One edit, as the tape says. Every edit tells the oracle what it means.
void random_edit(World& world, SimClient& client);
// Ends what a program has begun to save.
void finish_save(World& world, SimClient& client);

// Single edits, for scenarios. Folders that are missing are made; what is in the way is replaced.
void user_write(World& world, SimClient& client, const std::string& path, const std::string& text);
void user_overwrite(World& world, SimClient& client, const std::string& path,
                    const std::string& text, bool keeps_time);
void user_link(World& world, SimClient& client, const std::string& path, const std::string& target);
void user_make_folder(World& world, SimClient& client, const std::string& path);
void user_delete(World& world, SimClient& client, const std::string& path);
void user_rename(World& world, SimClient& client, const std::string& from, const std::string& to);
void user_chmod(World& world, SimClient& client, const std::string& path, std::uint32_t mode);
void user_touch(World& world, SimClient& client, const std::string& path);

}  // namespace mikura
