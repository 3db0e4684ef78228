#include "cli/invocation.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "cli/messages.h"
#include "cli/terminal.h"
#include "cli/text.h"

namespace mikura {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string home_folder() {
  if (std::string home = variable("HOME"); !home.empty()) return home;
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

std::string client_folder() {
  std::string state = variable("XDG_STATE_HOME");
  // The XDG rules: a relative path is invalid and ignored.
  if (!state.starts_with('/')) state = home_folder() + "/.local/state";
  return state + "/mikura";
}

Invocation::Invocation(Engine engine, const Streams& streams, std::stop_token stop)
    : out(streams), engine_(std::move(engine)), stop_(std::move(stop)) {
  out.clear_progress = [this] { clear_progress(); };
}

KeyInput& Invocation::key_input() {
  if (key_ != nullptr) return *key_;
  KeyInputWorld world;
  world.environment_file = variable("MIKURA_KEY_FILE");
  world.stop = stop_;
  world.remembered_file = [this](const RepositoryId& repository) {
    return engine_.remembered_key_file(client_folder(), repository);
  };
  if (can_ask())
    world.ask = [this](const std::string& prompt) { return ask_hidden(prompt, stop_); };
  key_ = std::make_unique<KeyInput>(global.key, std::move(world));
  return *key_;
}

Environment Invocation::environment() {
  if (progress_ == nullptr) {
    const Streams& streams = out.streams();
    const bool wanted = !global.json && !global.quiet && !global.verbose && !global.no_progress;
    progress_ = std::make_unique<ProgressLine>(streams.err, wanted && streams.err_is_terminal,
                                               system_clock());
  }
  Environment environment;
  environment.client_folder = client_folder();
  environment.device_name = host_name();
  environment.author = user_name() + "@" + environment.device_name;
  environment.program = "mikura " MIKURA_VERSION;
  environment.key = [this](const KeyRequest& request) {
    clear_progress();
    return key_input()(request);
  };
  environment.mfa_sessions = mfa_sessions_;
  if (can_ask()) {
    environment.mfa = [this](const MfaRequest& request, std::stop_token stop) {
      clear_progress();
      if (request.retry) out.note(tr("mfa.refused"));
      return ask_hidden(tr("mfa.prompt", harmless(request.serial), harmless(request.role_arn)),
                        std::move(stop));
    };
  }
  environment.progress = [this](const Progress& progress) { progress_->show(progress); };
  environment.trace = [this](const StoreRequest& request) { figures_.count(request); };
  return environment;
}

Result<std::unique_ptr<Session>> Invocation::session() {
  return engine_.open(".", environment());
}

void Invocation::remember_key_file(const RepositoryId* repository) {
  const auto file = key_input().file_to_remember();
  if (!file) return;
  if (repository == nullptr && key_->repository()) repository = &*key_->repository();
  if (repository == nullptr) return;
  const auto remembered = engine_.remember_key_file(client_folder(), *repository, *file);
  if (!remembered) out.note(tr("remember.failed", harmless(remembered.error().message())));
}

Result<std::vector<std::string>> Invocation::index_paths(
    Session& session, const std::vector<std::string>& typed) const {
  std::vector<std::string> paths;
  if (typed.empty()) return paths;
  std::error_code failure;
  const std::string from = std::filesystem::current_path(failure).string();
  if (failure) return Error(Code::io, "cannot find out which folder this is: " + failure.message());
  for (const std::string& path : typed) {
    TRY_ASSIGN(std::string index_path, session.to_index_path(path, from));
    if (index_path.empty()) return std::vector<std::string>();
    paths.push_back(std::move(index_path));
  }
  return paths;
}

void Invocation::document_with_figures(Json document) {
  if (!global.json) return;
  figures_.add_to(document);
  out.document(document);
}

void Invocation::clear_progress() {
  if (progress_ != nullptr) progress_->clear();
}

}  // namespace mikura
