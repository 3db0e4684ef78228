// An S3 server in the process: the part of the protocol that Mikura speaks, with the answers that
// AWS gives, and the faults that a test asks for. For tests only.
//
// Strict: every request must be signed rightly for the region, with the hash of its body; what is
// not known is refused. Conditional requests behave as recorded from AWS: If-None-Match takes only
// *, If-Match on an absent key is 404, both together are 501. An ETag is a function of the bytes,
// as the MD5 of AWS is.
//
// Thread-safe. Requests to one server are carried out one after the other (so conditional puts are
// linearizable).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "net/credentials.h"
#include "testing/fake_s3_answers.h"
#include "testing/fake_s3_auth.h"
#include "testing/http_server.h"

namespace mikura {

class FakeS3Server {
 public:
  explicit FakeS3Server(FakeS3Options options = {});

  std::string endpoint() const { return http_.endpoint(); }
  // For virtual-host style: "http://localhost:port", so that bucket.localhost is this machine.
  std::string host_endpoint() const { return "http://localhost:" + std::to_string(http_.port()); }
  std::uint64_t connections() const { return http_.connections(); }
  std::uint64_t requests() const { return http_.requests(); }
  void close_connections() { http_.close_connections(); }

  // The next requests meet these faults, one each; with `method`, only requests of that method.
  void inject(S3Fault fault, unsigned times = 1, std::string method = {});
  void remove_all(const std::string& prefix);
  void put_directly(const std::string& key, const std::string& body);
  std::vector<std::string> keys() const;
  // What the last request was, for tests that look at the wire.
  ServedRequest last_request() const;
  // Credentials that the server takes.
  Credentials credentials() const;
  // From now on only this token is taken.
  void expect_session_token(std::string token);
  // From now on this one, and still the one that was taken last.
  void add_session_token(std::string token);

 private:
  struct Object {
    std::string body;
    std::string etag;
    std::int64_t modified_unix_ms = 0;
  };
  struct Fault {
    S3Fault fault;
    std::string method;
  };
  struct State {
    std::map<std::string, Object> objects;
    std::deque<Fault> faults;
    std::string session_token;
    std::string session_token_before;  // empty: none
    ServedRequest last;
  };
  // One request with what was read from its target.
  struct Call {
    const ServedRequest& http;
    std::string bucket;
    std::string key;
    std::map<std::string, std::string> query;
  };

  ServedResponse handle(const ServedRequest& request);
  ServedResponse carry_out(State& state, const Call& call);
  Call parse_target(const ServedRequest& request) const;
  ServedResponse get(const State& state, const Call& call) const;
  ServedResponse put(State& state, const Call& call) const;
  ServedResponse remove(State& state, const Call& call) const;
  ServedResponse list(const State& state, const Call& call) const;
  ServedResponse missing(const Call& call) const;
  std::string written(const std::string& etag) const;
  std::int64_t now_ms() const;
  void store(State& state, const std::string& key, const std::string& body) const;

  const FakeS3Options options_;
  Guarded<State> state_;
  HttpServer http_;  // last: its threads use the rest
};

}  // namespace mikura
