#include "cli/commands.h"

namespace mikura {

void add_version_verb(Parser& parser, Invocation& invocation) {
  parser.add("version", "help.help", [&invocation]() -> Result<Exit> {
    invocation.out.show("mikura " MIKURA_VERSION);
    invocation.out.document({{"version", MIKURA_VERSION}});
    return Exit::done;
  });
}

}  // namespace mikura
