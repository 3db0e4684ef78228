// Sessions that run out, for tests: a service like a container's that hands out keys for some
// hours, and an S3 server that takes only the latest ones. Hours pass by a clock that tests move.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "net/credentials_test_support.h"
#include "store/retrying_store.h"
#include "store/s3_store.h"
#include "testing/fake_s3_server.h"

namespace mikura {

class S3Sessions {
 public:
  // A store that finds its keys at the service.
  std::unique_ptr<BlobStore> open() {
    StoreUrl url;
    url.scheme = StoreUrl::Scheme::s3;
    url.bucket = "test-bucket";
    url.prefix = "p";
    url.endpoint = server.endpoint();
    S3StoreOptions options;
    options.environment = environment_of(
        {{"HOME", "/nowhere"}, {"AWS_CONTAINER_CREDENTIALS_FULL_URI", service_.endpoint()}});
    options.clock = &clock;
    options.on_credentials = [this](const CredentialReport&) { ++searches; };
    auto store = open_s3_store(url, std::move(options));
    EXPECT_TRUE(store);
    return make_retrying_store(*std::move(store), {.policy = {}, .clock = &clock});
  }

  // Ends all sessions at the server, whatever was said of how long they last.
  void end_all() { server.expect_session_token("ended"); }

  StandingClock clock;
  std::chrono::milliseconds lasts = std::chrono::hours(12);
  std::atomic<bool> gives = true;  // false: the service refuses
  std::atomic<int> tokens = 0;
  std::atomic<int> searches = 0;
  FakeS3Server server{{.session_token = "none yet", .clock = &clock}};

 private:
  // Each time a new token, and the end of the one before the last.
  ServedResponse give() {
    if (!gives) return answer(R"({"code":"AccessDenied","message":"no more"})", 403);
    const std::string token = "token" + std::to_string(++tokens);
    server.add_session_token(token);
    return answer(R"({"AccessKeyId":"AKIDFAKE","SecretAccessKey":"fake+secret/key","Token":")" +
                  token + R"(","Expiration":")" +
                  format_iso8601_ms(clock.unix_ms() + lasts.count()) + "\"}");
  }

  RecordingService service_{[this](const ServedRequest&) { return give(); }};
};

}  // namespace mikura
