#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/text.h"
#include "crypto/user_key.h"

namespace mikura {
namespace {

// Made anew, readable by its owner only, never over something that is there.
Result<void> write_key_file(const std::string& path, const SecretBytes& text) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) {
    return system_error(errno, "create the key file", path).with_hint("An existing file is never overwritten. Choose another name.");
  }
  TRY(write_fully(fd.get(), text.expose(), path));
  TRY(write_fully(fd.get(), as_bytes("\n"), path));
  if (::fsync(fd.get()) != 0) return system_error(errno, "flush", path);
  return {};
}

Result<Exit> generate(Invocation& invocation, const std::string& path) {
  const UserKey key = generate_user_key(system_random());
  const SecretBytes text = format_user_key(key);
  if (path.empty()) {
    TRY(write_fully(STDOUT_FILENO, text.expose(), "the output"));
    TRY(write_fully(STDOUT_FILENO, as_bytes("\n"), "the output"));
  } else {
    TRY(write_key_file(path, text));
    invocation.say(tr("key.written", safe(path)));
    invocation.document({{"key_file", path}});
  }
  if (!invocation.global.quiet) std::fputs((tr("key.warning") + "\n").c_str(), stderr);
  return Exit::done;
}

}  // namespace

void add_key_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* const verb = app.add_subcommand("key", "Make keys");
  verb->require_subcommand(1);
  const auto path = std::make_shared<std::string>();
  CLI::App* const generate_verb = verb->add_subcommand("generate", "Make a new key");
  generate_verb->add_option("FILE", *path, "Where to put it (default: print it)");
  generate_verb->footer("Example:\n  mikura key generate ~/mikura.key");
  generate_verb->callback([&invocation, path] { invocation.run = [&invocation, path] { return generate(invocation, *path); }; });
}

}  // namespace mikura
