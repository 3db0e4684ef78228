// history/*, diff, version/entries: looking at versions.
#include <algorithm>

#include "format/path.h"
#include "server/methods.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

Result<Json> list(Services& services, Call& call, const HistoryListParams& params) {
  TRY_ASSIGN(const auto session, services.session(call));
  LogRequest request = params.request;
  // One more tells whether there are more.
  request.limit = params.request.limit + 1;
  Json versions = Json::array();
  bool has_more = false;
  TRY(session->log(
      request,
      [&](const VersionInfo& info) {
        has_more = versions.size() == params.request.limit;
        if (!has_more) versions.push_back(to_json(info));
        return !has_more;
      },
      call.stop()));
  return Json{{"versions", std::move(versions)}, {"has_more", has_more}};
}

Result<Json> version(Services& services, Call& call, const VersionParams& params) {
  TRY_ASSIGN(const auto session, services.session(call));
  TRY_ASSIGN(const VersionId id, session->resolve_version(params.version, call.stop()));
  TRY_ASSIGN(const VersionInfo info, session->version_info(id, call.stop()));
  return to_json(info);
}

Result<DiffSide> side_of(Session& session, const SideParams& params, std::stop_token stop) {
  DiffSide side;
  side.empty = params.kind == SideParams::Kind::empty;
  if (params.kind == SideParams::Kind::version) {
    TRY_ASSIGN(side.version, session.resolve_version(params.version, std::move(stop)));
  }
  return side;
}

Result<Json> diff(Services& services, Call& call, const DiffParams& params) {
  TRY_ASSIGN(const auto session, services.session(call));
  TRY_ASSIGN(const DiffSide before, side_of(*session, params.before, call.stop()));
  TRY_ASSIGN(const DiffSide after, side_of(*session, params.after, call.stop()));
  TRY_ASSIGN(const auto changes, session->diff(before, after, params.paths, call.stop()));
  return Json{{"changes", to_json_list(changes)}};
}

Result<Json> entries(Services& services, Call& call, const VersionEntriesParams& params) {
  TRY_ASSIGN(const auto session, services.session(call));
  TRY_ASSIGN(const VersionId id, session->resolve_version(params.version, call.stop()));
  TRY_ASSIGN(std::vector<Entry> found, session->version_entries(id, call.stop()));
  if (!params.paths.empty()) {
    std::erase_if(found, [&](const Entry& entry) {
      return std::none_of(params.paths.begin(), params.paths.end(),
                          [&](const std::string& path) { return is_within(entry.path, path); });
    });
  }
  return Json{{"entries", to_json_list(found)}};
}

}  // namespace

void add_history_methods(Methods& methods) {
  methods.look<HistoryListParams>("history/list", list);
  methods.look<VersionParams>("history/version", version);
  methods.look<DiffParams>("diff", diff);
  methods.look<VersionEntriesParams>("version/entries", entries);
}

}  // namespace mikura
