#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "cli/json_reports.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"

namespace mikura {
namespace {

struct SetupOptions {
  std::string store;
  std::string folder = ".";
  std::string object_names = "hmac-sha256";
  bool single_writer = false;
};

constexpr const char* kStoreHelp = "file:///path/of/the/store or s3://bucket/prefix[?endpoint=URL&region=NAME]";

Result<Exit> init(Invocation& invocation, const SetupOptions& options) {
  InitRequest request;
  TRY_ASSIGN(request.store_url, invocation.store_url(options.store));
  request.folder = options.folder;
  request.naming = options.object_names == "sha256" ? NamingScheme::sha256 : NamingScheme::hmac_sha256;
  request.single_writer = options.single_writer;
  TRY_ASSIGN(const InitReport report, init_repository(request, invocation.environment(), invocation.stop()));
  TRY(invocation.remember_key(report.repository));
  invocation.say(tr("init.done", format_uuid(report.repository.bytes()), report.store));
  invocation.say(tr("init.next"));
  invocation.document(to_json(report));
  return Exit::done;
}

Result<Exit> link(Invocation& invocation, const SetupOptions& options) {
  LinkRequest request;
  TRY_ASSIGN(request.store_url, invocation.store_url(options.store));
  request.folder = options.folder;
  TRY_ASSIGN(const InitReport report, link_folder(request, invocation.environment(), invocation.stop()));
  TRY(invocation.remember_key(report.repository));
  invocation.say(tr("link.done", safe(options.folder), report.store));
  invocation.say(tr("link.next"));
  invocation.document(to_json(report));
  return Exit::done;
}

Result<Exit> clone(Invocation& invocation, const SetupOptions& options) {
  LinkRequest request;
  TRY_ASSIGN(request.store_url, invocation.store_url(options.store));
  request.folder = options.folder;
  TRY_ASSIGN(const SyncReport report, clone_repository(request, invocation.environment(), invocation.stop()));
  {
    TRY_ASSIGN(const auto session, Session::open(options.folder, invocation.environment()));
    TRY_ASSIGN(const StatusReport status, session->status(false, invocation.stop()));
    TRY(invocation.remember_key(status.repository));
  }
  if (report.version) {
    std::uint64_t bytes = 0;
    std::uint64_t files = 0;
    for (const SyncAction& action : report.actions) {
      if (action.entry_kind == EntryKind::directory) continue;
      ++files;
      bytes += action.size_bytes;
    }
    invocation.say(tr("clone.done", report.generation, safe(options.folder), files, human_size(bytes)));
  } else {
    invocation.say(tr("clone.empty", safe(options.folder)));
  }
  print_problems(invocation, report.problems);
  invocation.document(to_json(report));
  return Exit::done;
}

}  // namespace

void add_setup_verbs(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<SetupOptions>();

  CLI::App* const init_verb = app.add_subcommand("init", "Create a repository and link a folder to it");
  init_verb->add_option("STORE", options->store, kStoreHelp)->required();
  init_verb->add_option("DIR", options->folder, "The folder to link (default: this one)");
  init_verb->add_option("--object-names", options->object_names,
                        "hmac-sha256: names tell nothing without the key (default); sha256: the plain hash, which lets whoever lists the store "
                        "recognise known files. Fixed for ever")
      ->check(CLI::IsMember({"hmac-sha256", "sha256"}));
  init_verb->add_flag("--single-writer", options->single_writer, "Accept a store without conditional writes: only one machine may ever push");
  init_verb->footer("Examples:\n  mikura key generate ~/mikura.key\n  mikura --key-file ~/mikura.key init file:///srv/store\n"
                    "  mikura --key-file ~/mikura.key init 's3://bucket/project?region=eu-central-1'");
  init_verb->callback([&invocation, options] { invocation.run = [&invocation, options] { return init(invocation, *options); }; });

  CLI::App* const link_verb = app.add_subcommand("link", "Link an existing folder to an existing repository");
  link_verb->add_option("STORE", options->store, kStoreHelp)->required();
  link_verb->add_option("DIR", options->folder, "The folder to link (default: this one)");
  link_verb->footer("The next sync merges both; files that differ on both sides become conflicts, nothing is overwritten.");
  link_verb->callback([&invocation, options] { invocation.run = [&invocation, options] { return link(invocation, *options); }; });

  CLI::App* const clone_verb = app.add_subcommand("clone", "Check out the latest version into a new folder");
  clone_verb->add_option("STORE", options->store, kStoreHelp)->required();
  clone_verb->add_option("DIR", options->folder, "The folder to make")->required();
  clone_verb->footer("Example:\n  mikura --key-file ~/mikura.key clone file:///srv/store project");
  clone_verb->callback([&invocation, options] { invocation.run = [&invocation, options] { return clone(invocation, *options); }; });
}

}  // namespace mikura
