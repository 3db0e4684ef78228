// Where a bucket's objects are: the server and the path for a name, in path style or in
// virtual-host style.
//
// Pure. Thread-safety: plain values. Invariant: every text that becomes part of a host name has
// been checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/aws_config.h"
#include "net/uri.h"
#include "store/open_store.h"

namespace mikura {

struct S3Target {
  Endpoint endpoint;
  std::string path;  // percent-encoded, complete
};

class S3Address {
 public:
  // The URL's parameters come before the settings, and they before AWS. Code::invalid for an
  // impossible bucket, endpoint or region.
  static Result<S3Address> make(const StoreUrl& url, const S3Settings& settings);

  // The object with that key; the bucket itself with an empty key.
  S3Target target(std::string_view key, const std::string& region) const;
  // The key in the bucket of a name in the store, or of a text prefix of names.
  std::string key_of(std::string_view name) const { return key_prefix_ + std::string(name); }
  // The part of all keys of this store: "" or "prefix/".
  const std::string& key_prefix() const { return key_prefix_; }

  const std::string& bucket() const { return bucket_; }
  // Where the search for the region starts: what was configured, else us-east-1.
  const std::string& region() const { return region_; }
  bool is_aws() const { return !custom_.has_value(); }

  // "s3://bucket/prefix (http://127.0.0.1:9000)".
  std::string describe(const std::string& region) const;

 private:
  std::string bucket_;
  std::string key_prefix_;
  std::string region_;
  std::optional<Endpoint> custom_;  // unset: AWS
  bool path_style_ = false;
};

// "eu-central-1", "auto": what may be put into a host name or a signature.
bool valid_region(std::string_view region);

}  // namespace mikura
