#include "sim/scenarios.h"

namespace mikura {

void Stage::write_large(SimClient& who, const std::string& path) {
  constexpr std::size_t kLargeBytes = 1'500'000;
  std::string text = world_.fresh_text(false);
  std::uint64_t state = text.size();
  for (const char c : text)
    state = mix_bits(state ^ static_cast<unsigned char>(c));
  while (text.size() < kLargeBytes) {
    state = mix_bits(state);
    text += std::to_string(state);
  }
  user_write(world_, who, path, text);
}

void Stage::share() {
  for (const char* const path : {"a", "b", "d/e", "d/f"})
    write(a(), path);
  sync(a());
  sync(b());
}

namespace {

void nothing(Stage&) {}
void sync_a(Stage& s) {
  s.sync(s.a());
}
void pull_a(Stage& s) {
  s.pull(s.a());
}
void push_a(Stage& s) {
  s.push(s.a());
}
void keep_local(Stage& s) {
  s.resolve(s.a(), "a", Resolution::keep_local);
}
void keep_local_and_sync(Stage& s) {
  keep_local(s);
  s.sync(s.a());
}
void keep_both_and_sync(Stage& s) {
  s.resolve(s.a(), "a", Resolution::keep_both);
  s.sync(s.a());
}
void take_remote(Stage& s) {
  s.resolve(s.a(), "a", Resolution::take_remote);
}
void take_remote_and_sync(Stage& s) {
  take_remote(s);
  s.sync(s.a());
}

// B did something and published it; A is to get it.
void b_creates(Stage& s) {
  s.share();
  s.write(s.b(), "n");
  s.write(s.b(), "new/folder/n");
  s.sync(s.b());
}
void b_edits(Stage& s) {
  s.share();
  s.edit(s.b(), "a");
  s.sync(s.b());
}
void b_removes(Stage& s) {
  s.share();
  s.remove(s.b(), "a");
  s.sync(s.b());
}
void b_removes_folder(Stage& s) {
  s.share();
  s.remove(s.b(), "d");
  s.sync(s.b());
}
void b_renames(Stage& s) {
  s.share();
  s.rename(s.b(), "a", "z");
  s.sync(s.b());
}
void b_renames_folder(Stage& s) {
  s.share();
  s.rename(s.b(), "d", "g");
  s.sync(s.b());
}
void b_changes_case(Stage& s) {
  s.share();
  s.rename(s.b(), "a", "A");
  s.sync(s.b());
}
void b_makes_file_folder(Stage& s) {
  s.share();
  s.remove(s.b(), "a");
  s.write(s.b(), "a/in");
  s.sync(s.b());
}
void b_makes_folder_file(Stage& s) {
  s.share();
  s.remove(s.b(), "d");
  s.write(s.b(), "d");
  s.sync(s.b());
}
void b_links(Stage& s) {
  s.share();
  user_link(s.world(), s.b(), "a", s.world().fresh_text(false));
  s.sync(s.b());
}
void b_changes_modes(Stage& s) {
  s.share();
  user_chmod(s.world(), s.b(), "a", 0755);
  user_chmod(s.world(), s.b(), "d/e", 0600);
  s.sync(s.b());
}
void b_makes_empty_folder(Stage& s) {
  s.share();
  user_make_folder(s.world(), s.b(), "empty");
  s.sync(s.b());
}
void b_writes_large(Stage& s) {
  s.share();
  s.write_large(s.b(), "large");
  s.sync(s.b());
}

// A did something and is to publish it.
void a_has_first_files(Stage& s) {
  for (const char* const path : {"a", "b", "d/e"})
    s.write(s.a(), path);
}
void a_edits(Stage& s) {
  s.share();
  s.edit(s.a(), "a");
}
void a_creates(Stage& s) {
  s.share();
  s.write(s.a(), "n");
  s.write(s.a(), "new/folder/n");
}
void a_removes(Stage& s) {
  s.share();
  s.remove(s.a(), "a");
}
void a_removes_folder(Stage& s) {
  s.share();
  s.remove(s.a(), "d");
}
void a_renames_folder(Stage& s) {
  s.share();
  s.rename(s.a(), "d", "g");
}
void a_makes_file_folder(Stage& s) {
  s.share();
  s.remove(s.a(), "a");
  s.write(s.a(), "a/in");
}
void a_writes_large(Stage& s) {
  s.share();
  s.write_large(s.a(), "large");
}
void a_changes_modes(Stage& s) {
  s.share();
  user_chmod(s.world(), s.a(), "a", 0755);
}

// Both did something.
void both_elsewhere(Stage& s) {
  s.share();
  s.edit(s.b(), "b");
  s.sync(s.b());
  s.edit(s.a(), "a");
}
void both_edit(Stage& s) {
  s.share();
  s.edit(s.b(), "a");
  s.sync(s.b());
  s.edit(s.a(), "a");
}
void both_create(Stage& s) {
  s.share();
  s.write(s.b(), "n");
  s.sync(s.b());
  s.write(s.a(), "n");
}
void a_edits_b_removes(Stage& s) {
  s.share();
  s.remove(s.b(), "a");
  s.sync(s.b());
  s.edit(s.a(), "a");
}
void a_removes_b_edits(Stage& s) {
  s.share();
  s.edit(s.b(), "a");
  s.sync(s.b());
  s.remove(s.a(), "a");
}
void a_edits_in_folder_b_removes_it(Stage& s) {
  s.share();
  s.remove(s.b(), "d");
  s.sync(s.b());
  s.edit(s.a(), "d/e");
}
void a_edits_b_makes_folder(Stage& s) {
  s.share();
  s.remove(s.b(), "a");
  s.write(s.b(), "a/in");
  s.sync(s.b());
  s.edit(s.a(), "a");
}
void a_makes_folder_b_edits(Stage& s) {
  s.share();
  s.edit(s.b(), "a");
  s.sync(s.b());
  s.remove(s.a(), "a");
  s.write(s.a(), "a/in");
}
void both_rename(Stage& s) {
  s.share();
  s.rename(s.b(), "a", "x");
  s.sync(s.b());
  s.rename(s.a(), "a", "y");
}
void in_conflict(Stage& s) {
  both_edit(s);
  s.sync(s.a());
}
void in_conflict_and_edited(Stage& s) {
  in_conflict(s);
  s.edit(s.a(), "a");
}
void in_conflict_and_news(Stage& s) {
  in_conflict(s);
  s.edit(s.b(), "a");
  s.sync(s.b());
}
void in_conflict_with_a_removal(Stage& s) {
  a_edits_b_removes(s);
  s.sync(s.a());
}

// Older versions to go back to.
void three_versions(Stage& s) {
  s.share();
  s.edit(s.a(), "a");
  s.remove(s.a(), "d");
  s.sync(s.a());
  s.write(s.a(), "n");
  s.sync(s.a());
}
void three_versions_and_an_edit(Stage& s) {
  three_versions(s);
  s.edit(s.a(), "a");
}

constexpr Scenario kScenarios[] = {
    {"TheFirstPush", a_has_first_files, sync_a},
    {"TheFirstPull",
     [](Stage& s) {
       for (const char* const path : {"a", "b", "d/e"})
         s.write(s.b(), path);
       s.sync(s.b());
     },
     sync_a},
    {"TwoFirstPushes",
     [](Stage& s) {
       s.write(s.b(), "a");
       s.write(s.b(), "d/e");
       s.sync(s.b());
       s.write(s.a(), "b");
       s.write(s.a(), "d/f");
     },
     sync_a},
    {"NothingToDo", [](Stage& s) { s.share(); }, sync_a},
    {"AnEmptyFolder", nothing, sync_a},
    {"PublishAnEdit", a_edits, sync_a},
    {"PublishNewFiles", a_creates, sync_a},
    {"PublishARemoval", a_removes, sync_a},
    {"PublishTheRemovalOfAFolder", a_removes_folder, sync_a},
    {"PublishTheRenamingOfAFolder", a_renames_folder, sync_a},
    {"PublishAFileThatBecameAFolder", a_makes_file_folder, sync_a},
    {"PublishALargeFile", a_writes_large, sync_a},
    {"PublishModes", a_changes_modes, sync_a},
    {"PushAlone", a_edits, push_a},
    {"PushOverNews", both_elsewhere, push_a},
    {"PullNewFiles", b_creates, sync_a},
    {"PullAnEdit", b_edits, sync_a},
    {"PullARemoval", b_removes, sync_a},
    {"PullTheRemovalOfAFolder", b_removes_folder, sync_a},
    {"PullARenaming", b_renames, sync_a},
    {"PullTheRenamingOfAFolder", b_renames_folder, sync_a},
    {"PullANameThatChangedItsCase", b_changes_case, sync_a},
    {"PullAFileThatBecameAFolder", b_makes_file_folder, sync_a},
    {"PullAFolderThatBecameAFile", b_makes_folder_file, sync_a},
    {"PullALink", b_links, sync_a},
    {"PullModes", b_changes_modes, sync_a},
    {"PullAnEmptyFolder", b_makes_empty_folder, sync_a},
    {"PullALargeFile", b_writes_large, sync_a},
    {"PullOnly", both_elsewhere, pull_a},
    {"ChangesOnBothSides", both_elsewhere, sync_a},
    {"AConflictOfEdits", both_edit, sync_a},
    {"AConflictOfNewFiles", both_create, sync_a},
    {"AnEditMeetsARemoval", a_edits_b_removes, sync_a},
    {"ARemovalMeetsAnEdit", a_removes_b_edits, sync_a},
    {"AnEditMeetsTheRemovalOfItsFolder", a_edits_in_folder_b_removes_it, sync_a},
    {"AnEditMeetsAFolder", a_edits_b_makes_folder, sync_a},
    {"AFolderMeetsAnEdit", a_makes_folder_b_edits, sync_a},
    {"TwoRenamings", both_rename, sync_a},
    {"TheLastWriteWins", both_edit, sync_a, true},
    {"AnOpenConflictIsLeftAlone", in_conflict_and_edited, sync_a},
    {"KeepLocal", in_conflict, keep_local_and_sync},
    {"KeepLocalAfterAnEdit", in_conflict_and_edited, keep_local_and_sync},
    {"KeepLocalOverNews", in_conflict_and_news, keep_local_and_sync},
    {"TakeRemote", in_conflict, take_remote_and_sync},
    {"TakeRemoteAfterAnEdit", in_conflict_and_edited, take_remote_and_sync},
    {"TakeRemoteOverNews", in_conflict_and_news, take_remote_and_sync},
    {"KeepBoth", in_conflict, keep_both_and_sync},
    {"KeepBothOverNews", in_conflict_and_news, keep_both_and_sync},
    {"TakeTheRemoval", in_conflict_with_a_removal, take_remote_and_sync},
    {"RestoreAll", three_versions, [](Stage& s) { s.restore(s.a(), "", 0); }},
    {"RestoreAFile", three_versions, [](Stage& s) { s.restore(s.a(), "a", 0); }},
    {"RestoreAFolder", three_versions, [](Stage& s) { s.restore(s.a(), "d", 0); }},
    {"RestoreOverAnEdit", three_versions_and_an_edit, [](Stage& s) { s.restore(s.a(), "a", 0); }},
};

}  // namespace

std::span<const Scenario> scenarios() {
  return kScenarios;
}

}  // namespace mikura
