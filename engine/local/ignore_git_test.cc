// Our ignore rules against git's: random trees and random ignore files, each path judged by `git
// check-ignore` and by us.
//
// The same cases in each run. MIKURA_IGNORE_ROUNDS=N makes it N rounds (of some 1,200 paths each)
// with seeds of their own.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

#include "format/path.h"
#include "local/ignore.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 120;
constexpr int kRoundsPerTree = 60;
constexpr std::size_t kFolders = 80;
constexpr std::size_t kFiles = 1120;
constexpr std::size_t kMaxDepth = 5;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t end) { return engine_() % end; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class Range>
  auto pick(const Range& range) {
    return *(std::begin(range) + static_cast<std::ptrdiff_t>(below(std::size(range))));
  }

 private:
  std::mt19937_64 engine_;
};

// Folders are true. Parents come first.
using Nodes = std::map<std::string, bool>;

std::string random_name(Random& random) {
  static const std::vector<std::string> kNames{
      "a",       "b",   "ab",   "abc",   "foo",  "bar",  "foo.c",    "bar.c", "foo.o",
      ".hidden", "x y", "end ", "[ab]",  "a]b",  "#no",  "!no",      "-",     "a-b",
      "A",       "Foo", "a*b",  "what?", "\\",   "b\\c", "\xc3\xa4", "d1",    "d2",
      "lib",     "doc", "tmp~", "a.b.c", "log1", "log2", "\x01",     "t\tab"};
  return random.pick(kNames);
}

Nodes random_nodes(Random& random) {
  Nodes nodes;
  std::vector<std::string> folders{""};
  while (folders.size() <= kFolders || nodes.size() < kFolders + kFiles) {
    const bool is_folder = folders.size() <= kFolders;
    const std::string parent = random.pick(folders);
    const std::string name = random_name(random) + (random.one_in(2) ? "" : random_name(random));
    const std::string path = parent.empty() ? name : parent + "/" + name;
    if (!nodes.emplace(path, is_folder).second || !is_folder) continue;
    const auto depth = static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) + 1;
    if (depth < kMaxDepth) {
      folders.push_back(path);
    } else {
      nodes.erase(path);
    }
  }
  return nodes;
}

// --- Random rules ---

// A pattern made from something that is there: characters turned into wildcards.
std::string blurred(Random& random, const std::string& path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (!random.one_in(6)) {
      out += c;
      continue;
    }
    switch (random.below(10)) {
      case 0:
        out += '?';
        break;
      case 1:
        out += '*';
        break;
      case 2:
        out.append("[").append(1, c).append("]");
        break;
      case 3:
        out.append("[!").append(1, c).append("]");
        break;
      case 4:
        out.append("[^x").append(1, c).append("]");
        break;
      case 5:
        out.append("[a-").append(1, c).append("]");
        break;
      case 6:
        out.append("\\").append(1, c);
        break;
      case 7:
        out += c == '/' ? "/**/" : "**";
        break;
      case 8:
        out += "[[:alpha:]]";
        break;
      case 9:
        i += random.below(4), out += '*';
        break;
    }
  }
  return out;
}

std::string random_pattern(Random& random) {
  static const std::vector<std::string> kParts{
      "a",  "b",   "*",   "**",  "?",   "/",  "/**/", "**/", "/**", "[ab]", "[!a]",        "[^a-c]",
      "\\", "\\*", "\\/", "[",   "]",   "!",  "#",    "-",   ".c",  "foo",  "[[:digit:]]", "[]a]",
      " ",  "\\ ", "[a-", "[[:", "***", "*/", "log",  ".*",  "*.",  "c",    "[[:bogus:]]", "[\\]]"};
  std::string pattern;
  for (std::size_t parts = 1 + random.below(5); parts > 0; --parts)
    pattern += random.pick(kParts);
  return pattern;
}

std::string random_rule(Random& random, const std::vector<std::string>& paths,
                        const std::string& folder) {
  if (random.one_in(3)) return (random.one_in(4) ? "!" : "") + random_pattern(random);
  std::string path = random.pick(paths);
  // Of a path in this folder, the part that the file's rules see.
  if (is_within(path, folder) && path != folder && !folder.empty())
    path = path.substr(folder.size() + 1);
  if (random.one_in(2)) path = file_name(path);
  std::string rule = random.one_in(3) ? path : blurred(random, path);
  if (random.one_in(4)) rule = "/" + rule;
  if (random.one_in(8)) rule = "**/" + rule;
  if (random.one_in(8)) rule += "/**";
  if (random.one_in(5)) rule += "/";
  if (random.one_in(4)) rule = "!" + rule;
  return rule;
}

// Before 2.52, git matched what follows the literal part of a rule with a slash as if it began the
// path: only "**" can tell.
bool is_disputed(std::string_view rule) {
  if (rule.starts_with('!')) rule.remove_prefix(1);
  if (rule.starts_with('/')) rule.remove_prefix(1);
  const std::size_t special = rule.find_first_of("*?[\\");
  return special != std::string_view::npos && special > 0 && rule[special - 1] != '/' &&
         rule.substr(special).starts_with("**");
}

std::string random_file(Random& random, const std::vector<std::string>& paths,
                        const std::string& folder, bool old_git) {
  std::string file = random.one_in(10) ? "\xEF\xBB\xBF" : "";
  for (std::size_t lines = 1 + random.below(6); lines > 0; --lines) {
    const std::string rule = random_rule(random, paths, folder);
    if (old_git && is_disputed(rule)) continue;
    file += rule;
    if (random.one_in(8)) file += random.one_in(2) ? "  " : "\\  ";
    if (random.one_in(8)) file += '\r';
    if (random.one_in(20)) file += "\n# a comment";
    if (random.one_in(30)) file += std::string("\0x", 2);
    if (lines > 1 || !random.one_in(4)) file += '\n';
    if (random.one_in(10)) file += '\n';
  }
  return file;
}

// --- Both judges ---

// Ignore files by folder.
using Files = std::map<std::string, std::string>;

class Ours {
 public:
  Ours(const Nodes& nodes, const Files& files) : nodes_(nodes), files_(files) {}

  // As the scanner does: what is ignored is not entered.
  bool is_ignored(const std::string& path) {
    const auto known = ignored_.find(path);
    if (known != ignored_.end()) return known->second;
    const std::string parent(parent_path(path));
    const bool ignored = (!parent.empty() && is_ignored(parent)) ||
                         scope_of(parent).is_ignored(path, nodes_.at(path));
    return ignored_[path] = ignored;
  }

 private:
  const IgnoreScope& scope_of(const std::string& folder) {
    const auto known = scopes_.find(folder);
    if (known != scopes_.end()) return known->second;
    const IgnoreScope outer =
        folder.empty() ? IgnoreScope() : scope_of(std::string(parent_path(folder)));
    const auto file = files_.find(folder);
    return scopes_[folder] = file == files_.end()
                                 ? outer
                                 : outer.enter(folder, {IgnoreRules::parse(file->second)});
  }

  const Nodes& nodes_;
  const Files& files_;
  std::map<std::string, bool> ignored_;
  std::map<std::string, IgnoreScope> scopes_;
};

class GitRepository {
 public:
  bool create() {
    fs::create_directory(tree());
    return git("init -q --template= .") == 0;
  }

  void make(const Nodes& nodes) const {
    for (const auto& [path, is_folder] : nodes) {
      if (is_folder) {
        fs::create_directories(tree() / path);
      } else {
        std::ofstream(tree() / path).put('x');
      }
    }
  }

  void put(const Files& files) {
    for (const fs::path& old : written_)
      fs::remove(old);
    written_.clear();
    for (const auto& [folder, content] : files) {
      written_.push_back(tree() / folder / ".gitignore");
      std::ofstream(written_.back(), std::ios::binary) << content;
    }
  }

  struct Answer {
    std::string rule;  // with where it stands, for people
    bool ignored = false;
  };

  std::map<std::string, Answer> ask(const Nodes& nodes) const {
    {
      std::ofstream questions(folder_ / "questions", std::ios::binary);
      for (const auto& [path, is_folder] : nodes)
        questions << path << '\0';
    }
    const int status = git("check-ignore --no-index -v -n -z --stdin < ../questions > ../answers");
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    std::ifstream answers(folder_ / "answers", std::ios::binary);
    std::map<std::string, Answer> verdicts;
    const auto field = [&] {
      std::string text;
      std::getline(answers, text, '\0');
      return text;
    };
    while (answers.peek() != std::ifstream::traits_type::eof()) {
      const std::string source = field();
      const std::string line = field();
      const std::string pattern = field();
      const std::string path = field();
      verdicts[path] = {source + ":" + line + ": " + pattern,
                        !source.empty() && !pattern.starts_with('!')};
    }
    return verdicts;
  }

 private:
  fs::path tree() const { return folder_ / "tree"; }

  // Nobody's own settings have a say.
  int git(const std::string& arguments) const {
    const std::string command =
        "cd '" + tree().string() + "' && env -i PATH=\"$PATH\" HOME='" + folder_.path() +
        "' GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null git " + arguments;
    return std::system(command.c_str());
  }

  TempFolder folder_;
  std::vector<fs::path> written_;
};

bool is_old(GitRepository& repository) {
  const Nodes probe{{"foobar", false}};
  repository.make(probe);
  repository.put({{"", "/foo**/bar"}});
  return repository.ask(probe).at("foobar").ignored;
}

TEST(IgnoreAgainstGit, AgreesOnEveryPath) {
  if (std::system("git --version > /dev/null 2>&1") != 0) {
    std::cerr << "\n*** git is not installed: IGNORE RULES ARE NOT CHECKED AGAINST IT ***\n\n";
    GTEST_SKIP() << "git is not installed";
  }
  const char* const wanted = std::getenv("MIKURA_IGNORE_ROUNDS");
  const int rounds = wanted == nullptr ? kRounds : std::atoi(wanted);
  std::size_t compared = 0;
  std::size_t ignored = 0;
  for (int round = 0; round < rounds;) {
    Random random(static_cast<std::uint64_t>(round) + 1);
    GitRepository repository;
    ASSERT_TRUE(repository.create());
    const bool old_git = is_old(repository);
    const Nodes nodes = random_nodes(random);
    repository.make(nodes);
    std::vector<std::string> paths;
    std::vector<std::string> folders{""};
    for (const auto& [path, is_folder] : nodes) {
      paths.push_back(path);
      if (is_folder) folders.push_back(path);
    }
    // Trees cost more than rules: one serves for many.
    for (const int last = std::min(round + kRoundsPerTree, rounds); round < last; ++round) {
      Files files;
      for (const std::string& folder : folders) {
        if (folder.empty() || random.one_in(4)) {
          files[folder] = random_file(random, paths, folder, old_git);
        }
      }
      repository.put(files);
      const auto answers = repository.ask(nodes);
      ASSERT_EQ(answers.size(), nodes.size());
      Ours ours(nodes, files);
      for (const auto& [path, answer] : answers) {
        ++compared;
        ignored += answer.ignored ? 1 : 0;
        ASSERT_EQ(ours.is_ignored(path), answer.ignored)
            << path << (nodes.at(path) ? " (a folder)" : "") << "\ngit: " << answer.rule;
      }
    }
  }
  EXPECT_GE(compared, wanted == nullptr ? 100'000U : 1U);
  // Neither of the answers is rare.
  EXPECT_GT(ignored, compared / 10);
  EXPECT_GT(compared - ignored, compared / 10);
  RecordProperty("compared", std::to_string(compared));
  std::cout << compared << " paths compared, " << ignored << " ignored\n";
}

}  // namespace
}  // namespace mikura
