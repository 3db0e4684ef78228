#include "cli/key_input.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "base/file.h"
#include "cli/key_command.h"
#include "cli/messages.h"
#include "cli/read_all.h"
#include "cli/text.h"
#include "crypto/hash.h"
#include "wire/key_text.h"

namespace mikura {
namespace {

Result<KeySource> read_from(int fd, bool creating, std::string_view what, std::stop_token stop) {
  WipedBuffer text(kMaxKeyTextBytes);
  TRY_ASSIGN(const std::size_t size, read_all(fd, text.bytes, what, StopEvent(std::move(stop))));
  return parse_key_text(std::span(text.bytes).first(size), creating, what);
}

Error no_key(const KeyRequest& request) {
  if (request.creating) {
    return Error(Code::invalid, "no key was given for the new repository")
        .with_hint(
            "Make one with `mikura key generate ~/mikura.key` and add `--key-file ~/mikura.key`.");
  }
  Error error(Code::invalid, "no key was given for " + request.store);
  if (!request.accepts_passphrase) {
    return std::move(error).with_hint(
        "Add `--key-file FILE` (or --key-fd, --key-command) with the key of the repository.");
  }
  return std::move(error).with_hint(
      "Add `--key-file FILE` (or --key-fd, --key-command), or run on a terminal to be asked for "
      "the "
      "passphrase.");
}

std::string prompt_for(const KeyRequest& request) {
  if (request.creating) return tr("key.prompt_new");
  const std::string store = harmless(request.store);
  return request.accepts_passphrase ? tr("key.prompt", store) : tr("key.prompt_key", store);
}

}  // namespace

Result<KeySource> read_key_file(const std::string& path, bool creating, std::stop_token stop) {
  const std::string what = "the key file " + path;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) {
    return system_error(errno, "open the key file", path)
        .with_hint("Make one with `mikura key generate FILE`, or name the one you have.");
  }
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return system_error(errno, "inspect the key file", path);
  if (S_ISDIR(info.st_mode)) return Error(Code::invalid, what + " is a folder");
  if (S_ISREG(info.st_mode) && (info.st_mode & 077) != 0) {
    return Error(Code::refused, "other users of this machine can read or change " + what)
        .with_hint("Run `chmod 600 " + path +
                   "`. If others may have read it, treat the key as leaked.");
  }
  return read_from(fd.get(), creating, what, std::move(stop));
}

std::optional<std::string> KeyInput::file_to_remember() const {
  if (options_.fd >= 0 || options_.file.empty()) return std::nullopt;
  std::error_code failure;
  if (!std::filesystem::is_regular_file(options_.file, failure)) return std::nullopt;
  const auto path = std::filesystem::absolute(options_.file, failure).lexically_normal();
  if (failure) return std::nullopt;
  // /dev/fd/63, which a shell makes for <(...), may be a file in this process and nothing in the
  // next.
  if (path.string().starts_with("/dev/") || path.string().starts_with("/proc/")) {
    return std::nullopt;
  }
  return path.string();
}

Result<KeySource> KeyInput::operator()(const KeyRequest& request) {
  repository_ = request.repository;
  const bool creating = request.creating;
  if (options_.fd >= 0) {
    return read_from(options_.fd, creating, "the descriptor of --key-fd", world_.stop);
  }
  if (!options_.file.empty()) return read_key_file(options_.file, creating, world_.stop);
  if (!options_.command.empty()) return run_key_command(options_.command, creating, world_.stop);
  if (!world_.environment_file.empty()) {
    return read_key_file(world_.environment_file, creating, world_.stop);
  }
  if (!creating && world_.remembered_file) {
    const auto remembered = world_.remembered_file(request.repository);
    if (remembered) return from_remembered_file(*remembered);
  }
  return from_terminal(request);
}

Result<KeySource> KeyInput::from_remembered_file(const std::string& path) const {
  auto key = read_key_file(path, false, world_.stop);
  if (!key && key.failed_with(Code::not_found)) {
    return Error(Code::not_found, key.error().message())
        .with_hint(
            "That file was named before for this repository. Put it back, or name another with "
            "--key-file.");
  }
  return key;
}

Result<KeySource> KeyInput::from_terminal(const KeyRequest& request) const {
  if (!world_.ask) return no_key(request);
  TRY_ASSIGN(const SecretBytes first, world_.ask(prompt_for(request)));
  TRY_ASSIGN(KeySource source, parse_key_text(first.expose(), request.creating, "what was typed"));
  if (!request.creating) return source;
  TRY_ASSIGN(const SecretBytes second, world_.ask(tr("key.prompt_again")));
  if (!equal_constant_time(first.expose(), second.expose())) {
    return Error(Code::invalid, "the two passphrases differ").with_hint("Run the command again.");
  }
  return source;
}

}  // namespace mikura
