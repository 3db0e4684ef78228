// content/*: one file of a version.
#include <fmt/format.h>

#include "server/methods.h"
#include "session/export.h"
#include "wire/base64.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

// A document is built in memory.
constexpr std::uint64_t kMaxContentBytes = 64ULL << 20;

Result<Json> read(Services& services, Call& call, const ContentParams& params) {
  TRY_ASSIGN(const auto session, services.session(call));
  Bytes content;
  const auto begin = [&](const Entry& entry) -> Result<void> {
    if (entry.size_bytes > kMaxContentBytes) {
      return Error(Code::full, fmt::format("{} is too large to be opened here", params.path))
          .with_hint("Save that version of it as a file.");
    }
    content.reserve(static_cast<std::size_t>(entry.size_bytes));
    return {};
  };
  const auto sink = [&](ByteSpan piece) -> Result<void> {
    append(content, piece);
    return {};
  };
  TRY_ASSIGN(const Entry entry,
             session->read_version_file(params.version, params.path, begin, sink, call.stop()));
  return Json{{"path", entry.path},
              {"kind", kind_name(entry.kind)},
              {"size", content.size()},
              {"mode", entry.mode},
              {"content_base64", to_base64(content)}};
}

Result<Json> export_to(Services& services, Call& call, const ExportParams& params) {
  TRY_ASSIGN(const auto session, services.session(call));
  TRY_ASSIGN(const std::uint64_t size_bytes,
             export_file(*session, params.version, params.path, params.to, call.stop()));
  return Json{{"size", size_bytes}};
}

}  // namespace

void add_content_methods(Methods& methods) {
  methods.look<ContentParams>("content/read", read);
  methods.look<ExportParams>("content/export", export_to);
}

}  // namespace mikura
