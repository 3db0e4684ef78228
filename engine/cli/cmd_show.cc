#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"
#include "format/path.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

struct ShowOptions {
  std::string version;
  std::vector<std::string> paths;
};

std::string line_of(const Entry& entry) {
  char kind = '-';
  if (entry.kind == EntryKind::directory) kind = 'd';
  if (entry.kind == EntryKind::symlink) kind = 'l';
  std::string line = fmt::format("{}{:03o}  {:>10}  {}  {}", kind, entry.mode, entry.size_bytes,
                                 human_time(entry.mtime_ns / 1'000'000), shown_name(entry.path));
  if (entry.kind == EntryKind::symlink) line += " -> " + shown_name(entry.target);
  return line;
}

bool is_wanted(const Entry& entry, const std::vector<std::string>& paths) {
  return paths.empty() || std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
           return is_within(entry.path, path);
         });
}

Result<Exit> show(Invocation& invocation, const ShowOptions& options) {
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const auto paths, invocation.index_paths(*session, options.paths));
  TRY_ASSIGN(const VersionId version, session->resolve_version(options.version, invocation.stop()));
  TRY_ASSIGN(const VersionInfo info, session->version_info(version, invocation.stop()));
  TRY_ASSIGN(std::vector<Entry> entries, session->version_entries(version, invocation.stop()));
  std::erase_if(entries, [&](const Entry& entry) { return !is_wanted(entry, paths); });
  if (entries.empty() && !paths.empty()) {
    return Error(Code::not_found, "nothing at that path in this version")
        .with_hint("`mikura show VERSION` without a path lists everything.");
  }
  if (invocation.global.json) {
    Json document = to_json(info);
    document["entries"] = to_json_list(entries);
    invocation.document_with_figures(std::move(document));
    return Exit::done;
  }
  invocation.out.show(version_line(invocation.out, info));
  for (const Entry& entry : entries) {
    if (invocation.out.is_closed()) break;
    invocation.out.show(line_of(entry));
  }
  return Exit::done;
}

}  // namespace

void add_show_verb(Parser& parser, Invocation& invocation) {
  const auto options = std::make_shared<ShowOptions>();
  parser.add("show", "help.history", [&invocation, options] { return show(invocation, *options); })
      .required_argument("VERSION", options->version, "option.version")
      .arguments("PATH", options->paths, "option.show_path");
}

}  // namespace mikura
