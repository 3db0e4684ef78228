#include "local/state_db.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "crypto/hash.h"
#include "local/sqlite.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;

template <class IdType>
IdType id_of_byte(unsigned value) {
  IdType id;
  id.mutable_bytes().front() = static_cast<std::byte>(value);
  id.mutable_bytes().back() = static_cast<std::byte>(value >> 8);
  return id;
}

WorkspaceLink some_link(unsigned repository = 1) {
  return {id_of_byte<RepositoryId>(repository), "s3://bucket/prefix?region=eu-west-1", "keys/0",
          "lastWriteWins", false};
}

FileRecord some_record(const std::string& path, unsigned seed = 1) {
  FileRecord record;
  record.path = path;
  // Numbers that do not fit a signed integer, and times before 1970.
  record.stamp = {0xfedcba9876543210 + seed,        ~0ULL - seed, 12345ULL + seed, -5'000'000'001,
                  1'700'000'000'123'456'789 + seed, 0100644};
  record.sha256 = sha256(as_bytes(path + std::to_string(seed)));
  record.content = record.sha256;
  return record;
}

ConflictRecord some_conflict(const std::string& path) {
  return {path,
          "conflict-20260102.030405." + path,
          id_of_byte<VersionId>(3),
          EntryKind::symlink,
          sha256(as_bytes(path)),
          "../elsewhere",
          1'700'000'000'000,
          false};
}

std::vector<std::string> paths_of(const std::vector<FileRecord>& records) {
  std::vector<std::string> paths;
  for (const FileRecord& record : records)
    paths.push_back(record.path);
  return paths;
}

// Each test runs on a file and in memory.
class StateTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    auto state = GetParam() ? open_state_db(path()) : open_memory_state();
    ASSERT_TRUE(state) << state.error().message();
    state_ = *std::move(state);
  }
  std::string path() const { return folder_.path() + "/state.db"; }
  State& state() { return *state_; }

 private:
  TempFolder folder_;
  std::unique_ptr<State> state_;
};

INSTANTIATE_TEST_SUITE_P(OnFileAndInMemory, StateTest, testing::Bool());

TEST_P(StateTest, ANewStateIsEmpty) {
  EXPECT_EQ(*state().link(), std::nullopt);
  EXPECT_EQ(*state().base(), std::nullopt);
  EXPECT_TRUE(state().file_records()->empty());
  EXPECT_TRUE(state().conflicts()->empty());
  EXPECT_EQ(*state().cached_index(id_of_byte<VersionId>(1)), std::nullopt);
  EXPECT_FALSE(state().cached_object("HEAD")->has_value());
  EXPECT_TRUE(state().uploads(0, 0)->empty());
}

TEST_P(StateTest, TheLinkIsWhatWasSetLast) {
  WorkspaceLink link = some_link();
  ASSERT_TRUE(state().set_link(link));
  EXPECT_EQ(*state().link(), link);
  link.policy = "keepBoth";
  link.use_gitignore = true;
  ASSERT_TRUE(state().set_link(link));
  EXPECT_EQ(*state().link(), link);
}

TEST_P(StateTest, LinkingToAnotherRepositoryForgetsEverythingElse) {
  const auto fill = [&] {
    ASSERT_TRUE(
        state().commit_base({{id_of_byte<VersionId>(1), id_of_byte<Sha256Digest>(2), 3}, {}},
                            std::vector{some_record("a")}));
    ASSERT_TRUE(state().put_conflict(some_conflict("b")));
    ASSERT_TRUE(state().cache_index(id_of_byte<VersionId>(1), as_bytes("index")));
    ASSERT_TRUE(state().cache_object("HEAD", {to_bytes("head"), "etag"}));
    ASSERT_TRUE(state().remember_uploads(std::vector{id_of_byte<Sha256Digest>(1)}, 10, 0));
  };
  ASSERT_TRUE(state().set_link(some_link(1)));
  fill();
  WorkspaceLink moved = some_link(1);
  moved.store_url = "file:///elsewhere";
  ASSERT_TRUE(state().set_link(moved));
  EXPECT_TRUE(state().base()->has_value())
      << "the same repository at another address is the same repository";

  ASSERT_TRUE(state().set_link(some_link(2)));
  EXPECT_EQ(*state().link(), some_link(2));
  EXPECT_FALSE(state().base()->has_value());
  EXPECT_TRUE(state().file_records()->empty());
  EXPECT_TRUE(state().conflicts()->empty());
  EXPECT_FALSE(state().cached_index(id_of_byte<VersionId>(1))->has_value());
  EXPECT_FALSE(state().cached_object("HEAD")->has_value());
  EXPECT_TRUE(state().uploads(0, 0)->empty());
}

TEST_P(StateTest, RecordsComeBackWholeAndInByteOrder) {
  std::vector<FileRecord> records;
  // "a.b" sorts before "a/b"; upper case before lower; beyond ASCII after.
  for (const char* path : {"Z", "a.b", "a/b", "a0", "b\nc", "\xC3\xA9", "\xF0\x9F\x98\x80"})
    records.push_back(some_record(path));
  records[1].form = ContentForm::chunks;
  records[1].content = sha256(as_bytes("a list"));
  records[2].racy = true;
  std::vector<FileRecord> shuffled(records.rbegin(), records.rend());
  ASSERT_TRUE(state().remember_files(shuffled));
  EXPECT_EQ(*state().file_records(), records);
}

TEST_P(StateTest, ARememberedRecordReplacesTheOneOfItsPath) {
  ASSERT_TRUE(state().remember_files(std::vector{some_record("a", 1), some_record("b", 1)}));
  ASSERT_TRUE(state().remember_files(std::vector{some_record("a", 2)}));
  EXPECT_EQ(*state().file_records(), (std::vector{some_record("a", 2), some_record("b", 1)}));
}

TEST_P(StateTest, ForgetKeepsWhatIsNamed) {
  ASSERT_TRUE(state().remember_files(
      std::vector{some_record("a"), some_record("b"), some_record("c"), some_record("d")}));
  ASSERT_TRUE(state().forget_files_except(std::vector<std::string_view>{"", "b", "bb", "d", "e"}));
  EXPECT_EQ(paths_of(*state().file_records()), (std::vector<std::string>{"b", "d"}));
  ASSERT_TRUE(state().forget_files_except({}));
  EXPECT_TRUE(state().file_records()->empty());
}

TEST_P(StateTest, ConflictsAreKeptByPath) {
  ConflictRecord conflict = some_conflict("b");
  ASSERT_TRUE(state().put_conflict(conflict));
  ASSERT_TRUE(state().put_conflict(some_conflict("a")));
  conflict.copied = true;
  conflict.remote_kind = EntryKind::directory;
  ASSERT_TRUE(state().put_conflict(conflict));
  EXPECT_EQ(*state().conflicts(), (std::vector{some_conflict("a"), conflict}));
  ASSERT_TRUE(state().remove_conflict("a"));
  ASSERT_TRUE(state().remove_conflict("not there"));
  EXPECT_EQ(*state().conflicts(), std::vector{conflict});
}

TEST_P(StateTest, CommittingABaseBringsItsRecords) {
  const BaseVersion base{id_of_byte<VersionId>(7), id_of_byte<Sha256Digest>(8), 0xfffffffffffffff0};
  ASSERT_TRUE(state().commit_base({base, {}}, std::vector{some_record("a")}));
  EXPECT_EQ(*state().base(), base);
  EXPECT_EQ(*state().file_records(), std::vector{some_record("a")});
  ASSERT_TRUE(state().commit_base({{id_of_byte<VersionId>(9), {}, 1}, {}}, {}));
  EXPECT_EQ((*state().base())->version, id_of_byte<VersionId>(9));
  EXPECT_EQ(state().file_records()->size(), 1U);
}

BaseException some_exception(const std::string& path) {
  Entry entry;
  entry.path = path;
  entry.mode = 0640;
  entry.mtime_ns = -7;
  entry.size_bytes = 0xfedcba9876543210;
  entry.sha256 = sha256(as_bytes(path));
  entry.form = ContentForm::chunks;
  entry.content = sha256(as_bytes("chunks of " + path));
  return {path, entry, id_of_byte<VersionId>(5)};
}

BaseRecord some_base(unsigned version, std::uint64_t generation) {
  return {{id_of_byte<VersionId>(version), id_of_byte<Sha256Digest>(version + 1), generation}, {}};
}

TEST_P(StateTest, ABaseHasExceptionsUntilTheNextOne) {
  BaseRecord base = some_base(1, 1);
  base.exceptions = {some_exception(""), some_exception("a"), {"gone", std::nullopt, std::nullopt}};
  ASSERT_TRUE(state().commit_base(base, {}));
  EXPECT_EQ(*state().base_exceptions(), base.exceptions);
  base.exceptions = {some_exception("b")};
  ASSERT_TRUE(state().commit_base(base, {}));
  EXPECT_EQ(*state().base_exceptions(), base.exceptions);
  ASSERT_TRUE(state().commit_base(some_base(2, 2), {}));
  EXPECT_TRUE(state().base_exceptions()->empty());
}

TEST_P(StateTest, AnnouncedPublishesAreKeptUntilTheyAreSettled) {
  BaseRecord first = some_base(1, 4);
  first.exceptions = {some_exception("a")};
  const BaseRecord second = some_base(2, 4);
  const BaseRecord third = some_base(3, 5);
  for (const BaseRecord& publish : {first, second, third})
    ASSERT_TRUE(state().announce_publish(publish));
  EXPECT_EQ(*state().announced_publishes(), (std::vector{third, second, first}));
  EXPECT_TRUE(state().base_exceptions()->empty()) << "not the base's";
  ASSERT_TRUE(state().forget_publishes(4));
  EXPECT_EQ(*state().announced_publishes(), std::vector{third});
  ASSERT_TRUE(state().commit_base(some_base(9, 5), {}));
  EXPECT_TRUE(state().announced_publishes()->empty());
}

TEST_P(StateTest, AnAnnouncedApplyIsKnownUntilTheBaseIsCommittedAndItHasSurelyEnded) {
  EXPECT_EQ(*state().announced_apply(), std::nullopt);
  const BaseVersion version = some_base(1, 4).version;
  const ApplyRecord::Merge a{"a", sha256(as_bytes("a"))};
  const ApplyRecord::Merge b{"b", sha256(as_bytes("b"))};
  ASSERT_TRUE(state().announce_apply({version, {b}}));
  ASSERT_TRUE(state().announce_apply({version, {a}}));
  ASSERT_TRUE(state().announce_apply({version, {}}));
  EXPECT_EQ(*state().announced_apply(), (ApplyRecord{version, {a, b}}));
  const BaseVersion next = some_base(2, 5).version;
  ASSERT_TRUE(state().announce_apply({next, {}}));
  EXPECT_EQ(*state().announced_apply(), (ApplyRecord{next, {}})) << "merges of another version";
  ASSERT_TRUE(state().commit_base(some_base(3, 5), {}, ApplyEnd::unsure));
  EXPECT_EQ(*state().announced_apply(), (ApplyRecord{some_base(3, 5).version, {}}));
  ASSERT_TRUE(state().commit_base(some_base(9, 5), {}));
  EXPECT_EQ(*state().announced_apply(), std::nullopt);
}

TEST_P(StateTest, OnlyTheNewestAnnouncedPublishesAreKept) {
  for (unsigned i = 1; i <= 40; ++i)
    ASSERT_TRUE(state().announce_publish(some_base(i, 1)));
  const auto kept = *state().announced_publishes();
  ASSERT_EQ(kept.size(), 32U);
  EXPECT_EQ(kept.front(), some_base(40, 1));
  EXPECT_EQ(kept.back(), some_base(9, 1));
}

TEST_P(StateTest, AConflictKnowsWhatBothSidesComeFromAndWhoWroteTheOther) {
  ConflictRecord conflict = some_conflict("a");
  conflict.base_version = id_of_byte<VersionId>(77);
  conflict.remote_device = "laptop-B";
  conflict.remote_created_ms = 1'700'000'000'123;
  ASSERT_TRUE(state().put_conflict(conflict));
  EXPECT_EQ(*state().conflicts(), std::vector{conflict});
}

TEST_P(StateTest, TheNewest64IndexesAndThatOfTheBaseAreKept) {
  ASSERT_TRUE(state().cache_index(id_of_byte<VersionId>(1), as_bytes("index 1")));
  ASSERT_TRUE(state().commit_base({{id_of_byte<VersionId>(1), {}, 1}, {}}, {}));
  for (unsigned i = 2; i <= 80; ++i) {
    ASSERT_TRUE(
        state().cache_index(id_of_byte<VersionId>(i), as_bytes("index " + std::to_string(i))));
    // Writing one again must not push others out.
    ASSERT_TRUE(
        state().cache_index(id_of_byte<VersionId>(i), as_bytes("index " + std::to_string(i))));
  }
  for (unsigned i = 1; i <= 80; ++i) {
    const auto found = *state().cached_index(id_of_byte<VersionId>(i));
    EXPECT_EQ(found.has_value(), i == 1 || i > 80 - 64) << i;
    if (found) {
      EXPECT_EQ(as_text(*found), "index " + std::to_string(i));
    }
  }
}

TEST_P(StateTest, CachedObjectsAreReplacedAndDropped) {
  ASSERT_TRUE(state().cache_object("HEAD", {to_bytes("one"), "\"1\""}));
  ASSERT_TRUE(state().cache_object("keys/0", {Bytes{}, ""}));
  ASSERT_TRUE(state().cache_object("HEAD", {to_bytes(std::string_view("t\0wo", 4)), "\"2\""}));
  const auto head = *state().cached_object("HEAD");
  ASSERT_TRUE(head);
  EXPECT_EQ(as_text(head->data), std::string_view("t\0wo", 4));
  EXPECT_EQ(head->etag, "\"2\"");
  ASSERT_TRUE(*state().cached_object("keys/0"));
  EXPECT_TRUE((*state().cached_object("keys/0"))->data.empty());
  ASSERT_TRUE(state().drop_cached_object("HEAD"));
  EXPECT_FALSE(state().cached_object("HEAD")->has_value());
}

TEST_P(StateTest, UploadsCountOnlyWhenRecentAndOfThisEpoch) {
  const auto one = id_of_byte<Sha256Digest>(1);
  const auto two = id_of_byte<Sha256Digest>(2);
  ASSERT_TRUE(state().remember_uploads(std::vector{one, two}, 1000, 5));
  ASSERT_TRUE(state().remember_uploads(std::vector{two}, 2000, 5));
  EXPECT_EQ(state().uploads(1000, 5)->size(), 2U);
  EXPECT_EQ(*state().uploads(1001, 5), std::vector{two});
  EXPECT_TRUE(state().uploads(0, 6)->empty());
  ASSERT_TRUE(state().forget_uploads());
  EXPECT_TRUE(state().uploads(0, 5)->empty());
}

TEST_P(StateTest, ManyThreadsMayUseItAtOnce) {
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (unsigned i = 0; i < 50; ++i) {
        EXPECT_TRUE(state().remember_files(
            std::vector{some_record(std::to_string(t) + "/" + std::to_string(i))}));
        EXPECT_TRUE(state().file_records());
      }
    });
  }
  threads.clear();
  EXPECT_EQ(state().file_records()->size(), 200U);
}

// ---- the file

class StateFileTest : public testing::Test {
 protected:
  std::string path() const { return folder_.path() + "/state.db"; }
  std::unique_ptr<State> open() {
    auto state = open_state_db(path());
    EXPECT_TRUE(state) << state.error().message();
    return state ? *std::move(state) : nullptr;
  }
  std::vector<std::string> damaged_files() const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(folder_.path())) {
      const std::string name = file.path().filename();
      if (name.find(".damaged-") != std::string::npos) names.push_back(name);
    }
    return names;
  }
  // As another program would.
  void run(const char* sql) {
    auto database = Database::open(path(), Database::Mode::create);
    ASSERT_TRUE(database);
    const auto done = database->run(sql);
    ASSERT_TRUE(done) << done.error().message();
  }
  void write(std::string_view text) { ASSERT_TRUE(write_file_atomically(path(), as_bytes(text))); }
  // Overwrites pages of the file, but not the first `from` bytes.
  void damage(std::uint64_t from) {
    const std::uint64_t size = fs::file_size(path());
    const Fd fd(::open(path().c_str(), O_WRONLY | O_CLOEXEC));
    const std::string noise(4096, '\xEE');
    for (std::uint64_t at = from; at + noise.size() <= size; at += noise.size()) {
      ASSERT_EQ(::pwrite(fd.get(), noise.data(), noise.size(), static_cast<off_t>(at)),
                static_cast<ssize_t>(noise.size()));
    }
  }
  TempFolder folder_;
};

TEST_F(StateFileTest, WhatWasWrittenIsThereAfterOpeningAgain) {
  {
    auto state = open();
    ASSERT_TRUE(state->set_link(some_link()));
    ASSERT_TRUE(
        state->commit_base({{id_of_byte<VersionId>(7), {}, 1}, {}}, std::vector{some_record("a")}));
  }
  auto state = open();
  EXPECT_EQ(*state->link(), some_link());
  EXPECT_EQ(*state->file_records(), std::vector{some_record("a")});
  EXPECT_TRUE(damaged_files().empty());
}

TEST_F(StateFileTest, AFileThatIsNoDatabaseIsSetAside) {
  write(std::string(10'000, 'x'));
  auto state = open();
  EXPECT_EQ(*state->link(), std::nullopt);
  ASSERT_EQ(damaged_files().size(), 1U);
  EXPECT_EQ(fs::file_size(folder_.path() + "/" + damaged_files().front()), 10'000U)
      << "kept as it was";
}

TEST_F(StateFileTest, AnEmptyFileIsANewDatabase) {
  write("");
  auto state = open();
  ASSERT_TRUE(state->set_link(some_link()));
  EXPECT_TRUE(damaged_files().empty());
}

// As the first release wrote it.
constexpr const char* kSchema1 = R"(
CREATE TABLE link (id INTEGER PRIMARY KEY CHECK (id = 1), repository BLOB NOT NULL, store_url TEXT NOT NULL,
  slot_name TEXT NOT NULL, policy TEXT NOT NULL, use_gitignore INTEGER NOT NULL);
CREATE TABLE base (id INTEGER PRIMARY KEY CHECK (id = 1), version BLOB NOT NULL, index_sha256 BLOB NOT NULL,
  generation INTEGER NOT NULL);
CREATE TABLE files (path TEXT PRIMARY KEY, device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, mode INTEGER NOT NULL, sha256 BLOB NOT NULL,
  form INTEGER NOT NULL, content BLOB, racy INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE conflicts (path TEXT PRIMARY KEY, copy_path TEXT NOT NULL, remote_version BLOB NOT NULL,
  remote_kind INTEGER NOT NULL, remote_sha256 BLOB NOT NULL, remote_target TEXT NOT NULL, since_ms INTEGER NOT NULL,
  copied INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE indexes (version BLOB PRIMARY KEY, data BLOB NOT NULL, added INTEGER NOT NULL);
CREATE TABLE objects (name TEXT PRIMARY KEY, data BLOB NOT NULL, etag TEXT NOT NULL);
CREATE TABLE uploads (content BLOB PRIMARY KEY, at_ms INTEGER NOT NULL, gc_epoch INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO base VALUES (1, x'01020304050607080910111213141516',
  x'0102030405060708091011121314151617181920212223242526272829303132', 9);
INSERT INTO conflicts VALUES ('a', 'conflict-20260102.030405.a', x'01020304050607080910111213141516', 1,
  x'0102030405060708091011121314151617181920212223242526272829303132', '', 17, 1);
PRAGMA user_version = 1;
)";

TEST_F(StateFileTest, ADatabaseOfTheFirstSchemaIsBroughtUpToDateWithAllThatIsInIt) {
  run(kSchema1);
  auto state = open();
  EXPECT_TRUE(damaged_files().empty());
  ASSERT_TRUE(*state->base());
  EXPECT_EQ((*state->base())->generation, 9U);
  const auto conflicts = *state->conflicts();
  ASSERT_EQ(conflicts.size(), 1U);
  EXPECT_EQ(conflicts[0].path, "a");
  EXPECT_EQ(conflicts[0].since_unix_ms, 17);
  EXPECT_TRUE(conflicts[0].copied);
  EXPECT_EQ(conflicts[0].base_version, std::nullopt);
  EXPECT_TRUE(state->base_exceptions()->empty());
  BaseRecord base = some_base(3, 10);
  base.exceptions = {some_exception("x")};
  ASSERT_TRUE(state->announce_publish(base));
  ASSERT_TRUE(state->commit_base(base, {}));
  state.reset();
  EXPECT_EQ(*open()->base_exceptions(), base.exceptions);
}

TEST_F(StateFileTest, DatabasesOfTheSecondAndThirdSchemaAreBroughtUpToDate) {
  BaseRecord base = some_base(3, 10);
  base.exceptions = {some_exception("x")};
  ASSERT_TRUE(open()->commit_base(base, {}));
  const std::string to_third = "DROP TABLE applying; DROP TABLE applying_merges; ";
  for (const std::string& back : {to_third + "DROP TABLE segments; PRAGMA user_version = 2",
                                  to_third + "PRAGMA user_version = 3"}) {
    run(back.c_str());
    auto state = open();
    EXPECT_TRUE(damaged_files().empty());
    EXPECT_EQ(*state->base_exceptions(), base.exceptions);
    EXPECT_EQ(*state->announced_apply(), std::nullopt);
    ASSERT_TRUE(state->announce_apply({base.version, {}}));
  }
}

TEST_F(StateFileTest, ANewerSchemaIsSetAsideButTheLinkIsTakenOver) {
  ASSERT_TRUE(open()->set_link(some_link()));
  run("PRAGMA user_version = 5");
  auto state = open();
  EXPECT_EQ(*state->link(), some_link());
  EXPECT_FALSE(damaged_files().empty());
}

TEST_F(StateFileTest, AMissingTableIsDamage) {
  ASSERT_TRUE(open()->set_link(some_link()));
  run("DROP TABLE files");
  auto state = open();
  EXPECT_TRUE(state->file_records());
  EXPECT_EQ(*state->link(), some_link());
  EXPECT_FALSE(damaged_files().empty());
}

TEST_F(StateFileTest, TheDatabaseOfAnotherProgramIsSetAside) {
  run("CREATE TABLE theirs (x)");
  auto state = open();
  EXPECT_TRUE(state->file_records());
  EXPECT_FALSE(damaged_files().empty());
}

TEST_F(StateFileTest, DamageFoundLaterIsSetAsideAndTheNextCallWorks) {
  {
    auto state = open();
    ASSERT_TRUE(state->set_link(some_link()));
    std::vector<FileRecord> records;
    for (int i = 0; i < 2000; ++i)
      records.push_back(some_record("folder/" + std::to_string(i)));
    ASSERT_TRUE(state->remember_files(records));
  }
  // The schema, the link and the roots of the tables lie in the first pages.
  damage(16 * 4096);
  auto state = open();
  EXPECT_EQ(*state->link(), some_link());
  EXPECT_TRUE(damaged_files().empty()) << "not noticed yet";
  const auto records = state->file_records();
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error().code(), Code::corrupt);
  EXPECT_FALSE(damaged_files().empty());
  EXPECT_TRUE(state->file_records()->empty());
  EXPECT_EQ(*state->link(), some_link());
  state.reset();
  EXPECT_EQ(*open()->link(), some_link());
}

TEST_F(StateFileTest, ARowThatMakesNoSenseIsDamage) {
  for (const char* sql : {"UPDATE files SET sha256 = x'00'", "UPDATE files SET form = 9",
                          "UPDATE files SET path = ''"}) {
    ASSERT_TRUE(open()->remember_files(std::vector{some_record("a")}));
    run(sql);
    EXPECT_TRUE(open()->file_records().failed_with(Code::corrupt)) << sql;
  }
}

TEST_F(StateFileTest, AFolderReachedThroughASymlinkIsFine) {
  fs::create_directory(folder_.path() + "/real");
  fs::create_directory_symlink(folder_.path() + "/real", folder_.path() + "/link");
  auto state = open_state_db(folder_.path() + "/link/state.db");
  ASSERT_TRUE(state) << state.error().message();
  ASSERT_TRUE((*state)->set_link(some_link()));
  EXPECT_TRUE(fs::exists(folder_.path() + "/real/state.db"));
}

TEST_F(StateFileTest, ADatabaseThatIsASymlinkIsNotFollowed) {
  write("precious");
  fs::rename(path(), folder_.path() + "/precious");
  fs::create_symlink(folder_.path() + "/precious", path());
  EXPECT_FALSE(open_state_db(path()));
  EXPECT_EQ(as_text(*read_file(folder_.path() + "/precious", 100)), "precious");
}

// Runs `body` as an ordinary user in a child process; its result is the child's.
template <class Body>
void as_ordinary_user(const std::string& folder, Body body) {
  if (::getuid() == 0) {
    ASSERT_EQ(::chown(folder.c_str(), 65534, 65534), 0);
  }
  const pid_t child = ::fork();
  if (child == 0) {
    if (::getuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(2);
    ::_exit(body() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(StateFileTest, InAFolderThatCannotBeWrittenWhatIsThereCanBeRead) {
  fs::permissions(folder_.path(), fs::perms::all);
  as_ordinary_user(folder_.path(), [&] {
    if (!(*open_state_db(path()))->set_link(some_link())) return false;
    if (::chmod(folder_.path().c_str(), 0555) != 0 || ::chmod(path().c_str(), 0444) != 0)
      return false;
    auto state = open_state_db(path());
    const bool can_read = state && *(*state)->link() == some_link();
    const bool cannot_write = state && (*state)->set_link(some_link(2)).failed_with(Code::denied);
    ::chmod(folder_.path().c_str(), 0755);
    return can_read && cannot_write;
  });
}

TEST_F(StateFileTest, AKilledWriterLeavesWholeTransactionsOnly) {
  constexpr unsigned kRounds = 12;
  constexpr unsigned kFiles = 60;
  unsigned last_seen = 0;
  for (unsigned round = 0; round < kRounds; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto state = open_state_db(path());
      for (unsigned n = last_seen + 1; state; ++n) {
        std::vector<FileRecord> records;
        for (unsigned i = 0; i < kFiles; ++i)
          records.push_back(some_record("file " + std::to_string(i), n));
        if (!(*state)->commit_base({{id_of_byte<VersionId>(n & 0xff), {}, n}, {}}, records)) break;
      }
      ::_exit(1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(25 + 7 * round));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));

    auto state = open();
    const auto base = *state->base();
    const auto records = *state->file_records();
    if (!base) {
      EXPECT_TRUE(records.empty());
      continue;
    }
    const auto n = static_cast<unsigned>(base->generation);
    EXPECT_GE(n, last_seen) << "what was committed stays";
    ASSERT_EQ(records.size(), kFiles);
    for (const FileRecord& record : records)
      EXPECT_EQ(record, some_record(record.path, n));
    last_seen = n;
  }
  EXPECT_GT(last_seen, 0U);
  EXPECT_TRUE(damaged_files().empty());
}

}  // namespace
}  // namespace mikura
