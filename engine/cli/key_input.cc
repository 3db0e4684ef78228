#include "cli/key_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "cli/messages.h"
#include "crypto/hash.h"
#include "crypto/user_key.h"
#include "session/session.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxKeyText = 64 * 1024;
constexpr std::size_t kMinPassphrase = 12;

// Bytes that are wiped when they go.
struct Wiped {
  Bytes bytes;
  ~Wiped() { wipe(bytes); }
};

Result<KeySource> read_from(int fd, bool creating, std::string_view what) {
  Wiped text{Bytes(kMaxKeyText)};
  TRY_ASSIGN(const std::size_t size, read_fully(fd, text.bytes, what));
  return parse_key_text(std::span(text.bytes).first(size), creating, what);
}

Result<KeySource> run_key_command(const std::string& command, bool creating) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error(errno, "run", "the key command");
  const Fd in(ends[0]);
  Fd out(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return system_error(errno, "run", "the key command");
  if (child == 0) {
    ::dup2(out.get(), STDOUT_FILENO);
    ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  out.reset();
  auto key = read_from(in.get(), creating, "the output of the key command");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Error(Code::invalid, "the key command failed").with_hint("Run the command of --key-command by hand to see why.");
  }
  return key;
}

// Reads a line from the terminal without showing it. The terminal is put back as it was even if the read fails.
Result<SecretBytes> read_hidden_line(int terminal, const std::string& prompt) {
  TRY(write_fully(terminal, as_bytes(prompt), "the terminal"));
  termios before{};
  if (::tcgetattr(terminal, &before) != 0) return system_error(errno, "use", "the terminal");
  termios hidden = before;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(terminal, TCSAFLUSH, &hidden);
  Wiped line{Bytes(4096)};
  ssize_t size = 0;
  do {
    size = ::read(terminal, line.bytes.data(), line.bytes.size());
  } while (size < 0 && errno == EINTR);
  ::tcsetattr(terminal, TCSAFLUSH, &before);
  TRY(write_fully(terminal, as_bytes("\n"), "the terminal"));
  std::size_t used = size > 0 ? static_cast<std::size_t>(size) : 0;
  while (used > 0 && (line.bytes[used - 1] == std::byte{'\n'} || line.bytes[used - 1] == std::byte{'\r'})) --used;
  if (used == 0) return Error(Code::cancelled, "no passphrase was entered");
  return SecretBytes(std::span(line.bytes).first(used));
}

Error no_key(const KeyRequest& request) {
  if (request.creating) {
    return Error(Code::invalid, "no key was given for the new repository")
        .with_hint("Make one with `mikura key generate ~/mikura.key` and add `--key-file ~/mikura.key`.");
  }
  return Error(Code::invalid, "no key was given for " + request.store)
      .with_hint("Add `--key-file FILE` (or --key-fd, --key-command), or run on a terminal to be asked for the passphrase.");
}

Result<KeySource> prompt(const KeyRequest& request) {
  const Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal || ::isatty(STDIN_FILENO) == 0) return no_key(request);
  TRY_ASSIGN(SecretBytes first, read_hidden_line(terminal.get(), request.creating ? tr("key.prompt_new") : tr("key.prompt", request.store)));
  if (request.creating) {
    TRY_ASSIGN(const SecretBytes second, read_hidden_line(terminal.get(), tr("key.prompt_again")));
    if (!equal_constant_time(first.expose(), second.expose())) {
      return Error(Code::invalid, "the two passphrases differ").with_hint("Run the command again.");
    }
  }
  return parse_key_text(first.expose(), request.creating, "what was typed");
}

}  // namespace

Result<KeySource> parse_key_text(ByteSpan bytes, bool creating, std::string_view what) {
  const std::string_view text = as_text(bytes);
  const auto starts_key = [&] {
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      std::string_view line = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
      if (line.starts_with("MIKURA-KEY-") || line.starts_with("mikura-key-")) return true;
      if (!line.empty() && line.front() != '#' && line.front() != '\r') return false;
    }
    return false;
  };
  if (starts_key()) {
    auto key = parse_user_key(bytes);
    if (!key) return std::move(key).error().with_context(std::string(what));
    return KeySource::key(*std::move(key));
  }
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return Error(Code::invalid, std::string(what) + " holds neither a key nor a passphrase");
  if (creating && line.size() < kMinPassphrase) {
    return Error(Code::invalid, "the passphrase is shorter than 12 characters")
        .with_hint("Use a longer one, or `mikura key generate FILE` for a key that cannot be guessed.");
  }
  return KeySource::passphrase(SecretBytes(as_bytes(line)));
}

Result<KeySource> read_key_file(const std::string& path, bool creating) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error(errno, "open the key file", path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return system_error(errno, "inspect the key file", path);
  if (S_ISREG(info.st_mode) && (info.st_mode & 077) != 0) {
    return Error(Code::refused, "other users of this machine can read the key file " + path)
        .with_hint("Run `chmod 600 " + path + "`. If others may have read it, treat the key as leaked.");
  }
  return read_from(fd.get(), creating, "the key file " + path);
}

std::string KeyInput::explicit_file() const {
  if (!options_.file.empty()) return options_.file;
  if (options_.fd >= 0 || !options_.command.empty()) return {};
  const char* const named = std::getenv("MIKURA_KEY_FILE");
  return named != nullptr ? named : "";
}

std::optional<std::string> KeyInput::file_to_remember() const {
  const std::string file = options_.fd >= 0 ? std::string() : explicit_file();
  if (file.empty()) return std::nullopt;
  return std::filesystem::absolute(file).lexically_normal().string();
}

Result<KeySource> KeyInput::operator()(const KeyRequest& request) {
  if (options_.fd >= 0) return read_from(options_.fd, request.creating, "the descriptor of --key-fd");
  if (const std::string file = explicit_file(); !file.empty()) return read_key_file(file, request.creating);
  if (!options_.command.empty()) return run_key_command(options_.command, request.creating);
  if (!request.creating) {
    if (const auto remembered = remembered_key_file(client_folder_, request.repository)) {
      auto key = read_key_file(*remembered, false);
      if (key) return key;
      return std::move(key).error().with_hint("That file was used before for this repository. Put it back, or name another with --key-file.");
    }
  }
  return prompt(request);
}

}  // namespace mikura
