#include "local/watcher_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <map>

#include "base/file.h"
#include "local/workspace_folder.h"

namespace mikura {
namespace {

constexpr std::uint64_t kMaxFileBytes = 64 * 1024;
constexpr std::uint64_t kMaxStatBytes = 64 * 1024;
constexpr int kStartTimeField = 22;  // of /proc/<pid>/stat, counted from 1

std::string file_path(const std::string& root) {
  return root + "/" + std::string(kMikuraFolder) + "/watcher";
}

// In clock ticks since the machine started; nullopt if there is no such process.
std::optional<std::string> start_time_of(std::int64_t pid) {
  const auto stat = read_file(fmt::format("/proc/{}/stat", pid), kMaxStatBytes);
  if (!stat) return std::nullopt;
  const std::string_view text = as_text(*stat);
  // The second field is the name in parentheses, which may hold anything.
  std::size_t at = text.rfind(')');
  if (at == std::string_view::npos) return std::nullopt;
  for (int field = 2; field < kStartTimeField; ++field) {
    at = text.find(' ', at + 1);
    if (at == std::string_view::npos) return std::nullopt;
  }
  return std::string(text.substr(at + 1, text.find(' ', at + 1) - at - 1));
}

// One line: nothing in a message may pass for another key.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

template <class Number>
Number number(const std::map<std::string, std::string, std::less<>>& values, std::string_view key) {
  Number value = 0;
  const auto found = values.find(key);
  if (found != values.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  return value;
}

std::map<std::string, std::string, std::less<>> parse(std::string_view text) {
  std::map<std::string, std::string, std::less<>> values;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos)
      values.emplace(line.substr(0, space), line.substr(space + 1));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return values;
}

}  // namespace

Result<void> write_watcher_file(const std::string& root, const WatcherInfo& info) {
  const std::int64_t pid = ::getpid();
  const std::string text = fmt::format(
      "pid {}\nstarted {}\nprogram {}\nsince_ms {}\nactivity {}\nlast_sync_ms {}\ngeneration {}\n"
      "problem_code {}\nproblem {}\ndegraded {}\n",
      pid, start_time_of(pid).value_or("?"), one_line(info.program), info.since_ms,
      one_line(info.activity), info.last_sync_ms, info.generation, one_line(info.problem_code),
      one_line(info.problem), one_line(info.degraded));
  return write_file_atomically(file_path(root), as_bytes(text), 0600);
}

void remove_watcher_file(const std::string& root) {
  const auto there = read_watcher_file(root);
  if (there && there->pid == ::getpid()) ::unlink(file_path(root).c_str());
}

std::optional<WatcherInfo> read_watcher_file(const std::string& root) {
  const auto bytes = read_file(file_path(root), kMaxFileBytes);
  if (!bytes) return std::nullopt;
  const auto values = parse(as_text(*bytes));
  const auto text = [&](std::string_view key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string() : found->second;
  };
  WatcherInfo info;
  info.pid = number<std::int64_t>(values, "pid");
  if (info.pid <= 0) return std::nullopt;
  const auto started = start_time_of(info.pid);
  if (!started || *started != text("started")) return std::nullopt;
  info.program = text("program");
  info.since_ms = number<std::int64_t>(values, "since_ms");
  info.activity = text("activity");
  info.last_sync_ms = number<std::int64_t>(values, "last_sync_ms");
  info.generation = number<std::uint64_t>(values, "generation");
  info.problem_code = text("problem_code");
  info.problem = text("problem");
  info.degraded = text("degraded");
  return info;
}

}  // namespace mikura
