#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/text.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

struct LinkOptions {
  std::string store;
  std::string folder = ".";
};

Result<Exit> link(Invocation& invocation, const LinkOptions& options) {
  LinkRequest request;
  TRY_ASSIGN(request.store_url, store_url_with(options.store, invocation.global));
  request.folder = options.folder;
  TRY_ASSIGN(const InitReport report,
             invocation.engine().link(request, invocation.environment(), invocation.stop()));
  invocation.remember_key_file(&report.repository);
  Output& out = invocation.out;
  out.say(tr("link.done", shown_name(options.folder), harmless(report.store)));
  out.say(tr("link.next"));
  invocation.document_with_figures(to_json(report));
  return Exit::done;
}

}  // namespace

void add_link_verb(Parser& parser, Invocation& invocation) {
  const auto options = std::make_shared<LinkOptions>();
  parser.add("link", "help.set_up", [&invocation, options] { return link(invocation, *options); })
      .required_argument("STORE", options->store, "option.store")
      .argument("DIR", options->folder, "option.link_dir");
}

}  // namespace mikura
