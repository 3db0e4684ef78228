#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/text.h"
#include "crypto/user_key.h"

namespace mikura {
namespace {

Error cannot_create(int errno_value, const std::string& path) {
  Error error = system_error(errno_value, "create the key file", path);
  if (errno_value != EEXIST) return error;
  return std::move(error).with_hint(
      "A file is never overwritten: it may hold the only key of a repository. Choose another "
      "name.");
}

// Made anew, readable by its owner only, never over something that is there; durable before it is
// used, since nothing can be read without it.
Result<void> write_key_file(const std::string& path, const SecretBytes& text) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return cannot_create(errno, path);
  const auto written = [&]() -> Result<void> {
    TRY(write_fully(fd.get(), text.expose(), path));
    TRY(write_fully(fd.get(), as_bytes("\n"), path));
    if (::fsync(fd.get()) != 0) return system_error(errno, "flush", path);
    const std::string parent = std::filesystem::path(path).parent_path().string();
    return sync_directory(parent.empty() ? "." : parent);
  }();
  // Half a key is none.
  if (!written) ::unlink(path.c_str());
  return written;
}

// The key passes through no string of ours: they would not be wiped.
Result<void> print_key(Output& out, const SecretBytes& text) {
  if (out.json) TRY(out.raw(as_bytes("{\n  \"key\": \"")));
  TRY(out.raw(text.expose()));
  return out.raw(as_bytes(out.json ? "\"\n}\n" : "\n"));
}

Result<Exit> generate(Invocation& invocation, const std::string& path) {
  const UserKey key = generate_user_key(system_random());
  const SecretBytes text = format_user_key(key);
  if (path.empty()) {
    TRY(print_key(invocation.out, text));
  } else {
    TRY(write_key_file(path, text));
    invocation.out.say(tr("key.written", shown_name(path)));
    invocation.out.document({{"key_file", path}});
  }
  invocation.out.note(tr("key.warning"));
  return Exit::done;
}

}  // namespace

void add_key_verb(Parser& parser, Invocation& invocation) {
  const auto path = std::make_shared<std::string>();
  parser
      .add("key generate", "help.help", [&invocation, path] { return generate(invocation, *path); })
      .argument("FILE", *path, "option.key_path");
}

}  // namespace mikura
