// StoreUrl: parsing and printing. open_store itself is in store/open_store.cc.
#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.h"
#include "net/uri.h"
#include "store/open_store.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxUrlBytes = 8192;
constexpr std::size_t kMaxPathBytes = 4000;
constexpr std::size_t kMaxPrefixBytes = 500;  // S3 keys end at 1024, names of objects at 512
constexpr std::string_view kExamples =
    "Write file:///home/me/store for a folder, or s3://bucket/folder for S3 (with "
    "?endpoint=https://host for a server "
    "that is not AWS).";

// No message repeats the text that was given unless it has been found free of '@': it might hold a
// password.
Error invalid(std::string message, std::string_view hint = kExamples) {
  return Error(Code::invalid, std::move(message)).with_hint(hint);
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool only(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; });
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Strict, unlike uri_decode: what a user types wrong is an error and not another name.
Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      return invalid("a '%' in the store's URL is not followed by two hexadecimal digits",
                     "Write a percent sign itself as %25.");
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (has_control_characters(out)) return invalid("the store's URL holds a control character");
  return out;
}

// Readable where it can be: text of other languages stays as it is, and bytes that are no text are
// encoded.
std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const bool is_text = is_valid_utf8(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_alphanumeric(c) || std::string_view("-._~/:+,=@").find(c) != std::string_view::npos ||
        (byte >= 0x80 && is_text)) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

// Folders between slashes, joined again without the empty ones.
Result<std::string> clean_path(std::string_view path, std::string_view what) {
  std::string out;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view component = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (component == "." || component == "..") {
      return invalid("the " + std::string(what) + " of the store's URL holds \"" +
                         std::string(component) + "\"",
                     "Write the folder's full path, without \".\" and \"..\".");
    }
    if (component.empty()) continue;
    if (!out.empty()) out += '/';
    out += component;
  }
  return out;
}

Result<StoreUrl> parse_file(std::string_view rest) {
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return invalid("a file:// URL has no parameters",
                   "Write '?' in a folder's name as %3F, and '#' as %23.");
  }
  if (rest.starts_with("//localhost/")) rest.remove_prefix(std::string_view("//localhost").size());
  if (rest.starts_with("//") && !rest.starts_with("///")) {
    return invalid("file:// must be followed by an absolute path, which begins with another '/'",
                   "Write three slashes and the folder's full path: file:///home/me/store.");
  }
  if (!rest.starts_with('/')) {
    return invalid("file: must be followed by an absolute path",
                   "Write three slashes and the folder's full path: file:///home/me/store.");
  }
  StoreUrl url;
  url.scheme = StoreUrl::Scheme::file;
  TRY_ASSIGN(const std::string decoded, percent_decode(rest));
  TRY_ASSIGN(url.path, clean_path(decoded, "path"));
  url.path.insert(0, "/");
  if (url.path.size() > kMaxPathBytes) return invalid("the path of the store's URL is too long");
  return url;
}

Result<void> check_bucket(std::string_view bucket) {
  constexpr std::string_view kHint = "Write s3://bucket or s3://bucket/folder.";
  if (bucket.empty()) return invalid("the s3:// URL names no bucket", kHint);
  if (bucket.find_first_of("@:") != std::string_view::npos) {
    return invalid("the s3:// URL holds a user name, a password or a port where the bucket belongs",
                   "Keep credentials out of URLs: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                   "or name a profile with "
                   "?profile=NAME. A server's address goes into ?endpoint=http://host:port.");
  }
  const bool ends_well = is_alphanumeric(bucket.front()) && is_alphanumeric(bucket.back());
  if (bucket.size() < 3 || bucket.size() > 63 || !only(bucket, "._-") || !ends_well) {
    return invalid("\"" + std::string(bucket) + "\" is no name of a bucket",
                   "A bucket has 3 to 63 letters, digits, '-' and '.', and begins and ends with a "
                   "letter or digit.");
  }
  return {};
}

Result<void> set_path_style(StoreUrl& url, const std::string& value) {
  if (value != "true" && value != "false")
    return invalid("path_style is neither true nor false", "Write path_style=true.");
  url.path_style = value == "true";
  return {};
}

Result<void> set_endpoint(StoreUrl& url, const std::string& value) {
  TRY_ASSIGN(const Endpoint endpoint, Endpoint::parse(value));
  url.endpoint = endpoint.to_string();
  return {};
}

Result<void> set_region(StoreUrl& url, const std::string& value) {
  if (value.size() > 64 || !only(value, "-_"))
    return invalid("the region is no name of a region", "Write region=eu-central-1.");
  url.region = value;
  return {};
}

Result<void> set_profile(StoreUrl& url, const std::string& value) {
  if (value.size() > 128 || !is_valid_utf8(value))
    return invalid("the profile is no name of a profile", "Write profile=work.");
  url.profile = value;
  return {};
}

struct Parameter {
  std::string_view name;
  Result<void> (*set)(StoreUrl&, const std::string&);
};
constexpr std::array<Parameter, 4> kParameters = {{{"endpoint", set_endpoint},
                                                   {"region", set_region},
                                                   {"path_style", set_path_style},
                                                   {"profile", set_profile}}};

Error unknown_parameter(std::string_view name) {
  // A word is repeated; a key that somebody pasted is not.
  const bool is_word =
      !name.empty() && name.size() <= 32 &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_-") == std::string_view::npos;
  return invalid("the s3:// URL has an unknown parameter" +
                     (is_word ? " \"" + std::string(name) + "\"" : std::string()),
                 "Known are endpoint, region, path_style and profile. Credentials do not belong "
                 "into a URL: set "
                 "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile.");
}

Result<void> parse_parameters(StoreUrl& url, std::string_view query) {
  std::array<bool, kParameters.size()> seen{};
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    const auto* const known = std::find_if(kParameters.begin(), kParameters.end(),
                                           [&](const Parameter& p) { return p.name == name; });
    if (known == kParameters.end()) return unknown_parameter(name);
    if (std::exchange(seen[static_cast<std::size_t>(known - kParameters.begin())], true)) {
      return invalid("the s3:// URL gives " + std::string(name) + " twice");
    }
    TRY_ASSIGN(const std::string value,
               percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1)));
    if (value.empty()) return invalid("the s3:// URL gives no value for " + std::string(name));
    TRY(known->set(url, value));
  }
  return {};
}

Result<StoreUrl> parse_s3(std::string_view rest) {
  if (!rest.starts_with("//")) return invalid("s3: must be followed by two slashes and a bucket");
  rest.remove_prefix(2);
  if (rest.find('#') != std::string_view::npos) {
    return invalid("the s3:// URL holds a '#'", "Write '#' in a folder's name as %23.");
  }
  const std::size_t question = rest.find('?');
  const std::string_view location = rest.substr(0, question);
  const std::size_t slash = location.find('/');

  StoreUrl url;
  url.scheme = StoreUrl::Scheme::s3;
  url.bucket = location.substr(0, slash);
  TRY(check_bucket(url.bucket));
  if (slash != std::string_view::npos) {
    TRY_ASSIGN(const std::string decoded, percent_decode(location.substr(slash + 1)));
    // In a bucket "a//b" is not "a/b": nobody means it.
    if (decoded.find("//") != std::string::npos || decoded.starts_with('/')) {
      return invalid("the s3:// URL has two slashes in a row after the bucket");
    }
    TRY_ASSIGN(url.prefix, clean_path(decoded, "prefix"));
    if (!is_valid_utf8(url.prefix)) return invalid("the prefix of the s3:// URL is not UTF-8");
    if (url.prefix.size() > kMaxPrefixBytes)
      return invalid("the prefix of the s3:// URL is longer than 500 bytes");
  }
  if (question != std::string_view::npos) TRY(parse_parameters(url, rest.substr(question + 1)));
  return url;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

Result<StoreUrl> StoreUrl::parse(std::string_view text) {
  if (text.empty()) return invalid("no store is given");
  if (text.size() > kMaxUrlBytes) return invalid("the store's URL is too long");
  if (has_control_characters(text)) return invalid("the store's URL holds a control character");
  const std::size_t colon = text.find(':');
  const std::string scheme =
      colon == std::string_view::npos ? std::string() : lower(text.substr(0, colon));
  if (scheme == "file") return parse_file(text.substr(colon + 1));
  if (scheme == "s3") return parse_s3(text.substr(colon + 1));
  if (text.starts_with('/')) {
    StoreUrl meant;
    meant.path = text;
    return invalid("a store is given as a URL, not as a path", "Write " + meant.to_string() + ".");
  }
  if (scheme == "http" || scheme == "https") {
    return invalid(
        "a store is not reached by its http address alone",
        "Write s3://bucket/folder?endpoint=https://host, with the server's address as endpoint.");
  }
  return invalid("the store's URL begins with neither file:// nor s3://");
}

std::string StoreUrl::to_string() const {
  if (scheme == Scheme::file) return "file://" + percent_encode(path);
  std::string out = "s3://" + bucket;
  if (!prefix.empty()) out += "/" + percent_encode(prefix);
  char separator = '?';
  const auto add = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    out += std::exchange(separator, '&');
    out.append(name).append("=").append(percent_encode(value));
  };
  add("endpoint", endpoint);
  add("region", region);
  if (path_style) add("path_style", *path_style ? "true" : "false");
  add("profile", profile);
  return out;
}

}  // namespace mikura
