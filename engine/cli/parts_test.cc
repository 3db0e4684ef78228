// Smaller parts: suggestions, completion, progress, base64, and the documentation's lists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/cli_test_support.h"
#include "cli/completion.h"
#include "cli/progress_line.h"
#include "cli/suggestion.h"
#include "testing/temp_folder.h"
#include "wire/base64.h"

namespace mikura {
namespace {

using namespace std::chrono_literals;
using testing::ContainerEq;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(edit_distance("sync", "sync"), 0U);
  EXPECT_EQ(edit_distance("snyc", "sync"), 1U);
  EXPECT_EQ(edit_distance("pul", "pull"), 1U);
  EXPECT_EQ(edit_distance("", "log"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(FindVerb, SkipsOptionsAndTheirValues) {
  const VerbDescription command = describe_command();
  EXPECT_EQ(find_verb(command, {"-C", "sync", "pull"}).word, "pull");
  EXPECT_EQ(find_verb(command, {"--key-file=x", "--json", "log"}).word, "log");
  EXPECT_EQ(find_verb(command, {"--json"}).word, "");
  EXPECT_EQ(find_verb(command, {"--", "sync"}).word, "");
  EXPECT_EQ(find_verb(command, {"resotre"}).nearest, "restore");
  EXPECT_EQ(find_verb(command, {"x"}).nearest, "");
}

TEST(Base64, IsThatOfTheStandard) {
  EXPECT_EQ(to_base64({}), "");
  EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
  EXPECT_EQ(to_base64(as_bytes("fo")), "Zm8=");
  EXPECT_EQ(to_base64(as_bytes("foo")), "Zm9v");
  EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(to_base64(as_bytes("\xFF\xFE\xFD")), "//79");
}

TEST(Completion, KnowsEveryVerbAndOptionInEveryShell) {
  const VerbDescription command = describe_command();
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion_script(command, shell);
    for (const VerbDescription& verb : command.verbs) {
      EXPECT_THAT(script, HasSubstr(verb.name)) << shell;
      for (const OptionDescription& option : verb.options) {
        const std::string& name = option.names.back();
        EXPECT_THAT(script, HasSubstr(name.substr(name.find_first_not_of('-')))) << shell;
      }
    }
  }
}

// What bash offers for the words of a command line, the last of which is being typed.
std::string completed(const std::string& words, const std::string& folder) {
  const std::string script = folder + "/script";
  write_text(script, completion_script(describe_command(), "bash") + "COMP_WORDS=(mikura " + words +
                         ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_mikura\n"
                         "printf '%s ' \"${COMPREPLY[@]}\"\n");
  std::FILE* const pipe = ::popen(("cd '" + folder + "' && bash --norc script").c_str(), "r");
  std::string text;
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;)
    text += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0);
  return text;
}

TEST(Completion, WorksInBash) {
  const TempFolder folder;
  write_text(folder / "notes with space.txt", "");
  EXPECT_EQ(completed("sy", folder.path()), "sync ");
  EXPECT_EQ(completed("-C / sta", folder.path()), "status ");
  EXPECT_EQ(completed("sync --dry", folder.path()), "--dry-run ");
  EXPECT_EQ(completed("sync --jso", folder.path()), "--json ");
  EXPECT_EQ(completed("key gen", folder.path()), "generate ");
  EXPECT_EQ(completed("log not", folder.path()), "notes with space.txt ");
  EXPECT_EQ(completed("restore --yes", folder.path()), "--yes-mass-change ");
}

// A clock that a test moves.
class ManualClock final : public Clock {
 public:
  std::int64_t unix_ns() override { return now.count(); }
  std::chrono::nanoseconds monotonic() override { return now; }
  bool sleep_for(std::chrono::nanoseconds duration, std::stop_token) override {
    now += duration;
    return true;
  }
  std::chrono::nanoseconds now = 1h;
};

TEST(ProgressText, SaysHowMuchHowFastAndHowLong) {
  Progress progress;
  progress.phase = Progress::Phase::uploading;
  progress.done_items = 3;
  progress.total_items = 10;
  progress.done_bytes = 10 << 20;
  progress.total_bytes = 30 << 20;
  EXPECT_EQ(progress_text(progress, 2s), "Sending  3 / 10  10 MiB / 30 MiB  5.0 MiB/s  5 s");
  EXPECT_EQ(progress_text(progress, 500ms), "Sending  3 / 10  10 MiB / 30 MiB");
  EXPECT_EQ(progress_text({Progress::Phase::scanning, 1200, 0, 0, 0}, 2s),
            "Looking at files  1200");
  EXPECT_EQ(progress_text({}, 0s), "Connecting");
}

TEST(ProgressLine, IsQuietForASecondThenDrawsTenTimesASecondAndGoesAway) {
  ManualClock clock;
  const MemoryFile stream;
  ProgressLine line(stream.get(), true, clock);
  line.show({});
  clock.now += 999ms;
  line.show({});
  EXPECT_THAT(stream.text(), IsEmpty());
  clock.now += 1ms;
  line.show({});
  EXPECT_EQ(stream.text(), "\r\x1b[2KConnecting");
  clock.now += 99ms;
  line.show({});
  EXPECT_EQ(stream.text(), "\r\x1b[2KConnecting");
  clock.now += 1ms;
  line.show({});
  EXPECT_EQ(stream.text(), "\r\x1b[2KConnecting\r\x1b[2KConnecting");
  line.clear();
  line.clear();
  EXPECT_EQ(stream.text(), "\r\x1b[2KConnecting\r\x1b[2KConnecting\r\x1b[2K");
}

TEST(ProgressLine, DrawsNothingWhereItIsNotWanted) {
  ManualClock clock;
  const MemoryFile stream;
  ProgressLine line(stream.get(), false, clock);
  clock.now += 10s;
  line.show({});
  line.clear();
  EXPECT_THAT(stream.text(), IsEmpty());
}

TEST(ProgressLine, DoesNotWrap) {
  const WithLanguage japanese(Language::japanese);
  ManualClock clock;
  const MemoryFile stream;
  ProgressLine line(stream.get(), true, clock);
  clock.now += 10s;
  Progress progress;
  progress.done_items = progress.total_items = progress.done_bytes = progress.total_bytes = ~0ULL;
  line.show(progress);
  EXPECT_LE(stream.text().size(), 5 + 79 * 3U);
}

std::string read_document(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(MIKURA_SOURCE_DIR "/docs/") + name).rdbuf();
  return text.str();
}

TEST(Documentation, NamesEveryVerbAndOptionInBothLanguages) {
  const VerbDescription command = describe_command();
  for (const char* name : {"commands.md", "commands.ja.md"}) {
    const std::string document = read_document(name);
    ASSERT_FALSE(document.empty()) << name;
    for (const OptionDescription& option : command.options) {
      EXPECT_THAT(document, HasSubstr(option.names.back())) << name;
    }
    for (const VerbDescription& verb : command.verbs) {
      EXPECT_THAT(document, HasSubstr("mikura " + verb.name)) << name;
      for (const OptionDescription& option : verb.options) {
        EXPECT_THAT(document, HasSubstr(option.names.back())) << name << ", " << verb.name;
      }
    }
  }
}

// The help of each verb, as the document must have it.
TEST(Documentation, HoldsTheHelpOfEveryVerbWordForWord) {
  const std::vector<std::pair<std::string, Language>> documents = {
      {"commands.md", Language::english}, {"commands.ja.md", Language::japanese}};
  for (const auto& [name, language] : documents) {
    const WithLanguage with(language);
    const std::string document = read_document(name);
    FakeWorld world;
    for (const VerbDescription& verb : describe_command().verbs) {
      std::vector<std::string> words = {verb.name};
      if (!verb.verbs.empty()) words.push_back(verb.verbs.front().name);
      words.push_back("--help");
      EXPECT_THAT(document, HasSubstr("```text\n" + run(world, words).out + "```")) << name;
    }
    EXPECT_THAT(document, HasSubstr("```text\n" + run(world, {"--help"}).out + "```")) << name;
  }
}

// The headings of a document, in order: what must not differ between the languages.
std::vector<std::string> headings_of(const std::string& document) {
  std::vector<std::string> marks;
  std::istringstream lines(document);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t level = line.find_first_not_of('#');
    if (level != 0 && level != std::string::npos && line[level] == ' ') {
      marks.push_back(line.substr(0, level));
    }
  }
  return marks;
}

TEST(Documentation, BothLanguagesHaveTheSameSections) {
  for (const std::string name : {"commands", "troubleshooting"}) {
    EXPECT_THAT(headings_of(read_document(name + ".ja.md")),
                ContainerEq(headings_of(read_document(name + ".md"))))
        << name;
  }
}

}  // namespace
}  // namespace mikura
