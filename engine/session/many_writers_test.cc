// Sixteen machines that publish at once, again and again, to one repository: a folder, and a real
// S3 server if MIKURA_TEST_S3_ENDPOINT names one. All get through, nothing is lost, and the history
// is one line.
//
// MIKURA_MANY_WRITERS_ROUNDS=N: how often each publishes.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <thread>

#include "base/guarded.h"
#include "session/session.h"
#include "testing/s3_bucket.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

constexpr unsigned kWriters = 16;

unsigned rounds_or(unsigned usual) {
  const char* const set = std::getenv("MIKURA_MANY_WRITERS_ROUNDS");
  return set != nullptr ? static_cast<unsigned>(std::atoi(set)) : usual;
}

Environment environment_of(const TempFolder& client, const std::string& name) {
  Environment environment;
  environment.client_folder = client.path();
  environment.author = "tester@" + name;
  environment.device_name = name;
  environment.program = "mikura test";
  environment.concurrency = 4;
  environment.key = [](const KeyRequest&) -> Result<KeySource> {
    ByteArray<32> bytes;
    bytes.fill(std::byte{7});
    return KeySource::key(UserKey(bytes));
  };
  return environment;
}

struct Writer {
  explicit Writer(const std::string& writer_name) : name(writer_name) {}
  std::string name;
  TempFolder folder, client;
  std::unique_ptr<Session> session;
  std::uint64_t attempts = 0, most_attempts = 0;
  std::string failure;
};

std::string file_of(const Writer& writer, unsigned round) {
  return writer.name + "/" + std::to_string(round);
}

// One file of its own and one line in a file of its own, in each round.
void write_and_publish(Writer& writer, unsigned rounds) {
  for (unsigned round = 0; round < rounds; ++round) {
    write_text(writer.folder / file_of(writer, round), "written in round " + std::to_string(round));
    write_text(writer.folder / ("latest of " + writer.name), std::to_string(round));
    SyncRequest request;
    request.message = file_of(writer, round);
    const auto report = writer.session->sync(request, {});
    if (!report || !report->published || !report->conflicts.empty()) {
      writer.failure = report ? "round " + std::to_string(round) + ": not published, or a conflict"
                              : report.error().message();
      return;
    }
    writer.attempts += report->publish_attempts;
    writer.most_attempts = std::max(writer.most_attempts, report->publish_attempts);
  }
}

// Every version has one parent, and is one writer's one round.
void expect_one_line_of_versions(Session& session, unsigned rounds,
                                 const std::vector<std::unique_ptr<Writer>>& writers) {
  std::multiset<std::string> messages;
  std::uint64_t expected_generation = std::uint64_t{kWriters} * rounds;
  std::optional<VersionId> expected;
  const auto listed = session.log({},
                                  [&](const VersionInfo& version) {
                                    EXPECT_EQ(version.generation, expected_generation--);
                                    if (expected) {
                                      EXPECT_EQ(version.version, *expected);
                                    }
                                    expected = version.parent;
                                    EXPECT_LE(version.added, 2U)
                                        << "its own file and, the first time, its latest";
                                    EXPECT_EQ(version.removed, 0U);
                                    messages.insert(version.message);
                                    return true;
                                  },
                                  {});
  ASSERT_TRUE(listed) << listed.error().message();
  EXPECT_EQ(expected, std::nullopt) << "the first has no parent";
  EXPECT_EQ(messages.size(), std::size_t{kWriters} * rounds);
  for (const auto& writer : writers) {
    for (unsigned round = 0; round < rounds; ++round)
      EXPECT_EQ(messages.count(file_of(*writer, round)), 1U);
  }
}

void expect_every_edit(const Writer& reader, unsigned rounds,
                       const std::vector<std::unique_ptr<Writer>>& writers) {
  for (const auto& writer : writers) {
    for (unsigned round = 0; round < rounds; ++round) {
      ASSERT_EQ(read_text(reader.folder / file_of(*writer, round)),
                "written in round " + std::to_string(round));
    }
    EXPECT_EQ(read_text(reader.folder / ("latest of " + writer->name)), std::to_string(rounds - 1));
  }
}

void publish_all_at_once(const std::string& url, unsigned rounds) {
  std::vector<std::unique_ptr<Writer>> writers;
  for (unsigned i = 0; i < kWriters; ++i) {
    writers.push_back(std::make_unique<Writer>("writer " + std::to_string(i)));
    Writer& writer = *writers.back();
    const Environment environment = environment_of(writer.client, writer.name);
    const auto linked = i == 0 ? init_repository({url, writer.folder.path()}, environment, {})
                               : link_folder({url, writer.folder.path()}, environment, {});
    ASSERT_TRUE(linked) << linked.error().message();
    writer.session = *Session::open(writer.folder.path(), environment);
  }
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (auto& writer : writers)
      threads.emplace_back([&writer, rounds] { write_and_publish(*writer, rounds); });
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::uint64_t attempts = 0;
  std::uint64_t most = 0;
  for (const auto& writer : writers) {
    EXPECT_EQ(writer->failure, "") << writer->name;
    attempts += writer->attempts;
    most = std::max(most, writer->most_attempts);
  }
  std::cout << kWriters << " writers, " << rounds << " publishes each: " << took.count() << " s, "
            << attempts << " attempts, at most " << most << " for one publish\n";
  Writer& reader = *writers.front();
  ASSERT_TRUE(reader.session->sync({}, {}));
  expect_every_edit(reader, rounds, writers);
  expect_one_line_of_versions(*reader.session, rounds, writers);
}

TEST(ManyWriters, AllGetThroughInAFolder) {
  TempFolder store;
  publish_all_at_once("file://" + store.path(), rounds_or(6));
}

TEST(ManyWriters, AllGetThroughOnARealS3Server) {
  const char* const endpoint = std::getenv("MIKURA_TEST_S3_ENDPOINT");
  if (endpoint == nullptr || *endpoint == '\0')
    GTEST_SKIP() << "no S3 server: MIKURA_TEST_S3_ENDPOINT is not set";
  auto bucket = S3Bucket::create(endpoint, "us-east-1");
  // A server that has just been started answers, but is not ready yet.
  for (int i = 0; i < 20 && !bucket; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    bucket = S3Bucket::create(endpoint, "us-east-1");
  }
  ASSERT_TRUE(bucket) << bucket.error().message();
  const std::string url = "s3://" + (*bucket)->name() + "/many?endpoint=" + endpoint +
                          "&region=us-east-1&path_style=true";
  publish_all_at_once(url, rounds_or(25));
}

}  // namespace
}  // namespace mikura
