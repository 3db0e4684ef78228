#include "cli/invocation.h"

#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/log.h"
#include "cli/messages.h"
#include "cli/text.h"
#include "store/open_store.h"

namespace mikura {
namespace {

std::string environment_or(const char* name, std::string fallback) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : std::move(fallback);
}

std::string home_folder() {
  if (const char* const home = std::getenv("HOME"); home != nullptr && *home != '\0') return home;
  const passwd* const user = ::getpwuid(::getuid());
  return user != nullptr ? user->pw_dir : "/";
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string user_name() {
  const passwd* const user = ::getpwuid(::getuid());
  return user != nullptr ? user->pw_name : std::to_string(::getuid());
}

}  // namespace

std::string Invocation::client_folder() const {
  return environment_or("XDG_STATE_HOME", home_folder() + "/.local/state") + "/mikura";
}

Environment Invocation::environment() {
  if (key_ == nullptr) {
    key_ = std::make_unique<KeyInput>(global.key, client_folder());
    const bool show = !global.json && !global.quiet && !global.no_progress && ::isatty(STDERR_FILENO) != 0;
    progress_ = std::make_unique<ProgressLine>(show);
  }
  Environment environment;
  environment.client_folder = client_folder();
  environment.device_name = host_name();
  environment.author = user_name() + "@" + environment.device_name;
  environment.program = "mikura " MIKURA_VERSION;
  environment.key = [this](const KeyRequest& request) {
    clear_progress();
    return (*key_)(request);
  };
  environment.progress = [this](const Progress& progress) { progress_->show(progress); };
  environment.trace = [this](const StoreRequest& request) { count(request); };
  return environment;
}

void Invocation::count(const StoreRequest& request) {
  if (log_enabled(LogLevel::debug)) {
    log_debug(fmt::format("{:9} {}  sent {} B, received {} B, {:.1f} ms: {}", request.verb, request.name, request.sent_bytes,
                          request.received_bytes, static_cast<double>(request.duration_us) / 1000, request.outcome));
  }
  const std::lock_guard lock(mutex_);
  ++requests_[request.verb];
  sent_bytes_ += request.sent_bytes;
  received_bytes_ += request.received_bytes;
}

Result<void> Invocation::remember_key(const RepositoryId& repository) {
  if (key_ == nullptr) return {};
  const auto file = key_->file_to_remember();
  if (!file) return {};
  return remember_key_file(client_folder(), repository, *file);
}

Result<std::string> Invocation::store_url(const std::string& typed) const {
  TRY_ASSIGN(StoreUrl url, StoreUrl::parse(typed));
  const bool named = !global.profile.empty() || !global.region.empty() || !global.endpoint.empty();
  if (named && url.scheme != StoreUrl::Scheme::s3) {
    return Error(Code::invalid, "--profile, --region and --endpoint go with an s3:// store").with_hint("Leave them out for a folder.");
  }
  if (!global.profile.empty()) url.profile = global.profile;
  if (!global.region.empty()) url.region = global.region;
  if (!global.endpoint.empty()) url.endpoint = global.endpoint;
  return url.to_string();
}

Result<std::unique_ptr<Session>> Invocation::session() { return Session::open(global.folder, environment()); }

void Invocation::say(const std::string& line) {
  if (global.json || global.quiet) return;
  clear_progress();
  std::fputs((line + "\n").c_str(), stdout);
}

Json Invocation::figures() const {
  const std::lock_guard lock(mutex_);
  Json requests = Json::object();
  std::uint64_t total = 0;
  for (const auto& [verb, n] : requests_) {
    if (verb != "flush") total += n;  // a local matter
  }
  requests["total"] = total;
  for (const auto& [verb, n] : requests_) requests[verb] = n;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto elapsed = std::chrono::steady_clock::now() - started_;
  return {{"requests", requests},
          {"bytes_sent", sent_bytes_},
          {"bytes_received", received_bytes_},
          {"elapsed_ms", std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count()},
          {"peak_memory_bytes", static_cast<std::uint64_t>(usage.ru_maxrss) * 1024}};
}

void Invocation::document(Json json) {
  if (!global.json) return;
  json["figures"] = figures();
  // Names are UTF-8; anything else that might slip in is replaced, not thrown over.
  std::fputs((json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n").c_str(), stdout);
}

}  // namespace mikura
