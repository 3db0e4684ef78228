#include "session/doctor_store.h"

#include <fmt/format.h>

#include "vault/vault.h"

namespace mikura {
namespace {

using Verdict = DoctorCheck::State;

// "in 11 h", "in 40 min", "since 5 min".
std::string time_until(std::int64_t unix_ms, Clock& clock) {
  const std::int64_t minutes = (unix_ms - clock.unix_ms()) / 60'000;
  const std::int64_t size = minutes < 0 ? -minutes : minutes;
  const std::string text =
      size >= 120 ? fmt::format("{} h", size / 60) : fmt::format("{} min", size);
  return minutes < 0 ? "they expired " + text + " ago" : "they expire in " + text;
}

void note(StorePermissions& may, const Error& error) {
  may.missing.push_back(error.hint().empty() ? error.message()
                                             : error.message() + "; " + error.hint());
}

}  // namespace

StorePermissions find_permissions(BlobStore& store, Random& random, const std::stop_token& stop) {
  StorePermissions may;
  const auto listed = store.list(kKeysPrefix, "", stop);
  may.list = listed.has_value();
  if (!listed) note(may, listed.error());
  const std::string scratch = "probe/" + to_hex(random.make_id<PublishId>().bytes());
  const auto put = store.put(scratch, as_bytes("may I write?"), PutCondition::if_absent(), stop);
  may.write = put.has_value();
  if (!put) {
    note(may, put.error());
    return may;
  }
  const auto removed = store.remove(scratch, std::nullopt, stop);
  may.remove = removed.has_value();
  if (!removed) note(may, removed.error());
  return may;
}

DoctorCheck permissions_check(const StorePermissions& may) {
  std::string text = "these credentials may read";
  const std::string role = !may.write ? "a reader" : may.remove ? "a maintainer" : "a writer";
  if (may.list) text += ", list";
  if (may.write) text += ", write";
  if (may.remove) text += ", remove";
  text += ": enough for " + role;
  if (!may.list) {
    return {"store.permissions", Verdict::warning, text + ", but that they may not list",
            fmt::format("{}", fmt::join(may.missing, "; "))};
  }
  if (!may.missing.empty()) text += fmt::format(" ({})", fmt::join(may.missing, "; "));
  return {"store.permissions", Verdict::ok, text, ""};
}

DoctorCheck credentials_check(const CredentialReport& report, Clock& clock) {
  std::string others;
  std::string serving;
  for (const CredentialFinding& finding : report) {
    if (!finding.serves) {
      others += (others.empty() ? "" : "; ") + finding.place + ": " + finding.text;
      continue;
    }
    serving = "from " + finding.text;
    if (finding.expires_unix_ms) serving += ", " + time_until(*finding.expires_unix_ms, clock);
  }
  if (serving.empty()) {
    return {"credentials", Verdict::failed, "no credentials were found (" + others + ")",
            "docs/s3.md lists the places, in the order in which they are asked."};
  }
  if (!others.empty()) serving += " (not " + others + ")";
  return {"credentials", Verdict::ok, std::move(serving), ""};
}

std::vector<DoctorCheck> capability_checks(const StoreCapabilities& found,
                                           const RepositoryConfig& config,
                                           const StorePermissions& may) {
  std::vector<DoctorCheck> checks;
  const std::string what = fmt::format("conditional create {}, compare-and-swap {}",
                                       found.conditional_create ? "works" : "does not work",
                                       found.conditional_swap ? "works" : "does not work");
  if (found.conditional_create && found.conditional_swap) {
    checks.push_back({"store.conditional_writes", Verdict::ok,
                      "several machines may push at once: " + what, ""});
  } else if (config.single_writer && !config.capabilities.conditional_swap) {
    checks.push_back({"store.conditional_writes", Verdict::warning,
                      what + "; the repository is in single-writer mode",
                      "Push from one machine only."});
  } else {
    checks.push_back({"store.conditional_writes", Verdict::failed,
                      what + ": two people who push at once could overwrite each other",
                      "The server may have changed. Stop pushing from more than one machine until "
                      "it is fixed."});
  }
  if (!may.remove) {
    checks.push_back({"store.conditional_delete", Verdict::skipped,
                      "not allowed to remove here, so not checked", ""});
  } else if (found.conditional_delete) {
    checks.push_back({"store.conditional_delete", Verdict::ok, "conditional delete works", ""});
  } else if (config.capabilities.conditional_delete) {
    checks.push_back({"store.conditional_delete", Verdict::warning,
                      "conditional delete worked when the repository was made, and does not now",
                      "The server may have changed. Do not clean up until it is fixed."});
  } else {
    checks.push_back({"store.conditional_delete", Verdict::skipped,
                      "the store does not check conditions when it removes", ""});
  }
  return checks;
}

}  // namespace mikura
