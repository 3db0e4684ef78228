#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/json_reports.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"
#include "format/path.h"

namespace mikura {
namespace {

struct LogOptions {
  std::string path;
  std::uint64_t limit = 50;
  bool all = false;
};

void print(Invocation& invocation, const VersionInfo& info) {
  std::string changes;
  for (const auto& [sign, n] : {std::pair('+', info.added), std::pair('~', info.modified), std::pair('-', info.removed)}) {
    if (n > 0) changes += fmt::format("{}{}{}", changes.empty() ? "" : " ", sign, n);
  }
  invocation.say(fmt::format("{:>5}  {}  {}  {}  ({}){}{}", info.generation, short_id(format_uuid(info.version.bytes())),
                             human_time(info.created_unix_ms), safe(info.author), changes, info.message.empty() ? "" : "  ",
                             info.message.empty() ? "" : safe(info.message)));
}

Result<Exit> log(Invocation& invocation, const LogOptions& options) {
  TRY_ASSIGN(const auto session, invocation.session());
  LogRequest request;
  request.limit = options.all ? 0 : options.limit;
  if (!options.path.empty()) {
    TRY_ASSIGN(const auto paths, index_paths(*session, {options.path}, invocation.global.folder));
    if (!paths.empty()) request.path = paths.front();
  }
  Json versions = Json::array();
  bool any = false;
  TRY(session->log(request,
                   [&](const VersionInfo& info) {
                     any = true;
                     if (invocation.global.json) versions.push_back(to_json(info));
                     else print(invocation, info);
                     return std::ferror(stdout) == 0;
                   },
                   invocation.stop()));
  if (!any) invocation.say(tr("log.empty"));
  invocation.document({{"versions", versions}});
  return Exit::done;
}

struct ShowOptions {
  std::string version;
  std::vector<std::string> paths;
};

std::string line_of(const Entry& entry) {
  const char kind = entry.kind == EntryKind::directory ? 'd' : entry.kind == EntryKind::symlink ? 'l' : '-';
  const std::string target = entry.kind == EntryKind::symlink ? " -> " + safe(entry.target) : "";
  return fmt::format("{}{:03o}  {:>10}  {}  {}{}", kind, entry.mode, entry.size_bytes, human_time(entry.mtime_ns / 1'000'000), safe(entry.path), target);
}

Result<Exit> show(Invocation& invocation, const ShowOptions& options) {
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const VersionId version, session->resolve_version(options.version, invocation.stop()));
  TRY_ASSIGN(const VersionInfo info, session->version_info(version, invocation.stop()));
  TRY_ASSIGN(const std::vector<Entry> entries, session->version_entries(version, invocation.stop()));
  TRY_ASSIGN(const auto paths, index_paths(*session, options.paths, invocation.global.folder));
  print(invocation, info);
  Json files = Json::array();
  for (const Entry& entry : entries) {
    bool wanted = paths.empty();
    for (const std::string& path : paths) wanted = wanted || is_within(entry.path, path);
    if (!wanted) continue;
    if (invocation.global.json) files.push_back(to_json(entry));
    else invocation.say(line_of(entry));
  }
  Json document = to_json(info);
  document["entries"] = std::move(files);
  invocation.document(std::move(document));
  return Exit::done;
}

struct CatOptions {
  std::string version;
  std::string path;
};

Result<Exit> cat(Invocation& invocation, const CatOptions& options) {
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const VersionId version, session->resolve_version(options.version, invocation.stop()));
  TRY_ASSIGN(const auto paths, index_paths(*session, {options.path}, invocation.global.folder));
  if (paths.empty()) return Error(Code::invalid, "that is the folder itself").with_hint("Name a file.");
  TRY(session->read_content({version}, paths.front(), [](ByteSpan piece) { return write_fully(STDOUT_FILENO, piece, "the output"); },
                            invocation.stop()));
  return Exit::done;
}

constexpr const char* kVersionHelp = "HEAD, HEAD~N, base, or the start or end of a version's id (at least 4 characters)";

}  // namespace

void add_history_verbs(CLI::App& app, Invocation& invocation) {
  const auto log_options = std::make_shared<LogOptions>();
  CLI::App* const log_verb = app.add_subcommand("log", "List the versions, newest first");
  log_verb->add_option("PATH", log_options->path, "Only those that changed this file or folder");
  log_verb->add_option("-n,--limit", log_options->limit, "At most so many (default 50)");
  log_verb->add_flag("--all", log_options->all, "All of them");
  log_verb->footer("Columns: number, id, time, author, (+added ~modified -removed), message.");
  log_verb->callback([&invocation, log_options] { invocation.run = [&invocation, log_options] { return log(invocation, *log_options); }; });

  const auto show_options = std::make_shared<ShowOptions>();
  CLI::App* const show_verb = app.add_subcommand("show", "List the files of a version");
  show_verb->add_option("VERSION", show_options->version, kVersionHelp)->required();
  show_verb->add_option("PATH", show_options->paths, "Only these files or folders");
  show_verb->callback([&invocation, show_options] { invocation.run = [&invocation, show_options] { return show(invocation, *show_options); }; });

  const auto cat_options = std::make_shared<CatOptions>();
  CLI::App* const cat_verb = app.add_subcommand("cat", "Write one file of a version to the standard output");
  cat_verb->add_option("VERSION", cat_options->version, kVersionHelp)->required();
  cat_verb->add_option("PATH", cat_options->path, "The file")->required();
  cat_verb->footer("Example:\n  mikura cat HEAD~2 notes.txt > notes.old.txt");
  cat_verb->callback([&invocation, cat_options] { invocation.run = [&invocation, cat_options] { return cat(invocation, *cat_options); }; });
}

}  // namespace mikura
