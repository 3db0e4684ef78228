#include "testing/s3_bucket.h"

#include <cstdio>

#include "base/clock.h"
#include "base/task_group.h"
#include "crypto/random.h"
#include "net/s3_xml.h"

namespace mikura {
namespace {

Error unexpected(const HttpResponse& response, const std::string& doing) {
  return {Code::io, doing + ": the server answered " + std::to_string(response.status) + " " +
                        std::string(as_text(response.body))};
}

}  // namespace

Result<std::unique_ptr<S3Bucket>> S3Bucket::create(const std::string& endpoint,
                                                   const std::string& region) {
  TRY_ASSIGN(Endpoint parsed, Endpoint::parse(endpoint));
  ByteArray<8> random{};
  system_random().fill(random);
  std::unique_ptr<S3Bucket> bucket(
      new S3Bucket(std::move(parsed), region, "mikura-test-" + to_hex(random)));
  TRY_ASSIGN(const HttpResponse response, bucket->send("PUT", "", ""));
  if (response.status != 200) return unexpected(response, "creating the bucket " + bucket->name_);
  return bucket;
}

S3Bucket::~S3Bucket() {
  auto emptied = remove_all("");
  auto removed = send("DELETE", "", "");
  if (!emptied || !removed || removed->status != 204) {
    std::fprintf(stderr, "the test's bucket %s could not be removed\n", name_.c_str());
  }
}

Result<void> S3Bucket::remove_all(const std::string& prefix) {
  for (;;) {
    TRY_ASSIGN(const HttpResponse response,
               send("GET", "",
                    "encoding-type=url&list-type=2&prefix=" + uri_encode(prefix, Slash::encode)));
    if (response.status != 200) return unexpected(response, "listing " + name_);
    TRY_ASSIGN(const S3ListResult listed, parse_list_result(as_text(response.body)));
    TRY(for_each_bounded(
        listed.objects.size(), 4, {}, [&](std::size_t i, std::stop_token) -> Result<void> {
          TRY_ASSIGN(const HttpResponse removed, send("DELETE", listed.objects[i].key, ""));
          if (removed.status != 204)
            return unexpected(removed, "removing " + listed.objects[i].key);
          return {};
        }));
    if (listed.next_token.empty()) return {};
  }
}

Result<HttpResponse> S3Bucket::send(const std::string& method, const std::string& key,
                                    const std::string& query) {
  TRY_ASSIGN(const auto credentials, credentials_->get({}));
  HttpRequest request{.method = method,
                      .endpoint = endpoint_,
                      .path = "/" + name_ + (key.empty() ? "" : "/" + uri_encode(key, Slash::keep)),
                      .query = query,
                      .max_response_bytes = kMaxListResultBytes};
  signer_.sign(request, *credentials, region_, system_clock().unix_ns() / 1'000'000'000);
  return http_.send(request, {});
}

}  // namespace mikura
