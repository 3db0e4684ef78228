#include "store/dir_store.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <set>

#include "base/clock.h"
#include "store/blob_store_suite.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;

// A second kind of file system, where there is one: folders in memory keep their entries in another
// order and never wait for a disk.
std::string memory_folder() {
  std::string pattern = fs::is_directory("/dev/shm") && ::access("/dev/shm", W_OK) == 0
                            ? "/dev/shm/mikura-test-XXXXXX"
                            : fs::temp_directory_path() / "mikura-test-XXXXXX";
  const char* const made = ::mkdtemp(pattern.data());
  EXPECT_NE(made, nullptr);
  return pattern;
}

class MemoryFolder {
 public:
  MemoryFolder() : path_(memory_folder()) {}
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;
  ~MemoryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

template <class Folder>
class DirUnderTest final : public StorageUnderTest {
 public:
  explicit DirUnderTest(DirStoreOptions options) : options_(options) {}
  std::unique_ptr<BlobStore> open() override {
    auto store = open_dir_store(folder_.path(), options_);
    EXPECT_TRUE(store) << store.error().message();
    return store ? *std::move(store) : nullptr;
  }

 private:
  const DirStoreOptions options_;
  const Folder folder_;
};

template <class Folder>
StoreSuiteCase suite_case(std::string name, DirStoreOptions options) {
  return {.name = std::move(name),
          .make = [options] { return std::make_unique<DirUnderTest<Folder>>(options); }};
}

INSTANTIATE_TEST_SUITE_P(
    Dir, BlobStoreSuite,
    testing::Values(
        suite_case<TempFolder>("Dir", {}), suite_case<MemoryFolder>("DirInMemory", {}),
        // What file systems without RENAME_NOREPLACE, without links too, and with a useless syncfs
        // get.
        suite_case<MemoryFolder>("DirByLink", {.placement = DirStoreOptions::Placement::link}),
        suite_case<MemoryFolder>("DirByLock", {.placement = DirStoreOptions::Placement::lock}),
        suite_case<MemoryFolder>("DirFlushingEachFile", {.flush_each_file = true})),
    store_case_name);

class DirStoreTest : public testing::Test {
 protected:
  void SetUp() override { store_ = open(); }

  std::unique_ptr<BlobStore> open() {
    auto store = open_dir_store(root(), {});
    EXPECT_TRUE(store) << store.error().message();
    return store ? *std::move(store) : nullptr;
  }

  std::string put(std::string_view name, std::string_view text,
                  const PutCondition& condition = PutCondition::none()) {
    auto etag = store_->put(name, as_bytes(text), condition, {});
    EXPECT_TRUE(etag) << name << ": " << etag.error().message();
    return etag ? *etag : std::string();
  }

  std::string get(std::string_view name) {
    auto blob = get_whole(*store_, name, kMaxObjectSizeBytes, {});
    EXPECT_TRUE(blob) << name << ": " << blob.error().message();
    return blob ? std::string(as_text(blob->data)) : std::string();
  }

  std::string etag_of(std::string_view name) {
    auto blob = get_whole(*store_, name, kMaxObjectSizeBytes, {});
    EXPECT_TRUE(blob) << name << ": " << blob.error().message();
    return blob ? blob->etag : std::string();
  }

  std::size_t temporaries() const {
    if (!fs::exists(folder_ / "store/.tmp")) return 0;
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_ / "store/.tmp"), {}));
  }

  std::string root() const {
    fs::create_directories(folder_ / "store");
    return folder_ / "store";
  }

  // Runs `body` in another process; true if it returned true. For what must not happen to the
  // test's own process.
  static bool in_child(const std::function<bool()>& body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body() && !testing::Test::HasFailure() ? 0 : 1);
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  const TempFolder folder_;
  std::unique_ptr<BlobStore> store_;
};

TEST_F(DirStoreTest, ObjectsAreFilesWithTheirNames) {
  put("HEAD", "head");
  put("objects/ab/abcd", "body", PutCondition::if_absent());
  EXPECT_EQ(read_text(folder_ / "store/HEAD"), "head");
  EXPECT_EQ(read_text(folder_ / "store/objects/ab/abcd"), "body");
  EXPECT_EQ(temporaries(), 0U);
}

TEST_F(DirStoreTest, AStoreCopiedByOtherToolsIsAStore) {
  put("HEAD", "head");
  put("objects/ab/abcd", "body");
  fs::copy(root(), folder_ / "copy", fs::copy_options::recursive);
  auto copy = open_dir_store(folder_ / "copy", {});
  ASSERT_TRUE(copy);
  auto blob = get_whole(**copy, "objects/ab/abcd", 100, {});
  ASSERT_TRUE(blob);
  EXPECT_EQ(as_text(blob->data), "body");
  EXPECT_TRUE((*copy)->put("HEAD", as_bytes("next"),
                           PutCondition::if_match(get_whole(**copy, "HEAD", 100, {})->etag), {}));
}

TEST_F(DirStoreTest, OpeningSaysWhatIsWrongWithTheFolder) {
  auto missing = open_dir_store(folder_ / "absent", {});
  ASSERT_TRUE(missing.failed_with(Code::not_found));
  EXPECT_NE(missing.error().message().find(folder_ / "absent"), std::string::npos);
  EXPECT_FALSE(missing.error().hint().empty());
  write_text(folder_ / "file", "x");
  EXPECT_TRUE(open_dir_store(folder_ / "file", {}).failed_with(Code::invalid));
  EXPECT_TRUE(open_dir_store(folder_ / "new/deep", {.create = true}));
  EXPECT_TRUE(fs::is_directory(folder_ / "new/deep"));
}

TEST_F(DirStoreTest, OpeningWritesNothing) {
  ASSERT_TRUE(store_);
  EXPECT_TRUE(fs::is_empty(root()));
  EXPECT_TRUE(store_->get("HEAD", {}, {}).failed_with(Code::not_found));
  EXPECT_TRUE(store_->list("", "", {}));
  EXPECT_TRUE(store_->remove("HEAD", std::nullopt, {}));
  EXPECT_TRUE(store_->put("HEAD", as_bytes("x"), PutCondition::if_match("y"), {})
                  .failed_with(Code::conflict));
  EXPECT_TRUE(fs::is_empty(root()));
}

TEST_F(DirStoreTest, DescribesItselfAsItsUrl) {
  EXPECT_EQ(store_->describe(), "file://" + root());
}

TEST_F(DirStoreTest, AListingPassesOverWhatIsNoObject) {
  put("keys/a", "x");
  write_text(root() + "/.DS_Store", "x");
  write_text(root() + "/keys/.nfs0001", "x");
  write_text(root() + "/keys/a copy", "x");
  write_text(root() + "/lost+found/x", "x");
  fs::create_directories(root() + "/empty");
  auto listed = list_all(*store_, "", {});
  ASSERT_TRUE(listed) << listed.error().message();
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().name, "keys/a");
}

TEST_F(DirStoreTest, ALinkedFolderIsNeitherFollowedNorTakenForEmpty) {
  fs::create_directories(folder_ / "outside/ab");
  write_text(folder_ / "outside/ab/x", "outside");
  fs::create_directory_symlink(folder_ / "outside", root() + "/objects");
  EXPECT_TRUE(store_->get("objects/ab/x", {}, {}).failed_with(Code::io));
  EXPECT_TRUE(
      store_->put("objects/ab/y", as_bytes("y"), PutCondition::none(), {}).failed_with(Code::io));
  EXPECT_TRUE(store_->remove("objects/ab/x", std::nullopt, {}).failed_with(Code::io));
  EXPECT_TRUE(store_->list("objects/", "", {}).failed_with(Code::io));
  EXPECT_TRUE(store_->list("", "", {}).failed_with(Code::io));
  EXPECT_TRUE(store_->list("keys/", "", {}));
  EXPECT_EQ(read_text(folder_ / "outside/ab/x"), "outside");
  EXPECT_FALSE(fs::exists(folder_ / "outside/ab/y"));
}

TEST_F(DirStoreTest, ALinkedObjectIsNeitherReadNorWrittenThrough) {
  write_text(folder_ / "outside", "outside");
  fs::create_symlink(folder_ / "outside", root() + "/HEAD");
  EXPECT_TRUE(store_->get("HEAD", {}, {}).failed_with(Code::io));
  EXPECT_TRUE(store_->get_range("HEAD", 0, 1, {}).failed_with(Code::io));
  EXPECT_TRUE(store_->put("HEAD", as_bytes("x"), PutCondition::none(), {}).failed_with(Code::io));
  EXPECT_TRUE(
      store_->put("HEAD", as_bytes("x"), PutCondition::if_absent(), {}).failed_with(Code::io));
  EXPECT_TRUE(
      store_->put("HEAD", as_bytes("x"), PutCondition::if_match("e"), {}).failed_with(Code::io));
  EXPECT_TRUE(store_->remove("HEAD", std::nullopt, {}).failed_with(Code::io));
  EXPECT_TRUE(fs::is_symlink(root() + "/HEAD"));
  EXPECT_EQ(read_text(folder_ / "outside"), "outside");
  EXPECT_EQ(temporaries(), 0U);
}

TEST_F(DirStoreTest, ALinkedTemporaryFolderIsNotWrittenTo) {
  fs::create_directories(folder_ / "outside");
  fs::create_directory_symlink(folder_ / "outside", root() + "/.tmp");
  EXPECT_TRUE(store_->put("HEAD", as_bytes("x"), PutCondition::none(), {}).failed_with(Code::io));
  EXPECT_TRUE(fs::is_empty(folder_ / "outside"));
}

TEST_F(DirStoreTest, APipeWithTheNameOfAnObjectDoesNotBlock) {
  ASSERT_EQ(::mkfifo((root() + "/HEAD").c_str(), 0600), 0);
  EXPECT_TRUE(store_->get("HEAD", {}, {}).failed_with(Code::io));
  EXPECT_TRUE(store_->put("HEAD", as_bytes("x"), PutCondition::none(), {}).failed_with(Code::io));
  EXPECT_TRUE(store_->list("HEAD", "", {}).failed_with(Code::io));
}

TEST_F(DirStoreTest, AFolderInTheWayOfAnObjectIsAnError) {
  put("a/b", "x");
  for (const PutCondition& condition : {PutCondition::none(), PutCondition::if_absent()}) {
    EXPECT_TRUE(store_->put("a", as_bytes("y"), condition, {}).failed_with(Code::io));
  }
  EXPECT_TRUE(
      store_->put("a", as_bytes("y"), PutCondition::if_match("e"), {}).failed_with(Code::conflict));
  EXPECT_TRUE(store_->put("a/b/c", as_bytes("y"), PutCondition::none(), {}).failed_with(Code::io));
  EXPECT_TRUE(store_->get("a/b/c", {}, {}).failed_with(Code::not_found));
  EXPECT_EQ(get("a/b"), "x");
  EXPECT_EQ(temporaries(), 0U);
}

TEST_F(DirStoreTest, OldTemporaryFilesAreRemovedAtOpening) {
  put("HEAD", "x");
  write_text(root() + "/.tmp/old", "x");
  write_text(root() + "/.tmp/young", "x");
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(root() + "/.tmp/old", now - std::chrono::hours(25));
  fs::last_write_time(root() + "/.tmp/young", now - std::chrono::hours(23));
  ASSERT_TRUE(open());
  EXPECT_FALSE(fs::exists(root() + "/.tmp/old"));
  EXPECT_TRUE(fs::exists(root() + "/.tmp/young"));
}

TEST_F(DirStoreTest, WorkContinuesWhenSomebodyTidiesTheHiddenFiles) {
  const std::string etag = put("HEAD", "1");
  const std::string next = put("HEAD", "2", PutCondition::if_match(etag));
  fs::remove_all(root() + "/.tmp");
  fs::remove(root() + "/.lock");
  put("HEAD", "3", PutCondition::if_match(next));
  EXPECT_EQ(get("HEAD"), "3");
}

TEST_F(DirStoreTest, AFailingWriteLeavesTheObjectAndNoTemporaryFile) {
  put("HEAD", "before");
  EXPECT_TRUE(in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 10'000, .rlim_max = 10'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    const Bytes large(20'000);
    return store_->put("HEAD", large, PutCondition::none(), {}).failed_with(Code::full) &&
           store_->put("new", large, PutCondition::if_absent(), {}).failed_with(Code::full) &&
           temporaries() == 0;
  }));
  EXPECT_EQ(get("HEAD"), "before");
  EXPECT_TRUE(store_->get("new", {}, {}).failed_with(Code::not_found));
}

TEST_F(DirStoreTest, AFolderThatMayOnlyBeReadCanBeRead) {
  const std::string etag = put("HEAD", "head");
  put("keys/a", "x");
  store_.reset();
  fs::permissions(folder_.path(), fs::perms(0755));
  for (const char* folder : {"", "/keys", "/.tmp"})
    fs::permissions(root() + folder, fs::perms(0555));
  EXPECT_TRUE(in_child([&] {
    // Permissions mean nothing to root.
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return false;
    store_ = open();
    EXPECT_EQ(get("HEAD"), "head");
    EXPECT_EQ(list_all(*store_, "", {})->size(), 2U);
    EXPECT_EQ(as_text(*store_->get_range("keys/a", 0, 5, {})), "x");
    EXPECT_TRUE(
        store_->put("HEAD", as_bytes("y"), PutCondition::none(), {}).failed_with(Code::denied));
    EXPECT_TRUE(store_->put("HEAD", as_bytes("y"), PutCondition::if_match(etag), {})
                    .failed_with(Code::denied));
    EXPECT_TRUE(
        store_->put("b/c", as_bytes("y"), PutCondition::if_absent(), {}).failed_with(Code::denied));
    EXPECT_TRUE(store_->remove("HEAD", std::nullopt, {}).failed_with(Code::denied));
    EXPECT_TRUE(store_->remove("HEAD", etag, {}).failed_with(Code::denied));
    EXPECT_TRUE(store_->remove("absent", std::nullopt, {}));
    EXPECT_TRUE(store_->flush({}));
    return true;
  }));
  for (const char* folder : {"", "/keys", "/.tmp"})
    fs::permissions(root() + folder, fs::perms(0755));
}

TEST_F(DirStoreTest, AFileWhoseTimeWasRoundedHasAnEtagOfItsBytes) {
  put("HEAD", "body 1");
  const timespec whole_second[2] = {{.tv_sec = 1'700'000'000, .tv_nsec = 0},
                                    {.tv_sec = 1'700'000'000, .tv_nsec = 0}};
  const auto round_time = [&] {
    return ::utimensat(AT_FDCWD, (root() + "/HEAD").c_str(), whole_second, 0) == 0;
  };
  ASSERT_TRUE(round_time());
  const std::string first = etag_of("HEAD");
  EXPECT_EQ(list_all(*store_, "HEAD", {})->front().etag, first);
  GetOptions options;
  options.unless_etag = first;
  EXPECT_FALSE(store_->get("HEAD", options, {})->has_value());

  // In place, of the same size, with the same time: only the bytes tell.
  write_text(root() + "/HEAD", "body 2");
  ASSERT_TRUE(round_time());
  const std::string second = etag_of("HEAD");
  EXPECT_NE(first, second);
  EXPECT_TRUE(store_->put("HEAD", as_bytes("x"), PutCondition::if_match(first), {})
                  .failed_with(Code::conflict));
  put("HEAD", "body 3", PutCondition::if_match(second));
  ASSERT_TRUE(round_time());
  EXPECT_TRUE(store_->remove("HEAD", second, {}).failed_with(Code::conflict));
  EXPECT_TRUE(store_->remove("HEAD", etag_of("HEAD"), {}));
}

TEST_F(DirStoreTest, AHardLinkDoesNotChangeTheEtag) {
  const std::string etag = put("HEAD", "body");
  fs::create_hard_link(root() + "/HEAD", folder_ / "snapshot");
  EXPECT_EQ(etag_of("HEAD"), etag);
  put("HEAD", "next", PutCondition::if_match(etag));
  EXPECT_EQ(read_text(folder_ / "snapshot"), "body")
      << "a snapshot of the store has been written through";
}

TEST_F(DirStoreTest, ASwapIsStampedLaterThanWhatItReplacesWhateverTheClockSays) {
  // A machine whose clock is years ahead wrote the object.
  put("HEAD", "body 1");
  const timespec future[2] = {{.tv_sec = 4'000'000'000, .tv_nsec = 5},
                              {.tv_sec = 4'000'000'000, .tv_nsec = 5}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (root() + "/HEAD").c_str(), future, 0), 0);
  auto before = fs::last_write_time(root() + "/HEAD");
  for (int i = 0; i < 10; ++i) {
    put("HEAD", "body 2", PutCondition::if_match(etag_of("HEAD")));
    const auto after = fs::last_write_time(root() + "/HEAD");
    EXPECT_GT(after, before);
    before = after;
  }
}

TEST_F(DirStoreTest, ListingsShowTheStoragesClockAndNotTheStamp) {
  put("HEAD", "body");
  const timespec future[2] = {{.tv_sec = 4'000'000'000, .tv_nsec = 5},
                              {.tv_sec = 4'000'000'000, .tv_nsec = 5}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (root() + "/HEAD").c_str(), future, 0), 0);
  const std::int64_t shown = list_all(*store_, "HEAD", {})->front().modified_unix_ms;
  EXPECT_LT(std::abs(shown - system_clock().unix_ms()), 60'000);
}

TEST_F(DirStoreTest, AStoreThatFlushesEachFileKeepsItsListShort) {
  const MemoryFolder folder;
  auto store = open_dir_store(folder.path(), {.flush_each_file = true});
  ASSERT_TRUE(store);
  for (int i = 0; i < 1100; ++i) {
    ASSERT_TRUE((*store)->put("objects/" + std::to_string(i % 7) + "/" + std::to_string(i),
                              as_bytes("x"), PutCondition::none(), {}));
  }
  EXPECT_TRUE((*store)->flush({}));
}

}  // namespace
}  // namespace mikura
