// History: finding versions and describing them. Internal to session/.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "session/workspace.h"

namespace mikura {

// The differences under `paths` (all if empty), renames joined.
std::vector<DiffEntry> diff_entries(const std::vector<Entry>& before,
                                    const std::vector<Entry>& after,
                                    const std::vector<std::string>& paths);

class History {
 public:
  // Reads HEAD (one conditional request).
  static Result<History> open(Workspace& workspace, Vault* vault, std::stop_token stop);

  // See Session::resolve_version. Code::not_found, or Code::invalid if it is ambiguous.
  Result<LogRecord> find(const std::string& text, std::stop_token stop) const;
  Result<Index> index(const VersionId& version, std::stop_token stop) const;
  Result<VersionInfo> info(const VersionId& version, std::stop_token stop) const;
  Result<void> log(const LogRequest& request, const std::function<bool(const VersionInfo&)>& each,
                   std::stop_token stop) const;

 private:
  History(Workspace& workspace, Vault* vault, Head head)
      : workspace_(workspace), vault_(vault), head_(std::move(head)) {}

  Result<Index> load(const VersionId& version, const Sha256Digest& index_sha256,
                     std::stop_token stop) const;
  Result<LogRecord> find_nth(const std::string& text, std::size_t back, std::stop_token stop) const;

  Workspace& workspace_;
  Vault* vault_;
  Head head_;
};

}  // namespace mikura
