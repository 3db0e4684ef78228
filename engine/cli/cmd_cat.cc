#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "wire/base64.h"

namespace mikura {
namespace {

// A document is built in memory; larger contents are for the plain form.
constexpr std::uint64_t kMaxJsonBytes = 64ULL << 20;

struct CatOptions {
  std::string version;
  std::string path;
};

Result<Bytes> read_whole(Session& session, const VersionId& version, const std::string& path,
                         std::stop_token stop) {
  Bytes content;
  TRY(session.read_content(
      {version}, path,
      [&](ByteSpan piece) -> Result<void> {
        if (content.size() + piece.size() > kMaxJsonBytes) {
          return Error(Code::full, path + " is too large for a JSON document")
              .with_hint("Leave --json out: the content is then written as it is.");
        }
        append(content, piece);
        return {};
      },
      std::move(stop)));
  return content;
}

Result<Exit> cat(Invocation& invocation, const CatOptions& options) {
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const auto paths, invocation.index_paths(*session, {options.path}));
  if (paths.empty()) {
    return Error(Code::invalid, "that is the folder itself").with_hint("Name a file in it.");
  }
  TRY_ASSIGN(const VersionId version, session->resolve_version(options.version, invocation.stop()));
  if (invocation.global.json) {
    TRY_ASSIGN(const Bytes content,
               read_whole(*session, version, paths.front(), invocation.stop()));
    invocation.document_with_figures({{"version", format_uuid(version.bytes())},
                                      {"path", paths.front()},
                                      {"size", content.size()},
                                      {"content_base64", to_base64(content)}});
    return Exit::done;
  }
  TRY(session->read_content(
      {version}, paths.front(), [&](ByteSpan piece) { return invocation.out.raw(piece); },
      invocation.stop()));
  return Exit::done;
}

}  // namespace

void add_cat_verb(Parser& parser, Invocation& invocation) {
  const auto options = std::make_shared<CatOptions>();
  parser.add("cat", "help.history", [&invocation, options] { return cat(invocation, *options); })
      .required_argument("VERSION", options->version, "option.version")
      .required_argument("PATH", options->path, "option.cat_path");
}

}  // namespace mikura
