#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

struct ConfigureOptions {
  std::string policy, gitignore;
};

Result<Exit> configure(Invocation& invocation, const ConfigureOptions& options) {
  ConfigureRequest request;
  request.policy = policy_named(options.policy);
  if (!options.gitignore.empty()) request.use_gitignore = options.gitignore == "on";
  TRY_ASSIGN(const auto session, invocation.session());
  const bool changes = request.policy || request.use_gitignore;
  TRY_ASSIGN(const WorkspaceSettings settings,
             changes ? session->configure(request) : session->settings());
  Output& out = invocation.out;
  out.show(tr("configure.policy", policy_name(settings.policy)));
  out.show(tr("configure.gitignore", settings.use_gitignore ? "on" : "off"));
  invocation.document_with_figures(to_json(settings));
  return Exit::done;
}

}  // namespace

void add_configure_verb(Parser& parser, Invocation& invocation) {
  const auto options = std::make_shared<ConfigureOptions>();
  parser
      .add("configure", "help.set_up",
           [&invocation, options] { return configure(invocation, *options); })
      .choice("--policy", options->policy, "option.policy", "POLICY",
              {"keepBoth", "lastWriteWins", "merge"})
      .choice("--gitignore", options->gitignore, "option.gitignore", "on|off", {"on", "off"});
}

}  // namespace mikura
