// What the fake S3 server is told to be, and its check of signatures (testing/fake_s3_server.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "testing/http_server.h"

namespace mikura {

struct FakeS3Options {
  std::string bucket = "test-bucket";
  std::string region = "us-east-1";
  std::string access_key_id = "AKIDFAKE";
  std::string secret_access_key = "fake+secret/key";
  std::string session_token{};  // if not empty, requests must bring it
  unsigned page_size = 1000;
  std::int64_t clock_offset_seconds = 0;  // the server's clock minus ours
  Clock* clock = nullptr;                 // ours: system_clock() if null
  bool ignores_conditional_puts = false;  // silently, as some servers do
  bool ignores_conditional_removes = false;
  bool quotes_etags = true;
  // Without the permission to list, a missing object is 403; a permission for a prefix does not
  // change that.
  enum class Listing { allowed, prefix_only, denied };
  Listing listing = Listing::allowed;
  bool redirects_by_301 =
      false;  // another region's request: 301 with a header, instead of 400 with a document
};

// nullopt if the request is signed rightly with the options' keys, for their region, with the hash
// of its body and at about `now_ms`; else what S3 answers.
std::optional<ServedResponse> refuse_unless_signed(const ServedRequest& request,
                                                   const FakeS3Options& options,
                                                   const std::string& session_token,
                                                   std::int64_t now_ms);

}  // namespace mikura
