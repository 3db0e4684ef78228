// The command as a whole: what needs no working copy, and output that cannot be written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "cli/cli_test_support.h"
#include "cli/run.h"

namespace mikura {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

VersionInfo version(unsigned char number, const std::string& message = "") {
  VersionInfo info;
  info.version = version_id(number);
  info.message = message;
  return info;
}

class OutputTest : public CommandTest {};

// doctor, version, key.

TEST_F(OutputTest, DoctorFailsIfACheckFailed) {
  world_.checks = {{"key", DoctorCheck::State::ok, "opens", ""},
                   {"clock", DoctorCheck::State::warning, "5 s off", "Set it."}};
  const Ran ran = go({"doctor"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.out, HasSubstr("warning   clock                     5 s off\n"));
  EXPECT_THAT(ran.out, HasSubstr("Set it.\n"));
  world_.checks.push_back({"store.reachable", DoctorCheck::State::failed, "no answer", "Wait."});
  EXPECT_EQ(go({"doctor"}).exit, 1);
  const Json json = go({"doctor", "--json"}).json();
  EXPECT_EQ(json.at("healthy"), false);
  EXPECT_EQ(json.at("checks").at(2).at("state"), "failed");
}

TEST_F(OutputTest, TheVersionIsPrintedEitherWay) {
  EXPECT_EQ(go({"version"}).out, "mikura " MIKURA_VERSION "\n");
  EXPECT_EQ(go({"--version"}).out, "mikura " MIKURA_VERSION "\n");
  EXPECT_EQ(go({"version", "--json"}).json().at("version"), MIKURA_VERSION);
}

TEST_F(OutputTest, AGeneratedKeyFileIsPrivateAndNeverOverwrites) {
  const std::string path = state_ / "k";
  ::umask(0);
  const Ran ran = go({"key", "generate", path});
  ASSERT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.err, HasSubstr("there is no way back"));
  EXPECT_THAT(ran.out, Not(HasSubstr("MIKURA-KEY")));
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const std::string first = read_text(path);
  EXPECT_THAT(first, StartsWith("MIKURA-KEY-1"));
  EXPECT_EQ(go({"key", "generate", path}).exit, 1);
  EXPECT_EQ(read_text(path), first);
  EXPECT_EQ(go({"key", "generate", state_ / "no/such/folder"}).exit, 1);
}

TEST_F(OutputTest, AKeyWithoutAFileIsPrinted) {
  const Ran ran = go({"key", "generate"});
  EXPECT_THAT(ran.out, StartsWith("MIKURA-KEY-1"));
  EXPECT_THAT(ran.err, HasSubstr("Whoever has this key"));
  EXPECT_THAT(std::string(go({"key", "generate", "--json"}).json().at("key")),
              StartsWith("MIKURA-KEY-1"));
  EXPECT_NE(go({"key", "generate"}).out, ran.out);
}

// Output that cannot be written.

TEST_F(OutputTest, AFullDiskUnderStdoutIsAnError) {
  std::FILE* const full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  const MemoryFile err;
  world_.versions = {version(1)};
  const int exit =
      run_command({"log"}, fake_engine(world_), {full, err.get(), false, false, false}, {});
  EXPECT_EQ(exit, 1);
  EXPECT_THAT(err.text(), HasSubstr("standard output"));
  std::fclose(full);
}

TEST_F(OutputTest, AReaderThatGoesAwayIsNoError) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  std::FILE* const out = ::fdopen(ends[1], "w");
  const MemoryFile err;
  world_.known_versions["HEAD"] = version_id(1);
  world_.contents["f"] = std::string(1 << 20, 'x');
  for (unsigned char i = 0; i < 200; ++i)
    world_.versions.push_back(version(i, std::string(500, 'm')));
  const Streams streams{out, err.get(), false, false, false};
  EXPECT_EQ(run_command({"cat", "HEAD", "f"}, fake_engine(world_), streams, {}), 0);
  EXPECT_EQ(run_command({"log", "--all"}, fake_engine(world_), streams, {}), 0);
  EXPECT_THAT(err.text(), IsEmpty());
  std::fclose(out);
}

}  // namespace
}  // namespace mikura
