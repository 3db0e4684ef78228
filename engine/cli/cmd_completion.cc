#include <memory>

#include "cli/commands.h"
#include "cli/completion.h"

namespace mikura {

void add_completion_verb(Parser& parser, Invocation& invocation) {
  const auto shell = std::make_shared<std::string>();
  const auto print = [&parser, &invocation, shell]() -> Result<Exit> {
    const std::string script = completion_script(parser.describe(), *shell);
    if (!invocation.global.json) TRY(invocation.out.raw(as_bytes(script)));
    invocation.out.document({{"shell", *shell}, {"script", script}});
    return Exit::done;
  };
  parser.add("completion", "help.help", print)
      .choice_argument("SHELL", *shell, "option.shell", {"bash", "zsh", "fish"});
}

}  // namespace mikura
