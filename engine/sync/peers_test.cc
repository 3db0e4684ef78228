// What other two-way synchronizers test, as our own data: which edits meet, and what must be there
// afterwards on both sides. The situations are facts taken from rclone's bisync (its table of
// checks, and the scenarios of cmd/bisync/testdata), unison (src/test.ml) and smashbox (lib/); what
// is expected is what docs/sync.md says.
#include <gtest/gtest.h>

#include <sstream>

#include "sync/sync_test_fixture.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;

// Edits, one per word: "f=text" writes, "-f" removes, "d/" makes a folder, "f>g" renames.
struct Scenario {
  const char* source;
  const char* name;
  const char* base;
  const char* by_a;
  const char* by_b;
  const char* after;        // on both sides, once both are quiet
  const char* conflict_at;  // "" if there is none; then b has a copy of a's content there
};

constexpr Scenario kScenarios[] = {
    // rclone bisync: the usual checks
    {"bisync", "NewOnOne", "k=1", "n=1", "", "k=1 n=1", ""},
    {"bisync", "NewOnTwo", "k=1", "", "n=1", "k=1 n=1", ""},
    {"bisync", "ChangedOnOne", "f=1", "f=2", "", "f=2", ""},
    {"bisync", "ChangedOnTwo", "f=1", "", "f=2", "f=2", ""},
    {"bisync", "DeletedOnOne", "f=1 k=1", "-f", "", "k=1", ""},
    {"bisync", "DeletedOnTwo", "f=1 k=1", "", "-f", "k=1", ""},
    {"bisync", "ChangesOnBothSidesOfDifferentFiles", "f=1 g=1 h=1", "f=2 -h", "g=2 n=1",
     "f=2 g=2 n=1", ""},
    // rclone bisync: the unusual checks
    {"bisync", "NewOnBothAndEqual", "k=1", "n=same", "n=same", "k=1 n=same", ""},
    {"bisync", "ChangedOnBothAndEqual", "f=1", "f=same", "f=same", "f=same", ""},
    {"bisync", "NewOnBothAndDifferent", "k=1", "n=a", "n=b", "", "n"},
    {"bisync", "ChangedOnBothAndDifferent", "f=1", "f=a", "f=b", "", "f"},
    {"bisync", "ChangedOnOneDeletedOnTwo", "f=1", "f=2", "-f", "f=2", ""},
    {"bisync", "DeletedOnOneChangedOnTwo", "f=1", "-f", "f=2", "f=2", ""},
    {"bisync", "DeletedOnBoth", "f=1 k=1", "-f", "-f", "k=1", ""},
    // rclone bisync: rmdirs, createemptysrcdirs, extended_filenames, all_changed
    {"bisync", "AnEmptyFolderArrives", "k=1", "d/", "", "k=1 d/", ""},
    {"bisync", "AFolderThatBecameEmptyStays", "d/f=1", "-d/f", "", "d/", ""},
    {"bisync", "AFolderWithItsContentGoes", "d/e/f=1 k=1", "-d", "", "k=1", ""},
    {"bisync", "OddNames", "k=1", "測試_Русский_{spc}=1 ě_áñ👸🏼=1 %41=1", "",
     "k=1 測試_Русский_{spc}=1 ě_áñ👸🏼=1 %41=1", ""},
    {"bisync", "AllChangedOnOne", "f=1 g=1 h=1", "f=2 g=2 h=2", "", "f=2 g=2 h=2", ""},
    // unison: moves, directories, atomicity
    {"unison", "AFileMovesIntoAFolder", "f=1 d/x=1", "f>d/f", "", "d/x=1 d/f=1", ""},
    {"unison", "AFolderMoves", "d/x=1 d/y=1", "d>e", "", "e/x=1 e/y=1", ""},
    {"unison", "AFolderMovesAndAFileInItIsChangedThere", "d/x=1 d/y=1", "d>e", "d/x=2",
     "e/x=1 e/y=1 d/x=2", ""},
    {"unison", "AFolderMovesAndAFileIsAddedThere", "d/x=1", "d>e", "d/n=1", "e/x=1 d/n=1", ""},
    {"unison", "TwoFilesChangePlaces", "f=1 g=2", "f>t g>f t>g", "", "f=2 g=1", ""},
    {"unison", "AChainOfMoves", "f=1 g=2 h=3", "h>i g>h f>g", "", "g=1 h=2 i=3", ""},
    {"unison", "AFileBecomesAFolder", "f=1", "-f f/x=1", "", "f/x=1", ""},
    {"unison", "AFolderBecomesAFile", "d/x=1", "-d d=1", "", "d=1", ""},
    {"unison", "AFileBecomesAFolderAndIsChangedThere", "f=1", "-f f/x=1", "f=2", "", "f"},
    {"unison", "AFolderIsRemovedAndChangedThere", "d/x=1 d/y=1", "-d", "d/x=2", "d/x=2", ""},
    // smashbox: several clients on the same folders
    {"smashbox", "ConcurrentDirRemove", "d/e/f=1 k=1", "-d", "-d/e/f d/e/n=1", "k=1 d/e/n=1", ""},
    {"smashbox", "ConcurrentDirMove", "d/f=1", "d>x", "d>y", "x/f=1 y/f=1", ""},
    {"smashbox", "ConcurrentOverwrite", "f=1", "f=aaaa", "f=bbbb", "", "f"},
    {"smashbox", "DirRenamedAndRecreated", "d/f=1 d/g=1", "d>e d/f=new", "", "e/f=1 e/g=1 d/f=new",
     ""},
    {"smashbox", "FileMovedAndChangedThere", "f=1", "f>g", "f=2", "g=1 f=2", ""},
    {"smashbox", "CaseOnly", "readme=1", "readme>README", "", "README=1", ""},
};

void edit(Machine& machine, const std::string& edits) {
  std::istringstream words(edits);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    const std::size_t move = word.find('>');
    if (word.starts_with('-')) {
      machine.remove(word.substr(1));
    } else if (equals != std::string::npos) {
      machine.write(word.substr(0, equals), word.substr(equals + 1));
    } else if (move != std::string::npos) {
      const fs::path to = machine.root / word.substr(move + 1);
      fs::create_directories(to.parent_path());
      fs::rename(machine.root / word.substr(0, move), to);
    } else {
      fs::create_directories(machine.root / word);
    }
  }
}

// Files and folders as everything() lists them.
std::set<std::string> listed(const std::string& words) {
  std::set<std::string> all;
  std::istringstream in(words);
  for (std::string word; in >> word;) {
    const std::string path = word.substr(0, word.find('='));
    for (std::size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1))
      all.insert(path.substr(0, slash + 1));
    if (!word.ends_with('/')) all.insert(word);
  }
  return all;
}

class Peers : public SyncTest, public ::testing::WithParamInterface<Scenario> {};

TEST_P(Peers, EndsAsItShould) {
  const Scenario& scenario = GetParam();
  Machine a(store, 1);
  Machine b(store, 1);
  edit(a, scenario.base);
  a.must_sync();
  b.must_sync(SyncMode::pull);
  edit(a, scenario.by_a);
  edit(b, scenario.by_b);
  a.must_sync();
  const auto conflicts = b.must_sync().conflicts;
  a.must_sync();
  if (*scenario.conflict_at == '\0') {
    EXPECT_TRUE(conflicts.empty());
    EXPECT_EQ(a.everything(true), listed(scenario.after));
    EXPECT_EQ(b.everything(true), listed(scenario.after));
  } else {
    ASSERT_EQ(conflicts.size(), 1U);
    EXPECT_EQ(conflicts[0].path, scenario.conflict_at);
    EXPECT_TRUE(b.exists(conflicts[0].copy_path));
    EXPECT_TRUE(a.exists(scenario.conflict_at));
    EXPECT_TRUE(b.exists(scenario.conflict_at));
  }
  for (Machine* machine : {&a, &b}) {
    EXPECT_FALSE(machine->must_sync().published) << "quiet is quiet";
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Peers, ::testing::ValuesIn(kScenarios),
                         [](const auto& s) { return std::string(s.param.source) + s.param.name; });

}  // namespace
}  // namespace mikura
