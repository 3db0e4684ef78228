#include "store/s3_address.h"

#include <algorithm>

namespace mikura {
namespace {

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Old buckets of us-east-1 have names that are no host names; they are reached by path style.
bool valid_bucket(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 255 && bucket != "..." &&
         std::all_of(bucket.begin(), bucket.end(), [](char c) {
           return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
                  c == '_';
         });
}

bool is_host_label(std::string_view bucket) {
  return bucket.size() <= 63 && is_lower_or_digit(bucket.front()) &&
         is_lower_or_digit(bucket.back()) && std::all_of(bucket.begin(), bucket.end(), [](char c) {
           return is_lower_or_digit(c) || c == '-';
         });
}

std::string aws_host(const std::string& region) {
  return "s3." + region + aws_domain(region);
}

}  // namespace

bool valid_region(std::string_view region) {
  return !region.empty() && region.size() <= 32 && is_lower_or_digit(region.front()) &&
         std::all_of(region.begin(), region.end(),
                     [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

Result<S3Address> S3Address::make(const StoreUrl& url, const S3Settings& settings) {
  S3Address address;
  address.bucket_ = url.bucket;
  if (!valid_bucket(address.bucket_)) {
    return Error(Code::invalid, "'" + url.bucket + "' is not the name of a bucket")
        .with_hint("a bucket's name has 3 to 63 characters of a-z, 0-9, '-' and '.'");
  }
  if (!url.prefix.empty()) address.key_prefix_ = url.prefix + "/";
  // A key has at most 1024 bytes, a name at most 512.
  if (address.key_prefix_.size() > 512)
    return Error(Code::invalid, "the prefix in the bucket is longer than 511 bytes");
  address.region_ = !url.region.empty() ? url.region : settings.region;
  if (address.region_.empty()) address.region_ = "us-east-1";
  if (!valid_region(address.region_)) {
    return Error(Code::invalid, "'" + address.region_ + "' is not the name of a region")
        .with_hint("name it as in region=eu-central-1");
  }
  const std::string& endpoint = !url.endpoint.empty() ? url.endpoint : settings.endpoint;
  if (!endpoint.empty()) {
    TRY_ASSIGN(address.custom_, Endpoint::parse(endpoint));
  }
  const std::optional<bool> wish = url.path_style ? url.path_style : settings.path_style;
  if (wish) {
    address.path_style_ = *wish;
  } else {
    // One label only: a certificate for *.s3.region.amazonaws.com does not cover a bucket with
    // dots.
    address.path_style_ = address.custom_.has_value() || !is_host_label(address.bucket_);
  }
  if (!address.path_style_ && !is_host_label(address.bucket_)) {
    return Error(Code::invalid, "the bucket '" + url.bucket + "' cannot be part of a host name")
        .with_hint("use path_style=true");
  }
  return address;
}

S3Target S3Address::target(std::string_view key, const std::string& region) const {
  S3Target target;
  if (custom_) {
    target.endpoint = *custom_;
  } else {
    target.endpoint.host = aws_host(region);
    target.endpoint.port = 443;
  }
  target.path = target.endpoint.base_path;
  if (path_style_) {
    target.path += "/" + bucket_;
  } else {
    target.endpoint.host = bucket_ + "." + target.endpoint.host;
  }
  // The bucket itself is "/bucket" in path style: some servers take "/bucket/" for an object
  // without a name.
  if (!key.empty() || target.path.empty()) target.path += "/" + uri_encode(key, Slash::keep);
  return target;
}

std::string S3Address::describe(const std::string& region) const {
  std::string out = "s3://" + bucket_;
  if (!key_prefix_.empty()) out += "/" + key_prefix_.substr(0, key_prefix_.size() - 1);
  return out + " (" + (custom_ ? custom_->to_string() : "AWS, " + region) + ")";
}

}  // namespace mikura
