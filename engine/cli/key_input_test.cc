#include "cli/key_input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/file.h"
#include "crypto/user_key.h"
#include "testing/temp_folder.h"
#include "wire/key_text.h"

namespace mikura {
namespace {

using namespace std::chrono_literals;

std::string key_text(unsigned char fill) {
  ByteArray<32> bytes;
  bytes.fill(static_cast<std::byte>(fill));
  return std::string(as_text(format_user_key(UserKey(bytes)).expose()));
}

void write_secret(const std::string& path, std::string_view text, mode_t mode = 0600) {
  write_text(path, text);
  ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

// The first byte of a key; -1 for a passphrase or an error.
int fill_of(const Result<KeySource>& source) {
  if (!source || source->is_passphrase()) return -1;
  return std::to_integer<int>(std::get<UserKey>(source->secret).expose()[0]);
}

std::string passphrase_of(const Result<KeySource>& source) {
  if (!source || !source->is_passphrase()) return "(not a passphrase)";
  return std::string(as_text(std::get<SecretBytes>(source->secret).expose()));
}

KeyRequest request(bool creating = false) {
  return {RepositoryId(), "file:///store", creating, true, true};
}

class KeyInputTest : public testing::Test {
 protected:
  TempFolder folder_;
};

TEST(KeyText, AKeyLineIsAKeyWhateverIsAroundIt) {
  const std::string key = key_text(7);
  for (const std::string& text :
       {key, key + "\n", "# made today\n\n" + key + "\r\n", "\xEF\xBB\xBF" + key, "  " + key}) {
    EXPECT_EQ(fill_of(parse_key_text(as_bytes(text), false, "it")), 7) << text;
  }
}

TEST(KeyText, AnythingElseIsAPassphraseUpToTheEndOfItsFirstLine) {
  EXPECT_EQ(passphrase_of(parse_key_text(as_bytes("correct horse\r\nbattery"), false, "it")),
            "correct horse");
  EXPECT_EQ(passphrase_of(parse_key_text(as_bytes("#hash is a fine start"), false, "it")),
            "#hash is a fine start");
}

TEST(KeyText, ADamagedKeyIsNoPassphrase) {
  std::string key = key_text(7);
  key[20] = key[20] == 'Q' ? 'P' : 'Q';
  const auto parsed = parse_key_text(as_bytes(key), false, "the key file k");
  ASSERT_TRUE(parsed.failed_with(Code::invalid));
  EXPECT_EQ(parsed.error().message().find(key.substr(15, 10)), std::string::npos);
}

TEST(KeyText, NothingIsNeither) {
  EXPECT_TRUE(parse_key_text({}, false, "it").failed_with(Code::invalid));
  EXPECT_TRUE(parse_key_text(as_bytes("\nsecond line"), false, "it").failed_with(Code::invalid));
}

TEST(KeyText, ANewPassphraseHasTwelveCharactersNotBytes) {
  EXPECT_TRUE(parse_key_text(as_bytes("elevenchars"), true, "it").failed_with(Code::invalid));
  EXPECT_TRUE(parse_key_text(as_bytes("twelve chars"), true, "it"));
  EXPECT_TRUE(parse_key_text(as_bytes("短い合言葉"), true, "it").failed_with(Code::invalid));
  EXPECT_TRUE(parse_key_text(as_bytes("十二文字の長さがある合言"), true, "it"));
  // An old repository may have a shorter one.
  EXPECT_TRUE(parse_key_text(as_bytes("short"), false, "it"));
}

TEST_F(KeyInputTest, AKeyFileThatOthersCanReadIsRefused) {
  const std::string path = folder_ / "k";
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0644}) {
    write_secret(path, key_text(1), mode);
    const auto key = read_key_file(path, false, {});
    ASSERT_TRUE(key.failed_with(Code::refused)) << mode;
    EXPECT_NE(key.error().hint().find("chmod 600"), std::string::npos);
  }
  write_secret(path, key_text(1), 0400);
  EXPECT_EQ(fill_of(read_key_file(path, false, {})), 1);
}

TEST_F(KeyInputTest, AKeyFileThatIsNotThereIsNotFound) {
  EXPECT_TRUE(read_key_file(folder_ / "none", false, {}).failed_with(Code::not_found));
  EXPECT_TRUE(read_key_file(folder_.path(), false, {}).failed_with(Code::invalid));
}

TEST_F(KeyInputTest, AKeyFileThatIsTooLongIsNoKey) {
  write_secret(folder_ / "k", std::string(kMaxKeyTextBytes + 1, 'a'));
  EXPECT_TRUE(read_key_file(folder_ / "k", false, {}).failed_with(Code::invalid));
  write_secret(folder_ / "k", std::string(kMaxKeyTextBytes, 'a'));
  EXPECT_TRUE(read_key_file(folder_ / "k", false, {}));
}

TEST_F(KeyInputTest, SourcesAreTriedInOrder) {
  for (unsigned char i = 1; i <= 4; ++i) {
    write_secret(folder_ / ("k" + std::to_string(i)), key_text(i));
  }
  const Fd fd(::open((folder_ / "k1").c_str(), O_RDONLY | O_CLOEXEC));
  KeyOptions options{folder_ / "k2", fd.get(), "cat " + (folder_ / "k3")};
  KeyInputWorld world;
  world.environment_file = folder_ / "k4";
  world.remembered_file = [&](const RepositoryId&) { return std::optional(folder_ / "k2"); };
  world.ask = [](const std::string&) { return SecretBytes(as_bytes("typed by hand")); };

  EXPECT_EQ(fill_of(KeyInput(options, world)(request())), 1);
  options.fd = -1;
  EXPECT_EQ(fill_of(KeyInput(options, world)(request())), 2);
  options.file.clear();
  EXPECT_EQ(fill_of(KeyInput(options, world)(request())), 3);
  options.command.clear();
  EXPECT_EQ(fill_of(KeyInput(options, world)(request())), 4);
  world.environment_file.clear();
  EXPECT_EQ(fill_of(KeyInput(options, world)(request())), 2);
  world.remembered_file = nullptr;
  EXPECT_EQ(passphrase_of(KeyInput(options, world)(request())), "typed by hand");
  world.ask = nullptr;
  EXPECT_TRUE(KeyInput(options, world)(request()).failed_with(Code::invalid));
}

TEST_F(KeyInputTest, WithoutAnyKeyTheErrorTeachesHowToMakeOne) {
  const auto created = KeyInput({}, {})(request(true));
  ASSERT_TRUE(created.failed_with(Code::invalid));
  EXPECT_NE(created.error().hint().find("mikura key generate"), std::string::npos);
  const auto opened = KeyInput({}, {})(request());
  ASSERT_TRUE(opened.failed_with(Code::invalid));
  EXPECT_NE(opened.error().hint().find("--key-file"), std::string::npos);
}

TEST_F(KeyInputTest, ARememberedFileThatIsGoneIsNamed) {
  KeyInputWorld world;
  world.remembered_file = [&](const RepositoryId&) { return std::optional(folder_ / "gone"); };
  const auto key = KeyInput({}, world)(request());
  ASSERT_TRUE(key.failed_with(Code::not_found));
  EXPECT_NE(key.error().message().find("gone"), std::string::npos);
  EXPECT_NE(key.error().hint().find("--key-file"), std::string::npos);
}

TEST_F(KeyInputTest, OnlyAFileThatWillBeThereNextTimeIsRemembered) {
  write_secret(folder_ / "k", key_text(1));
  EXPECT_EQ(KeyInput({folder_ / "x/../k", -1, ""}, {}).file_to_remember(), std::nullopt);
  EXPECT_EQ(KeyInput({folder_ / "k", -1, ""}, {}).file_to_remember(), folder_ / "k");
  EXPECT_EQ(KeyInput({folder_ / "k", 3, ""}, {}).file_to_remember(), std::nullopt);
  EXPECT_EQ(KeyInput({"", -1, "cat k"}, {}).file_to_remember(), std::nullopt);
  KeyInputWorld world;
  world.environment_file = folder_ / "k";
  EXPECT_EQ(KeyInput({}, world).file_to_remember(), std::nullopt);
  const std::string fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(KeyInput({fifo, -1, ""}, {}).file_to_remember(), std::nullopt);
}

TEST_F(KeyInputTest, ANewPassphraseIsAskedForTwice) {
  std::vector<std::string> answers = {"correct horse battery", "correct horse battery"};
  std::vector<std::string> prompts;
  KeyInputWorld world;
  world.ask = [&](const std::string& prompt) {
    prompts.push_back(prompt);
    return SecretBytes(as_bytes(answers[prompts.size() - 1]));
  };
  EXPECT_EQ(passphrase_of(KeyInput({}, world)(request(true))), "correct horse battery");
  EXPECT_EQ(prompts.size(), 2U);

  prompts.clear();
  answers[1] = "correct horse batterz";
  EXPECT_TRUE(KeyInput({}, world)(request(true)).failed_with(Code::invalid));

  prompts.clear();
  answers[0] = "short";
  EXPECT_TRUE(KeyInput({}, world)(request(true)).failed_with(Code::invalid));
  EXPECT_EQ(prompts.size(), 1U);  // no need to type it twice

  prompts.clear();
  EXPECT_EQ(passphrase_of(KeyInput({}, world)(request())), "short");
  EXPECT_EQ(prompts.size(), 1U);
}

TEST_F(KeyInputTest, AHostileStoreAddressCannotActOnTheTerminalThroughThePrompt) {
  std::string seen;
  KeyInputWorld world;
  world.ask = [&](const std::string& prompt) {
    seen = prompt;
    return SecretBytes(as_bytes("whatever it is"));
  };
  KeyRequest hostile = request();
  hostile.store = "s3://bucket/\x1b[2J";
  ASSERT_TRUE(KeyInput({}, world)(hostile));
  EXPECT_EQ(seen.find('\x1b'), std::string::npos);
}

TEST_F(KeyInputTest, ACommandThatFailsGivesNoKey) {
  const std::string path = folder_ / "k";
  write_secret(path, key_text(9));
  EXPECT_EQ(fill_of(KeyInput({"", -1, "cat " + path}, {})(request())), 9);
  const auto failed = KeyInput({"", -1, "cat " + path + "; exit 3"}, {})(request());
  ASSERT_TRUE(failed.failed_with(Code::invalid));
  EXPECT_NE(failed.error().message().find('3'), std::string::npos);
  EXPECT_TRUE(KeyInput({"", -1, "kill -9 $$"}, {})(request()).failed_with(Code::invalid));
  EXPECT_TRUE(KeyInput({"", -1, "true"}, {})(request()).failed_with(Code::invalid));
}

TEST_F(KeyInputTest, ACommandThatNeverStopsTalkingIsStopped) {
  const auto begin = std::chrono::steady_clock::now();
  const auto key = KeyInput({"", -1, "yes the same for ever"}, {})(request());
  EXPECT_TRUE(key.failed_with(Code::invalid));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(KeyInputTest, AStopEndsTheWaitForACommand) {
  std::stop_source source;
  KeyInputWorld world;
  world.stop = source.get_token();
  std::jthread later([&] {
    std::this_thread::sleep_for(50ms);
    source.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(KeyInput({"", -1, "exec sleep 30"}, world)(request()).failed_with(Code::cancelled));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST_F(KeyInputTest, ACommandGetsSignalsAsUsual) {
  // SIGPIPE, which we ignore, must end the writer of a pipe as everywhere else.
  const auto key = KeyInput({"", -1, "yes | head -n 1 >/dev/null; echo a passphrase from a pipe"},
                            {})(request());
  EXPECT_EQ(passphrase_of(key), "a passphrase from a pipe");
}

}  // namespace
}  // namespace mikura
