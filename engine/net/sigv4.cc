#include "net/sigv4.h"

#include <algorithm>
#include <map>
#include <utility>

#include "crypto/hash.h"
#include "net/timestamp.h"

namespace mikura {
namespace {

// Resolves "." and "..", and joins repeated slashes.
std::string normalize_path(std::string_view path) {
  std::vector<std::string_view> kept;
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
    rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
  }
  std::string out = "/";
  for (const std::string_view segment : kept) {
    if (out.size() > 1) out += '/';
    out += segment;
  }
  if (path.ends_with('/') && out.size() > 1) out += '/';
  return out;
}

// Trims, and makes one space of each run of white space.
std::string canonical_value(std::string_view value) {
  std::string out;
  bool gap = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      gap = !out.empty();
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    out += c;
  }
  return out;
}

std::string_view expose_text(const SecretBytes& secret) {
  return as_text(secret.expose());
}

}  // namespace

std::string canonical_path(std::string_view path, PathStyle style) {
  switch (style) {
    case PathStyle::verbatim:
      return std::string(path);
    case PathStyle::encoded:
      return uri_encode(path, Slash::keep);
    case PathStyle::normalized_encoded:
      return uri_encode(normalize_path(path), Slash::keep);
  }
  return std::string(path);
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view parameter = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (parameter.empty()) continue;
    const std::size_t equals = parameter.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view{} : parameter.substr(equals + 1);
    parameters.emplace_back(uri_encode(uri_decode(parameter.substr(0, equals)), Slash::encode),
                            uri_encode(uri_decode(value), Slash::encode));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += name;
    out += '=';
    out += value;
  }
  return out;
}

std::string signed_header_names(const std::vector<HttpHeader>& headers) {
  std::vector<std::string_view> names;
  names.reserve(headers.size());
  for (const HttpHeader& header : headers)
    names.push_back(header.name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

std::string canonical_request(const CanonicalInput& input, PathStyle style) {
  std::string out(input.method);
  out += '\n';
  out += canonical_path(input.path, style);
  out += '\n';
  out += canonical_query(input.query);
  std::map<std::string_view, std::string> headers;  // the values of one name joined, in their order
  for (const HttpHeader& header : input.headers) {
    const auto [place, is_first] = headers.try_emplace(header.name);
    if (!is_first) place->second += ',';
    place->second += canonical_value(header.value);
  }
  for (const auto& [name, value] : headers) {
    out += '\n';
    out += name;
    out += ':' + value;
  }
  out += "\n\n";
  out += signed_header_names(input.headers);
  out += '\n';
  out += input.payload_sha256;
  return out;
}

std::string string_to_sign(std::string_view amz_date, const SigningScope& scope,
                           std::string_view request) {
  std::string out = "AWS4-HMAC-SHA256\n";
  out += amz_date;
  out += '\n' + scope.to_string() + '\n' + sha256(as_bytes(request)).hex();
  return out;
}

SigningKey derive_signing_key(const SecretBytes& secret_access_key, const SigningScope& scope) {
  Bytes start = to_bytes("AWS4");
  start.reserve(start.size() +
                secret_access_key.expose().size());  // so that no copy is left behind by growing
  append(start, secret_access_key.expose());
  ByteArray<32> key = hmac_sha256(start, as_bytes(scope.day));
  wipe(start);
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service),
        std::string_view("aws4_request")}) {
    key = hmac_sha256(key, as_bytes(part));
  }
  SigningKey signing_key(key);
  wipe(key);
  return signing_key;
}

std::string compute_signature(const SigningKey& key, std::string_view text) {
  return to_hex(hmac_sha256(key.expose(), as_bytes(text)));
}

std::string authorization(std::string_view access_key_id, const SigningScope& scope,
                          std::string_view header_names, std::string_view signature) {
  std::string out = "AWS4-HMAC-SHA256 Credential=";
  out += access_key_id;
  out += '/' + scope.to_string() + ", SignedHeaders=";
  out += header_names;
  out += ", Signature=";
  out += signature;
  return out;
}

std::shared_ptr<const SigningKey> Signer::key_for(const Credentials& credentials,
                                                  const SigningScope& scope) {
  CachedKey wanted;
  wanted.access_key_id = credentials.access_key_id;
  wanted.scope = scope;
  const Sha256Digest secret_hash = sha256(credentials.secret_access_key.expose());
  std::copy(secret_hash.bytes().begin(), secret_hash.bytes().end(), wanted.secret_hash.begin());
  return cached_.with([&](CachedKey& cached) {
    if (cached.key == nullptr || cached.access_key_id != wanted.access_key_id ||
        cached.scope != wanted.scope || cached.secret_hash != wanted.secret_hash) {
      wanted.key = std::make_shared<const SigningKey>(
          derive_signing_key(credentials.secret_access_key, scope));
      cached = std::move(wanted);
    }
    return cached.key;
  });
}

void Signer::sign(HttpRequest& request, const Credentials& credentials, const std::string& region,
                  std::int64_t unix_seconds) {
  const std::string amz_date = format_amz_date(unix_seconds);
  const SigningScope scope{.day = amz_date.substr(0, 8), .region = region, .service = service_};
  const std::string payload_sha256 = sha256(request.body).hex();
  request.headers.push_back({"host", request.endpoint.authority()});
  request.headers.push_back({"x-amz-date", amz_date});
  request.headers.push_back({"x-amz-content-sha256", payload_sha256});
  if (!credentials.session_token.empty()) {
    request.headers.push_back(
        {"x-amz-security-token", std::string(expose_text(credentials.session_token))});
  }
  const CanonicalInput input{.method = request.method,
                             .path = request.path,
                             .query = request.query,
                             .headers = request.headers,
                             .payload_sha256 = payload_sha256};
  const std::string text =
      string_to_sign(amz_date, scope, canonical_request(input, PathStyle::verbatim));
  const std::string signature = compute_signature(*key_for(credentials, scope), text);
  request.headers.push_back(
      {"authorization", authorization(credentials.access_key_id, scope,
                                      signed_header_names(request.headers), signature)});
}

}  // namespace mikura
