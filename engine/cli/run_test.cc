// The command as a whole, on a session that answers what the test prepared.
#include "cli/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli_test_support.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr TerminalKind kTerminal{true, false};
constexpr TerminalKind kColourTerminal{true, true};

SyncAction action(SyncAction::Kind kind, const std::string& path) {
  SyncAction made;
  made.kind = kind;
  made.path = path;
  return made;
}

VersionInfo version(unsigned char number, const std::string& message = "") {
  VersionInfo info;
  info.version = version_id(number);
  info.generation = number;
  info.created_unix_ms = 1'767'323'045'000;
  info.author = "ann@host";
  info.message = message;
  info.added = 1;
  info.removed = 2;
  return info;
}

class RunTest : public CommandTest {};

// Errors and usage.

TEST_F(RunTest, AnUnknownVerbSuggestsTheNearest) {
  const Ran ran = go({"snyc"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.err, "mikura: there is no verb snyc\n  Did you mean `mikura sync`?\n");
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(go({"-C", "/", "--region", "x", "stats"}).err, HasSubstr("`mikura status`"));
  EXPECT_THAT(go({"frobnicate"}).err, HasSubstr("--help"));
  EXPECT_THAT(go({"\x1b[2J"}).err, Not(HasSubstr("\x1b")));
}

TEST_F(RunTest, UsageErrorsEndWith2AndNameTheHelp) {
  const std::vector<std::vector<std::string>> wrong = {
      {},        {"sync", "--no-such"},         {"clone", "file:///s"},     {"key"},
      {"cat"},   {"sync", "--policy", "other"}, {"log", "--limit", "0"},    {"completion", "tcsh"},
      {"-C"},    {"--key-fd", "-1", "sync"},    {"log", "--limit", "many"}, {"pull", "-m", "x"},
      {"--json"}};
  for (const auto& words : wrong) {
    const Ran ran = go(words);
    EXPECT_EQ(ran.exit, 2) << testing::PrintToString(words);
    EXPECT_THAT(ran.err, HasSubstr("--help")) << testing::PrintToString(words);
    EXPECT_THAT(ran.out, IsEmpty());
  }
}

TEST_F(RunTest, EveryVerbExplainsItselfWithAnExample) {
  for (const VerbDescription& verb : describe_command().verbs) {
    const Ran ran = go({verb.name, "--help"});
    EXPECT_EQ(ran.exit, 0);
    EXPECT_THAT(ran.out, HasSubstr("mikura " + verb.name));
    EXPECT_THAT(ran.out, HasSubstr("Example"));
    EXPECT_THAT(ran.err, IsEmpty());
  }
}

TEST_F(RunTest, HelpListsTheVerbsThatExistAndNoOthers) {
  std::vector<std::string> names;
  for (const VerbDescription& verb : describe_command().verbs)
    names.push_back(verb.name);
  EXPECT_THAT(names,
              ElementsAre("init", "link", "clone", "configure", "sync", "push", "pull", "watch",
                          "status", "log", "diff", "show", "cat", "restore", "conflicts", "resolve",
                          "key", "policy", "doctor", "serve", "completion", "version"));
  const std::string help = go({"--help"}).out;
  for (const std::string& name : names)
    EXPECT_THAT(help, HasSubstr("\n  " + name + " "));
}

TEST_F(RunTest, AnErrorSaysWhatHappenedAndWhatToDo) {
  world_.sync_report = Error(Code::denied, "the store refuses to write HEAD")
                           .with_hint("Ask for s3:PutObject on the prefix.");
  const Ran ran = go({"sync"});
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.err,
            "mikura: the store refuses to write HEAD\n  Ask for s3:PutObject on the prefix.\n");
  EXPECT_THAT(ran.out, IsEmpty());
}

TEST_F(RunTest, WithJsonAnErrorIsAnObjectOnStderrAndStdoutIsEmpty) {
  world_.sync_report = Error(Code::wrong_key, "the key is another one").with_hint("Look for it.");
  const Ran ran = go({"sync", "--json"});
  EXPECT_EQ(ran.exit, 5);
  EXPECT_THAT(ran.out, IsEmpty());
  const Json expected = {{"code", "wrong_key"},
                         {"message", "the key is another one"},
                         {"hint", "Look for it."},
                         {"exit_code", 5}};
  EXPECT_EQ(ran.error(), expected);
  EXPECT_EQ(go({"--json", "nonsense"}).error().at("exit_code"), 2);
  EXPECT_EQ(go({"sync", "--json", "--what"}).error().at("code"), "invalid");
}

TEST_F(RunTest, AnErrorCannotActOnTheTerminal) {
  world_.sync_report =
      Error(Code::io, "cannot read evil\x1b]0;pwned\x07name").with_hint("Look at \x1b[31mit");
  const Ran ran = go({"sync"}, kTerminal);
  EXPECT_THAT(ran.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(ran.err, Not(HasSubstr("\x07")));
  EXPECT_THAT(ran.err, HasSubstr("\\033]0;pwned\\007name"));
}

TEST_F(RunTest, ACancelledRunEndsWith130) {
  world_.sync_report = Error(Code::cancelled, "cancelled");
  EXPECT_EQ(go({"sync"}).exit, 130);
}

TEST_F(RunTest, InJapaneseTheKindOfTheErrorComesFirst) {
  const WithLanguage japanese(Language::japanese);
  world_.sync_report = Error(Code::transient, "s3.example.com does not answer");
  EXPECT_EQ(go({"sync"}).err, "mikura: ストアに接続できません: s3.example.com does not answer\n");
  // Never localised.
  EXPECT_EQ(go({"sync", "--json"}).error().at("message"), "s3.example.com does not answer");
  EXPECT_THAT(go({"--help"}).out, HasSubstr("最新の版"));
  EXPECT_THAT(go({"snyc"}).err, HasSubstr("`mikura sync` のことですか"));
}

TEST_F(RunTest, AFolderThatIsNotThereIsAUsageError) {
  EXPECT_EQ(go({"-C", state_ / "none", "status"}).exit, 2);
}

// init, link, clone.

TEST_F(RunTest, InitPassesWhatWasAskedFor) {
  ASSERT_EQ(go({"init", "file:///srv/store", "work", "--object-names", "sha256"}).exit, 0);
  ASSERT_EQ(world_.init_requests.size(), 1U);
  EXPECT_EQ(world_.init_requests[0].store_url, "file:///srv/store");
  EXPECT_EQ(world_.init_requests[0].folder, "work");
  EXPECT_EQ(world_.init_requests[0].naming, NamingScheme::sha256);
  EXPECT_FALSE(world_.init_requests[0].single_writer);
  ASSERT_EQ(go({"init", "file:///srv/store", "--single-writer"}).exit, 0);
  EXPECT_EQ(world_.init_requests[1].folder, ".");
  EXPECT_EQ(world_.init_requests[1].naming, NamingScheme::hmac_sha256);
  EXPECT_TRUE(world_.init_requests[1].single_writer);
}

TEST_F(RunTest, S3OptionsBecomePartOfTheAddress) {
  ASSERT_EQ(go({"link", "s3://bucket/p", "--endpoint", "http://127.0.0.1:9000", "--region",
                "eu-x-1", "--profile", "work"})
                .exit,
            0);
  ASSERT_EQ(world_.link_requests.size(), 1U);
  const auto url = StoreUrl::parse(world_.link_requests[0].store_url);
  ASSERT_TRUE(url);
  EXPECT_EQ(url->endpoint, "http://127.0.0.1:9000");
  EXPECT_EQ(url->region, "eu-x-1");
  EXPECT_EQ(url->profile, "work");
  EXPECT_EQ(go({"link", "file:///s", "--region", "x"}).exit, 2);
  EXPECT_EQ(go({"link", "ftp://s"}).exit, 2);
  EXPECT_EQ(go({"link", "s3://bucket", "--endpoint", "nonsense"}).exit, 2);
  EXPECT_EQ(world_.link_requests.size(), 1U);
}

TEST_F(RunTest, TheKeyFileThatWasNamedIsRemembered) {
  const std::string key = state_ / "key";
  ASSERT_EQ(go({"key", "generate", key}).exit, 0);
  world_.asks_for_key = true;
  const std::string id = format_uuid(RepositoryId().bytes());
  const std::vector<std::vector<std::string>> verbs = {
      {"init", "file:///s"}, {"link", "file:///s"}, {"clone", "file:///s", "d"}};
  for (std::vector<std::string> words : verbs) {
    words.insert(words.end(), {"--key-file", key});
    world_.remembered.clear();
    ASSERT_EQ(go(words).exit, 0);
    EXPECT_EQ(world_.remembered[id], key);
  }
}

TEST_F(RunTest, NoKeyFileIsRememberedIfTheKeyWasWrongOrCameAnotherWay) {
  const std::string key = state_ / "key";
  ASSERT_EQ(go({"key", "generate", key}).exit, 0);
  world_.asks_for_key = true;
  ASSERT_EQ(go({"link", "file:///s", "--key-command", "cat " + key}).exit, 0);
  world_.init_report = Error(Code::wrong_key, "wrong");
  ASSERT_EQ(go({"link", "file:///s", "--key-file", key}).exit, 5);
  EXPECT_THAT(world_.remembered, IsEmpty());
}

TEST_F(RunTest, WithoutAKeyInitTeachesHowToMakeOne) {
  world_.asks_for_key = true;
  const Ran ran = go({"init", "file:///s"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("mikura key generate"));
}

TEST_F(RunTest, InitDescribesTheRepositoryAsJson) {
  InitReport report;
  report.store = "file:///s";
  report.capabilities.conditional_create = true;
  world_.init_report = report;
  const Json json = go({"init", "file:///s", "--json"}).json();
  EXPECT_EQ(json.at("repository"), "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(json.at("store"), "file:///s");
  EXPECT_EQ(json.at("object_names"), "hmac-sha256");
  EXPECT_EQ(json.at("conditional_create"), true);
  EXPECT_EQ(json.at("conditional_swap"), false);
}

// sync, push, pull.

TEST_F(RunTest, SyncPassesItsOptions) {
  ASSERT_EQ(
      go({"push", "-m", "first draft", "--policy", "lastWriteWins", "--allow-mass-change"}).exit,
      0);
  ASSERT_EQ(go({"pull"}).exit, 0);
  ASSERT_EQ(world_.sync_requests.size(), 2U);
  EXPECT_EQ(world_.sync_requests[0].mode, SyncMode::push);
  EXPECT_EQ(world_.sync_requests[0].message, "first draft");
  EXPECT_EQ(world_.sync_requests[0].policy, Policy::last_write_wins);
  EXPECT_TRUE(world_.sync_requests[0].allow_mass_change);
  EXPECT_EQ(world_.sync_requests[1].mode, SyncMode::pull);
  EXPECT_EQ(world_.sync_requests[1].policy, std::nullopt);
  EXPECT_FALSE(world_.sync_requests[1].allow_mass_change);
}

TEST_F(RunTest, SyncSaysWhatItDid) {
  SyncReport report;
  report.actions = {action(SyncAction::Kind::upload_new, "a.txt"),
                    action(SyncAction::Kind::download_changed, "dir/b\nc"),
                    action(SyncAction::Kind::delete_remote, "old")};
  report.actions.push_back(action(SyncAction::Kind::upload_new, "new"));
  report.actions.back().renamed_from = "was";
  report.published = report.version = version_id(0xAB);
  report.generation = 7;
  report.uploaded_objects = 1;
  report.uploaded_bytes = 2048;
  world_.sync_report = report;
  EXPECT_EQ(go({"sync"}).out,
            "  A  a.txt\n"
            "  M  \"dir/b\\nc\"\n"
            "  D  old\n"
            "  R  was -> new\n"
            "Published version 7 (000000ab).\n"
            "Sent one object, 2.0 KiB.\n");
  EXPECT_THAT(go({"sync", "--quiet"}).out, IsEmpty());
}

TEST_F(RunTest, SyncEndsWith3WhileConflictsRemain) {
  SyncReport report;
  report.conflicts = {
      {"notes.txt", "conflict-20260102.030405.notes.txt", 0, version_id(1), EntryKind::file}};
  world_.sync_report = report;
  const Ran ran = go({"sync"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.out, HasSubstr("  C  notes.txt   (other version: conflict-"));
  EXPECT_THAT(ran.out, HasSubstr("mikura resolve"));
  EXPECT_EQ(go({"sync", "--json"}).exit, 3);
}

TEST_F(RunTest, ALongListIsCutOnATerminalOnly) {
  SyncReport report;
  for (int i = 0; i < 120; ++i) {
    report.actions.push_back(action(SyncAction::Kind::upload_new, "f" + std::to_string(i)));
  }
  world_.sync_report = report;
  EXPECT_THAT(go({"sync"}).out, HasSubstr("f119\n"));
  const std::string shown = go({"sync"}, kTerminal).out;
  EXPECT_THAT(shown, Not(HasSubstr("f119\n")));
  EXPECT_THAT(shown, HasSubstr("f48\n"));
  EXPECT_THAT(shown, HasSubstr("… and 71 more"));
}

TEST_F(RunTest, ColoursAreOnlyForATerminal) {
  SyncReport report;
  report.actions = {action(SyncAction::Kind::upload_new, "a")};
  world_.sync_report = report;
  EXPECT_THAT(go({"sync"}, kColourTerminal).out, HasSubstr("\x1b[32mA\x1b[0m"));
  EXPECT_THAT(go({"sync"}, kTerminal).out, Not(HasSubstr("\x1b")));
}

TEST_F(RunTest, ADryRunIsShownEvenWhenQuiet) {
  world_.dry_run_report->dry_run = true;
  EXPECT_EQ(go({"sync", "--dry-run"}).out, "Nothing would happen.\n");
  world_.dry_run_report->actions = {action(SyncAction::Kind::delete_local, "a")};
  EXPECT_THAT(go({"sync", "--dry-run", "-q"}).out, HasSubstr("  D  a\n"));
}

TEST_F(RunTest, AGuardShowsWhatItStopped) {
  world_.sync_report = Error(Code::refused, "this would delete 40 files")
                           .with_hint("Run again with --allow-mass-change.");
  world_.dry_run_report->actions = {action(SyncAction::Kind::delete_local, "precious")};
  const Ran ran = go({"sync"});
  EXPECT_EQ(ran.exit, 8);
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_EQ(ran.err,
            "This is what it would do:\n  D  precious\n"
            "mikura: this would delete 40 files\n  Run again with --allow-mass-change.\n");
  const Json error = go({"sync", "--json"}).error();
  EXPECT_EQ(error.at("exit_code"), 8);
  EXPECT_EQ(error.at("actions").at(0).at("path"), "precious");
}

TEST_F(RunTest, SyncAsJsonHasEveryDocumentedField) {
  SyncReport report;
  report.actions = {action(SyncAction::Kind::conflict, "é/\xE6\x97\xA5")};
  report.actions[0].conflict_copy = "é/conflict-20260102.030405.\xE6\x97\xA5";
  report.problems = {{ScanProblem::Kind::unreadable, "p", "no permission"}};
  world_.sync_report = report;
  const Json json = go({"sync", "--json"}).json();
  EXPECT_EQ(json.at("published"), nullptr);
  EXPECT_EQ(json.at("actions").at(0).at("action"), "conflict");
  EXPECT_EQ(json.at("actions").at(0).at("path"), "é/日");
  EXPECT_EQ(json.at("actions").at(0).at("conflict_copy"), "é/conflict-20260102.030405.日");
  EXPECT_EQ(json.at("problems").at(0).at("problem"), "unreadable");
  EXPECT_EQ(json.at("requests").at("total"), 1);
  EXPECT_EQ(json.at("requests").at("get"), 1);
  EXPECT_EQ(json.at("requests").at("put"), 0);
  EXPECT_EQ(json.at("requests").at("list"), 0);
  EXPECT_EQ(json.at("bytes_received"), 40);
  EXPECT_GE(json.at("elapsed_ms"), 0);
  EXPECT_GT(json.at("peak_memory_bytes"), 1'000'000);
}

TEST_F(RunTest, NamesThatAreNotUtf8DoNotBreakTheJson) {
  world_.sync_report->problems = {{ScanProblem::Kind::bad_name, "caf\xE9", "not UTF-8"}};
  EXPECT_EQ(go({"sync", "--json"}).json().at("problems").at(0).at("path"), "caf\xEF\xBF\xBD");
}

// status.

TEST_F(RunTest, StatusGroupsWhatItFound) {
  StatusReport report;
  report.folder = "/work";
  report.store = "file:///s";
  report.remote_checked = true;
  report.base_generation = 3;
  report.latest_generation = 4;
  report.local = {action(SyncAction::Kind::upload_new, "mine")};
  report.incoming = {action(SyncAction::Kind::download_changed, "theirs")};
  report.conflicts = {{"both", "", 0, version_id(1), EntryKind::file}};
  report.problems = {{ScanProblem::Kind::unsupported_kind, "fifo", "a pipe\x1b"}};
  world_.status_report = report;
  const Ran ran = go({"status"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.out,
            "Folder /work, repository file:///s\n"
            "Here: version 3; latest: version 4.\n"
            "Changes to push:\n  A  mine\n"
            "Incoming changes:\n  M  theirs\n"
            "One conflict. Your file was kept; the other version lies beside it:\n"
            "  C  both   (other version: not fetched yet)\n"
            "Choose with `mikura resolve PATH --keep-local`, `--take-remote`, `--keep-both` or "
            "`--merge`, or edit your file and delete the copy.\n"
            "One remark on a file:\n  !  fifo: a pipe\\033\n");
  EXPECT_EQ(world_.checked_remote, true);
}

TEST_F(RunTest, LocalStatusAsksNoStore) {
  EXPECT_EQ(go({"status", "--local"}).exit, 0);
  EXPECT_EQ(world_.checked_remote, false);
}

TEST_F(RunTest, StatusTellsWhyTheRepositoryCouldNotBeChecked) {
  world_.status_report->remote_problem = "no route to host";
  EXPECT_THAT(go({"status"}).out, HasSubstr("could not be checked: no route to host"));
  EXPECT_EQ(go({"status", "--json"}).json().at("remote_problem"), "no route to host");
}

// log, show, cat.

TEST_F(RunTest, LogShowsOneLineAVersion) {
  world_.versions = {version(2, "second\x1b[1m"), version(1)};
  EXPECT_EQ(go({"log"}).out,
            "00000002  2026-01-02 03:04:05  ann@host  (+1 -2)  second\\033[1m\n"
            "00000001  2026-01-02 03:04:05  ann@host  (+1 -2)\n");
}

TEST_F(RunTest, LogStopsAtItsLimitAndSaysThatThereIsMore) {
  for (unsigned char i = 0; i < 60; ++i)
    world_.versions.push_back(version(i));
  const auto lines = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  const Ran usual = go({"log"});
  EXPECT_EQ(lines(usual.out), 50);
  EXPECT_THAT(usual.err, HasSubstr("mikura log --all"));
  EXPECT_EQ(lines(go({"log", "--limit", "2"}).out), 2);
  EXPECT_EQ(lines(go({"log", "--all"}).out), 60);
  EXPECT_THAT(go({"log", "--limit", "60"}).err, IsEmpty());
  EXPECT_EQ(go({"log", "--json", "-n", "3"}).json().at("has_more"), true);
  EXPECT_EQ(go({"log", "some/path"}).exit, 0);
  EXPECT_EQ(world_.log_requests.back().path, "some/path");
  EXPECT_EQ(go({"log", "."}).exit, 0);
  EXPECT_EQ(world_.log_requests.back().path, std::nullopt);
}

Entry file_entry(const std::string& path, std::uint64_t size = 3) {
  Entry entry;
  entry.path = path;
  entry.kind = EntryKind::file;
  entry.mode = 0644;
  entry.size_bytes = size;
  return entry;
}

TEST_F(RunTest, ShowListsAVersionOrAPartOfIt) {
  world_.known_versions["HEAD"] = version_id(1);
  world_.versions = {version(1)};
  Entry link = file_entry("link\n");
  link.kind = EntryKind::symlink;
  link.target = "a\x1b";
  world_.entries[format_uuid(version_id(1).bytes())] = {file_entry("a"), file_entry("dir/b"), link};
  const std::string all = go({"show", "HEAD"}).out;
  EXPECT_THAT(all, HasSubstr("-644           3  1970-01-01 00:00:00  a\n"));
  EXPECT_THAT(all, HasSubstr("\"link\\n\" -> \"a\\033\"\n"));
  const std::string part = go({"show", "HEAD", "dir"}).out;
  EXPECT_THAT(part, HasSubstr("dir/b"));
  EXPECT_THAT(part, Not(HasSubstr("  a\n")));
  EXPECT_EQ(go({"show", "HEAD", "nothing"}).exit, 1);
  EXPECT_EQ(go({"show", "unknown"}).exit, 1);
  EXPECT_EQ(go({"show", "HEAD", "dir", "--json"}).json().at("entries").size(), 1U);
}

TEST_F(RunTest, CatWritesExactlyTheBytes) {
  world_.known_versions["HEAD"] = version_id(1);
  world_.contents["f"] = std::string("\x00\x1b[2J\xFF\n", 7);
  const Ran ran = go({"cat", "HEAD", "f"}, kTerminal);
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out, world_.contents["f"]);
  const Json json = go({"cat", "HEAD", "f", "--json"}).json();
  EXPECT_EQ(json.at("content_base64"), "ABtbMkr/Cg==");
  EXPECT_EQ(json.at("size"), 7);
  EXPECT_EQ(go({"cat", "HEAD", "."}).exit, 2);
  EXPECT_EQ(go({"cat", "HEAD", "none"}).exit, 1);
}

// restore, conflicts, resolve.

TEST_F(RunTest, RestorePassesWhatWasAskedFor) {
  world_.restore_report->actions = {action(SyncAction::Kind::download_changed, "a")};
  world_.restore_report->backup_folder = ".mikura/backup/x";
  const Ran ran = go({"restore", "HEAD~1", "a", "b", "--to", "/elsewhere", "--yes-mass-change"});
  ASSERT_EQ(ran.exit, 0);
  const RestoreRequest& request = world_.restore_requests.at(0);
  EXPECT_EQ(request.version, "HEAD~1");
  EXPECT_THAT(request.paths, ElementsAre("a", "b"));
  EXPECT_EQ(request.to_folder, "/elsewhere");
  EXPECT_TRUE(request.allow_mass_change);
  EXPECT_THAT(ran.out, HasSubstr("Restored one path to version 00000000."));
  EXPECT_THAT(ran.out, Not(HasSubstr("mikura sync")));  // elsewhere, there is nothing to publish
  EXPECT_THAT(go({"restore", "HEAD~1", "."}).out, HasSubstr("mikura sync"));
  EXPECT_THAT(world_.restore_requests.at(1).paths, IsEmpty());
}

TEST_F(RunTest, AGuardedRestoreShowsWhatItStopped) {
  world_.restore_report = Error(Code::refused, "this would replace 40 files");
  world_.restore_preview->actions = {action(SyncAction::Kind::download_changed, "precious")};
  const Ran ran = go({"restore", "HEAD~1"});
  EXPECT_EQ(ran.exit, 8);
  EXPECT_EQ(ran.err,
            "This is what it would do:\n  M  precious\nmikura: this would replace 40 files\n");
  EXPECT_EQ(go({"restore", "HEAD~1", "--json"}).error().at("actions").size(), 1U);
}

TEST_F(RunTest, ConflictsAreListedAndResolved) {
  world_.conflicts = {{"a", "conflict-20260102.030405.a", 1000, version_id(1), EntryKind::file},
                      {"b", "conflict-20260102.030405.b", 1000, version_id(1), EntryKind::file},
                      {"c", "", 1000, version_id(1), EntryKind::file}};
  EXPECT_EQ(go({"conflicts"}).exit, 3);
  const Json json = go({"conflicts", "--json"}).json();
  EXPECT_EQ(json.at("conflicts").at(0).at("path"), "a");
  EXPECT_EQ(json.at("conflicts").at(0).at("since_ms"), 1000);

  EXPECT_EQ(go({"resolve", "a", "--keep-local"}).exit, 3);  // two are left
  // The copy stands for the file.
  EXPECT_EQ(go({"resolve", "conflict-20260102.030405.b", "--take-remote"}).exit, 3);
  EXPECT_EQ(go({"resolve", "--all", "--keep-local"}).exit, 0);
  EXPECT_THAT(world_.resolved, ElementsAre(std::pair("a", Resolution::keep_local),
                                           std::pair("b", Resolution::take_remote),
                                           std::pair("c", Resolution::keep_local)));
  EXPECT_EQ(go({"conflicts"}).out, "No conflicts.\n");
  EXPECT_EQ(go({"conflicts"}).exit, 0);
}

TEST_F(RunTest, ResolveMustBeToldWhatAndHow) {
  EXPECT_EQ(go({"resolve", "a"}).exit, 2);
  EXPECT_EQ(go({"resolve", "a", "--keep-local", "--take-remote"}).exit, 2);
  EXPECT_EQ(go({"resolve", "--keep-local"}).exit, 2);
  EXPECT_EQ(go({"resolve", "a", "--all", "--keep-local"}).exit, 2);
  EXPECT_EQ(go({"resolve", "a", "--keep-local"}).exit, 1);  // not in conflict
}

}  // namespace
}  // namespace mikura
