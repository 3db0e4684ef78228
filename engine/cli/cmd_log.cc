#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

constexpr std::uint64_t kUsualLimit = 50;

struct LogOptions {
  std::string path;
  std::uint64_t limit = kUsualLimit;
  bool all = false;
};

// Lists up to the limit, and looks one further to know whether there is more.
class Listing {
 public:
  Listing(Invocation& invocation, std::uint64_t limit) : invocation_(invocation), limit_(limit) {}

  bool add(const VersionInfo& info) {
    if (limit_ != 0 && count_ == limit_) {
      has_more_ = true;
      return false;
    }
    ++count_;
    if (invocation_.global.json) {
      versions_.push_back(to_json(info));
    } else {
      invocation_.out.show(version_line(invocation_.out, info));
    }
    return !invocation_.out.is_closed();
  }

  void finish() {
    if (count_ == 0) invocation_.out.say(tr("log.empty"));
    if (has_more_) invocation_.out.note(tr("log.more"));
    invocation_.document_with_figures({{"versions", versions_}, {"has_more", has_more_}});
  }

 private:
  Invocation& invocation_;
  const std::uint64_t limit_;
  std::uint64_t count_ = 0;
  bool has_more_ = false;
  Json versions_ = Json::array();
};

Result<Exit> log(Invocation& invocation, const LogOptions& options) {
  TRY_ASSIGN(const auto session, invocation.session());
  LogRequest request;
  const std::uint64_t limit = options.all ? 0 : options.limit;
  request.limit = limit == 0 ? 0 : limit + 1;
  if (!options.path.empty()) {
    TRY_ASSIGN(const auto paths, invocation.index_paths(*session, {options.path}));
    if (!paths.empty()) request.path = paths.front();
  }
  Listing listing(invocation, limit);
  TRY(session->log(
      request, [&](const VersionInfo& info) { return listing.add(info); }, invocation.stop()));
  listing.finish();
  return Exit::done;
}

}  // namespace

void add_log_verb(Parser& parser, Invocation& invocation) {
  const auto options = std::make_shared<LogOptions>();
  parser.add("log", "help.history", [&invocation, options] { return log(invocation, *options); })
      .argument("PATH", options->path, "option.log_path")
      .number("-n,--limit", options->limit, "option.limit")
      .flag("--all", options->all, "option.all_versions");
}

}  // namespace mikura
