#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/text.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

struct InitOptions {
  std::string store;
  std::string folder = ".";
  std::string object_names = "hmac-sha256";
  bool single_writer = false;
};

Result<Exit> init(Invocation& invocation, const InitOptions& options) {
  InitRequest request;
  TRY_ASSIGN(request.store_url, store_url_with(options.store, invocation.global));
  request.folder = options.folder;
  request.naming =
      options.object_names == "sha256" ? NamingScheme::sha256 : NamingScheme::hmac_sha256;
  request.single_writer = options.single_writer;
  TRY_ASSIGN(const InitReport report,
             invocation.engine().init(request, invocation.environment(), invocation.stop()));
  invocation.remember_key_file(&report.repository);
  Output& out = invocation.out;
  out.say(tr("init.done", format_uuid(report.repository.bytes()), harmless(report.store)));
  out.say(tr("init.next"));
  invocation.document_with_figures(to_json(report));
  return Exit::done;
}

}  // namespace

void add_init_verb(Parser& parser, Invocation& invocation) {
  const auto options = std::make_shared<InitOptions>();
  parser.add("init", "help.set_up", [&invocation, options] { return init(invocation, *options); })
      .required_argument("STORE", options->store, "option.store")
      .argument("DIR", options->folder, "option.link_dir")
      .choice("--object-names", options->object_names, "option.object_names", "SCHEME",
              {"hmac-sha256", "sha256"})
      .flag("--single-writer", options->single_writer, "option.single_writer");
}

}  // namespace mikura
