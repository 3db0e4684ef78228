#include "cli/messages.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "base/result.h"
#include "base/utf8.h"

namespace mikura {
namespace {

std::vector<Message> all_messages() {
  std::vector<Message> all(run_messages().begin(), run_messages().end());
  all.insert(all.end(), help_messages().begin(), help_messages().end());
  return all;
}

std::multiset<std::string> placeholders(std::string_view text) {
  std::multiset<std::string> found;
  static const std::regex kPlaceholder(R"(\{(\d*)\})");
  const std::string copy(text);
  for (std::sregex_iterator it(copy.begin(), copy.end(), kPlaceholder), end; it != end; ++it) {
    found.insert((*it)[1].str());
  }
  return found;
}

TEST(Messages, EveryOneIsThereInBothLanguagesAndValid) {
  std::set<std::string_view> ids;
  for (const Message& message : all_messages()) {
    EXPECT_TRUE(ids.insert(message.id).second) << message.id << " is there twice";
    EXPECT_FALSE(message.english.empty()) << message.id;
    EXPECT_FALSE(message.japanese.empty()) << message.id;
    EXPECT_TRUE(is_valid_utf8(message.japanese)) << message.id;
  }
}

TEST(Messages, BothLanguagesTakeTheSameArguments) {
  for (const Message& message : all_messages()) {
    // A message for one thing may leave its number out.
    auto english = placeholders(message.english);
    auto japanese = placeholders(message.japanese);
    if (message.id.ends_with(".one")) {
      english.erase("0");
      japanese.erase("0");
    }
    EXPECT_EQ(english, japanese) << message.id;
    EXPECT_FALSE(english.contains("")) << message.id << " must number its arguments";
  }
}

TEST(Messages, CountedOnesComeInPairs) {
  std::set<std::string> ids;
  for (const Message& message : all_messages())
    ids.insert(std::string(message.id));
  for (const std::string& id : ids) {
    if (id.ends_with(".one")) {
      EXPECT_TRUE(ids.contains(id.substr(0, id.size() - 3) + "many")) << id;
    }
    if (id.ends_with(".many")) {
      EXPECT_TRUE(ids.contains(id.substr(0, id.size() - 4) + "one")) << id;
    }
  }
}

TEST(Messages, EveryErrorCodeHasAWord) {
  for (unsigned number = 0; number <= static_cast<unsigned>(Code::internal); ++number) {
    const std::string id = "error." + std::string(code_name(static_cast<Code>(number)));
    EXPECT_FALSE(message(id).empty());
  }
}

// A call of tr() or tr_count() in a source file, with a literal id.
struct Call {
  std::string file;
  std::string id;
  bool counted = false;
  std::size_t arguments = 0;  // after the id
};

// The number of arguments between the parenthesis that has just been opened and its partner.
std::size_t count_arguments(const std::string& text, std::size_t begin) {
  int depth = 0;
  std::size_t commas = 0;
  bool in_literal = false;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (in_literal) {
      if (c == '\\') ++i;
      if (c == '"') in_literal = false;
      continue;
    }
    if (c == '"') in_literal = true;
    if (c == '(' || c == '{' || c == '[') ++depth;
    if ((c == ')' || c == '}' || c == ']') && depth-- == 0) break;
    if (c == ',' && depth == 0) ++commas;
  }
  return commas;
}

std::vector<Call> calls_in_sources() {
  std::vector<Call> calls;
  static const std::regex kCall(R"re(\b(tr|tr_count)\(\s*"([a-z_.]+)")re");
  const std::filesystem::path folder = MIKURA_SOURCE_DIR "/engine/cli";
  for (const auto& node : std::filesystem::directory_iterator(folder)) {
    const std::string name = node.path().filename().string();
    if (!name.ends_with(".cc") || name.ends_with("_test.cc")) continue;
    std::ostringstream content;
    content << std::ifstream(node.path()).rdbuf();
    const std::string text = content.str();
    for (std::sregex_iterator it(text.begin(), text.end(), kCall), end; it != end; ++it) {
      const auto after_id = static_cast<std::size_t>(it->position() + it->length());
      if (text[after_id] != ',' && text[after_id] != ')') continue;  // the id goes on
      calls.push_back(
          {name, (*it)[2].str(), (*it)[1] == "tr_count", count_arguments(text, after_id)});
    }
  }
  return calls;
}

TEST(Messages, EveryPlaceThatUsesOneGivesWhatItTakes) {
  std::map<std::string, std::size_t> needed;  // arguments by id
  for (const Message& message : all_messages()) {
    std::size_t count = 0;
    for (const std::string& number : placeholders(message.japanese)) {
      count = std::max<std::size_t>(count, std::stoul(number) + 1);
    }
    needed[std::string(message.id)] = count;
  }
  const std::vector<Call> calls = calls_in_sources();
  EXPECT_GT(calls.size(), 50U);
  for (const Call& call : calls) {
    const std::string id = call.id + (call.counted ? ".many" : "");
    ASSERT_TRUE(needed.contains(id)) << call.file << " uses " << id;
    EXPECT_EQ(call.arguments, needed[id]) << call.file << ": " << id;
  }
}

TEST(Messages, NoneIsThereThatNothingUses) {
  std::string sources;
  for (const auto& node : std::filesystem::directory_iterator(MIKURA_SOURCE_DIR "/engine/cli")) {
    const std::string name = node.path().filename().string();
    if (!name.ends_with(".cc") || name.starts_with("messages")) continue;
    std::ostringstream content;
    content << std::ifstream(node.path()).rdbuf();
    sources += content.str();
  }
  for (const Message& message : all_messages()) {
    std::string id(message.id);
    // Made of a prefix and the verb's or the code's name.
    if (id.starts_with("verb.") || id.starts_with("examples.") || id.starts_with("error."))
      continue;
    for (const char* suffix : {".one", ".many"}) {
      if (id.ends_with(suffix)) id.resize(id.size() - std::string_view(suffix).size());
    }
    EXPECT_NE(sources.find('"' + id + '"'), std::string::npos) << id;
  }
}

TEST(Language, FollowsTheFirstVariableThatIsSet) {
  EXPECT_EQ(language_from("", "", "ja_JP.UTF-8"), Language::japanese);
  EXPECT_EQ(language_from("", "ja_JP.utf8", "en_US.UTF-8"), Language::japanese);
  EXPECT_EQ(language_from("C", "ja_JP.UTF-8", "ja_JP.UTF-8"), Language::english);
  EXPECT_EQ(language_from("", "", ""), Language::english);
  EXPECT_EQ(language_from("", "", "ja"), Language::japanese);
  EXPECT_EQ(language_from("", "", "jam_JM.UTF-8"), Language::english);
}

TEST(Language, IsEnglishWhereTheTerminalCannotShowUtf8) {
  EXPECT_EQ(language_from("", "", "ja_JP.eucJP"), Language::english);
  EXPECT_EQ(language_from("ja_JP.SJIS", "", ""), Language::english);
  EXPECT_EQ(language_from("", "", "ja_JP.UTF-8@cjk"), Language::japanese);
}

}  // namespace
}  // namespace mikura
