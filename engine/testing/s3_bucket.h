// A bucket of its own for a test, on whatever S3 server an endpoint names: made when it is opened,
// emptied and removed when it goes. For tests only.
//
// Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "net/credential_sources.h"
#include "net/http_client.h"
#include "net/sigv4.h"

namespace mikura {

class S3Bucket {
 public:
  // With credentials from the process environment, in path style.
  static Result<std::unique_ptr<S3Bucket>> create(const std::string& endpoint,
                                                  const std::string& region);
  ~S3Bucket();

  const std::string& name() const { return name_; }
  // Removes all objects whose keys start with `prefix`.
  Result<void> remove_all(const std::string& prefix);

 private:
  S3Bucket(Endpoint endpoint, std::string region, std::string name)
      : endpoint_(std::move(endpoint)), region_(std::move(region)), name_(std::move(name)) {}

  Result<HttpResponse> send(const std::string& method, const std::string& key,
                            const std::string& query);

  const Endpoint endpoint_;
  const std::string region_;
  const std::string name_;
  const std::unique_ptr<CredentialProvider> credentials_ =
      environment_credentials(process_environment());
  HttpClient http_;
  Signer signer_{"s3"};
};

}  // namespace mikura
