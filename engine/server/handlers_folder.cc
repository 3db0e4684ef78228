// folder/*: which folders are open, and how they sync. (folder/close is the dispatcher's.)
#include "server/methods.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

Result<Json> describe(Services& services, const std::string& path) {
  TRY_ASSIGN(const auto info, services.engine.inspect_folder(path));
  if (!info) return Json{{"linked", false}};
  if (const auto folder = services.folders.find(path)) folder->set_repository(info->repository);
  return to_json(*info);
}

Result<Json> open(Services& services, Call& call, const FolderParams& params) {
  TRY_ASSIGN(Json description, describe(services, params.folder));
  // Sent after the answer, so that a client knows the folder when it hears of it.
  call.answer(std::move(description));
  services.states.open(params.folder);
  return Json(nullptr);
}

Result<Json> configure(Services& services, Call& call, const ConfigureParams& params) {
  {
    TRY_ASSIGN(const auto session, services.session(call));
    TRY(session->configure(params.request));
  }
  services.note_success(params.folder);
  return describe(services, params.folder);
}

// What counts is what is unsaved when a call begins to work.
void set_unsaved(Services& services, const PathsParams& params) {
  if (const auto folder = services.folders.find(params.folder))
    folder->unsaved.with([&](auto& paths) { paths = params.paths; });
}

}  // namespace

void add_folder_methods(Methods& methods) {
  methods.add<FolderParams>("folder/open", Call::Lane::look, Methods::Needs::nothing, open);
  methods.change<ConfigureParams>("folder/configure", configure);
  methods.notification<PathsParams>("unsaved/set", set_unsaved);
  methods.add<FolderParams>(
      "folder/close", Call::Lane::look, Methods::Needs::open_folder,
      [](Services&, Call&, const FolderParams&) -> Result<Json> { return Json(nullptr); });
}

}  // namespace mikura
