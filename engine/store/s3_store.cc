#include "store/s3_store.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "base/task_group.h"
#include "store/s3_errors.h"
#include "store/s3_requester.h"
#include "store/store_errors.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxEtagBytes = 256;

// Servers differ in whether they quote an ETag, and where. Kept without quotes; nullopt if it
// cannot be put into a header.
std::optional<std::string> etag_from_server(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    etag = etag.substr(1, etag.size() - 2);
  const bool printable =
      std::all_of(etag.begin(), etag.end(), [](char c) { return c > ' ' && c < 0x7F && c != ','; });
  if (etag.empty() || etag.size() > kMaxEtagBytes || !printable) return std::nullopt;
  return std::string(etag);
}

// A weak ETag has its quotes inside.
std::string etag_for_server(const std::string& etag) {
  return etag.ends_with('"') ? etag : '"' + etag + '"';
}

// The first byte of a 206 answer: "bytes 5-9/100".
std::optional<std::uint64_t> range_start(std::string_view content_range) {
  if (!content_range.starts_with("bytes ")) return std::nullopt;
  content_range.remove_prefix(6);
  std::uint64_t start = 0;
  const auto [end, error] =
      std::from_chars(content_range.data(), content_range.data() + content_range.size(), start);
  if (error != std::errc() || end == content_range.data() + content_range.size() || *end != '-')
    return std::nullopt;
  return start;
}

class S3Store final : public BlobStore {
 public:
  S3Store(S3Address address, HttpClientOptions http,
          std::unique_ptr<CredentialProvider> credentials, std::uint64_t bytes_per_second,
          Clock& clock, ConditionalRemove conditional_remove)
      : requester_(std::move(address), std::move(http), std::move(credentials), bytes_per_second,
                   clock),
        conditional_remove_(conditional_remove) {}

  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token stop) override;
  Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) override;
  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition& condition,
                          std::stop_token stop) override;
  Result<void> remove(std::string_view name, const std::optional<std::string>& if_etag,
                      std::stop_token stop) override;
  Result<ListPage> list(std::string_view prefix, std::string_view start,
                        std::stop_token stop) override;
  Result<void> flush(std::stop_token stop) override { return check_stop(stop); }
  std::string describe() const override {
    return requester_.address().describe(requester_.region());
  }

 private:
  Result<S3Answer> send(const S3Request& request, S3Operation operation, std::string_view name,
                        const std::stop_token& stop);
  Error failure(const S3Answer& answer, S3Operation operation, std::string_view name,
                std::optional<S3ErrorDocument> document);
  Error failure(const S3Answer& answer, S3Operation operation, std::string_view name) {
    return failure(answer, operation, name, parse_error_document(as_text(answer.response.body)));
  }
  // The error of an answer to a get. S3 denies reading what is not there to whoever may not list
  // the whole bucket; a listing of that one name, which they may be allowed, tells which it is.
  Error get_failure(const S3Answer& answer, std::string_view name, const std::stop_token& stop);
  Result<ListPage> list_page(std::string_view prefix, std::string_view start,
                             const std::stop_token& stop);
  Result<ListPage> to_page(S3ListResult listed, const S3Answer& answer,
                           std::string_view prefix) const;
  std::string key_of(std::string_view name) const { return requester_.address().key_of(name); }
  std::string location(std::string_view name) const {
    return requester_.address().bucket() + "/" + key_of(name);
  }

  S3Requester requester_;
  const ConditionalRemove conditional_remove_;
};

Error without_etag(const S3Answer& answer, std::string_view name) {
  return Error(Code::unsupported, answer.server + " gives no usable ETag for " + std::string(name))
      .with_hint("Mikura needs ETags to notice changes; a proxy in between may strip them");
}

Result<S3Answer> S3Store::send(const S3Request& request, S3Operation operation,
                               std::string_view name, const std::stop_token& stop) {
  TRY(check_stop(stop));
  auto answer = requester_.send(request, stop);
  if (answer || answer.failed_with(Code::cancelled) || answer.failed_with(Code::no_credentials))
    return answer;
  std::string_view doing = "reading ";
  if (operation == S3Operation::list) doing = "listing ";
  if (request.method == "PUT") doing = "writing ";
  if (request.method == "DELETE") doing = "removing ";
  return std::move(answer).error().with_context(std::string(doing) + "s3://" + location(name));
}

Error S3Store::failure(const S3Answer& answer, S3Operation operation, std::string_view name,
                       std::optional<S3ErrorDocument> document) {
  return s3_error({.operation = operation,
                   .name = std::string(name),
                   .bucket = requester_.address().bucket(),
                   .key = key_of(name),
                   .server = answer.server,
                   .access_key_id = answer.access_key_id,
                   .status = answer.response.status,
                   .document = std::move(document),
                   .retry_after = retry_after(answer.response, requester_.now_unix_seconds())});
}

Result<std::optional<Blob>> S3Store::get(std::string_view name, const GetOptions& options,
                                         std::stop_token stop) {
  CHECK(valid_blob_name(name));
  S3Request request{
      .method = "GET", .key = key_of(name), .max_response_bytes = options.max_size_bytes};
  if (!options.unless_etag.empty()) {
    request.headers.push_back({"if-none-match", etag_for_server(options.unless_etag)});
  }
  TRY_ASSIGN(S3Answer answer, send(request, S3Operation::get, name, stop));
  HttpResponse& response = answer.response;
  if (response.status == 304 && !options.unless_etag.empty()) return std::optional<Blob>();
  if (response.status != 200) return get_failure(answer, name, stop);
  const auto etag = etag_from_server(response.header("etag").value_or(""));
  if (!etag) return without_etag(answer, name);
  // Some servers do not look at If-None-Match.
  if (!options.unless_etag.empty() && *etag == options.unless_etag) return std::optional<Blob>();
  return std::optional(Blob{std::move(response.body), *etag});
}

Error S3Store::get_failure(const S3Answer& answer, std::string_view name,
                           const std::stop_token& stop) {
  Error error = failure(answer, S3Operation::get, name);
  if (error.code() != Code::denied || answer.response.status != 403) return error;
  const auto page = list_page(name, "", stop);
  const bool absent = page && (page->blobs.empty() || page->blobs.front().name != name);
  return absent ? object_not_found(name) : error;
}

Result<Bytes> S3Store::get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                                 std::stop_token stop) {
  CHECK(valid_blob_name(name));
  CHECK(length <= kMaxObjectSizeBytes && offset <= UINT64_MAX - kMaxObjectSizeBytes);
  // An empty range has no form in HTTP, but the object must be there all the same.
  const std::uint64_t last = offset + std::max<std::uint64_t>(length, 1) - 1;
  const S3Request request{
      .method = "GET",
      .key = key_of(name),
      .headers = {{"range", "bytes=" + std::to_string(offset) + "-" + std::to_string(last)}},
      // A server may answer with the whole object instead.
      .max_response_bytes = kMaxObjectSizeBytes};
  TRY_ASSIGN(S3Answer answer, send(request, S3Operation::get, name, stop));
  HttpResponse& response = answer.response;
  if (response.status == 416) return Bytes();
  if (response.status == 200) {
    const auto begin =
        static_cast<std::size_t>(std::min<std::uint64_t>(offset, response.body.size()));
    response.body.erase(response.body.begin(),
                        response.body.begin() + static_cast<std::ptrdiff_t>(begin));
  } else if (response.status == 206) {
    if (range_start(response.header("content-range").value_or("")) != offset) {
      return Error(Code::corrupt, answer.server + " sent another range of " + std::string(name) +
                                      " than was asked for");
    }
  } else {
    return get_failure(answer, name, stop);
  }
  if (response.body.size() > length) response.body.resize(static_cast<std::size_t>(length));
  return std::move(response.body);
}

Result<std::string> S3Store::put(std::string_view name, ByteSpan data,
                                 const PutCondition& condition, std::stop_token stop) {
  CHECK(valid_blob_name(name));
  S3Request request{.method = "PUT",
                    .key = key_of(name),
                    .headers = {{"content-type", "application/octet-stream"}},
                    .body = data};
  S3Operation operation = S3Operation::put;
  switch (condition.kind) {
    case PutCondition::Kind::none:
      break;
    case PutCondition::Kind::if_absent:
      operation = S3Operation::put_if_absent;
      request.headers.push_back({"if-none-match", "*"});
      break;
    case PutCondition::Kind::if_match:
      operation = S3Operation::put_if_match;
      request.headers.push_back({"if-match", etag_for_server(condition.etag)});
      break;
  }
  request.repeatable = condition.kind == PutCondition::Kind::none;
  TRY_ASSIGN(const S3Answer answer, send(request, operation, name, stop));
  // S3 may find out that it failed after it has begun to answer 200.
  const auto document = answer.response.body.empty()
                            ? std::nullopt
                            : parse_error_document(as_text(answer.response.body));
  if (answer.response.status != 200 || document) return failure(answer, operation, name, document);
  const auto etag = etag_from_server(answer.response.header("etag").value_or(""));
  if (!etag) return without_etag(answer, name);
  return *etag;
}

Result<void> S3Store::remove(std::string_view name, const std::optional<std::string>& if_etag,
                             std::stop_token stop) {
  CHECK(valid_blob_name(name));
  TRY(check_stop(stop));
  S3Request request{.method = "DELETE", .key = key_of(name)};
  S3Operation operation = S3Operation::remove;
  if (if_etag) {
    if (conditional_remove_ == ConditionalRemove::refuse) {
      return Error(
          Code::unsupported,
          "it is not known that this S3 server checks a condition before it removes an object");
    }
    operation = S3Operation::remove_if_match;
    request.headers.push_back({"if-match", etag_for_server(*if_etag)});
    request.repeatable = false;
  }
  TRY_ASSIGN(const S3Answer answer, send(request, operation, name, stop));
  if (answer.response.ok()) return {};
  const auto document = parse_error_document(as_text(answer.response.body));
  if (answer.response.status == 404 && document && document->code == "NoSuchKey") return {};
  return failure(answer, operation, name, document);
}

Result<ListPage> S3Store::list(std::string_view prefix, std::string_view start,
                               std::stop_token stop) {
  TRY_ASSIGN(ListPage page, list_page(prefix, start, stop));
  // A page of nothing but foreign objects is no page: a caller may take an empty one for the end.
  while (page.blobs.empty() && !page.next.empty()) {
    const std::string before = page.next;
    TRY_ASSIGN(page, list_page(prefix, before, stop));
    if (page.next == before)
      return Error(Code::corrupt, "the listing of s3://" + location(prefix) + " does not advance");
  }
  return page;
}

Result<ListPage> S3Store::list_page(std::string_view prefix, std::string_view start,
                                    const std::stop_token& stop) {
  S3Request request{.method = "GET", .max_response_bytes = kMaxListResultBytes};
  if (!start.empty())
    request.query = "continuation-token=" + uri_encode(start, Slash::encode) + "&";
  request.query += "encoding-type=url&list-type=2&max-keys=1000&prefix=" +
                   uri_encode(key_of(prefix), Slash::encode);
  TRY_ASSIGN(const S3Answer answer, send(request, S3Operation::list, prefix, stop));
  if (answer.response.status != 200) return failure(answer, S3Operation::list, prefix);
  auto listed = parse_list_result(as_text(answer.response.body));
  if (!listed) {
    auto document = parse_error_document(as_text(answer.response.body));
    if (document) return failure(answer, S3Operation::list, prefix, std::move(document));
    return std::move(listed).error().with_context("listing s3://" + location(prefix));
  }
  return to_page(*std::move(listed), answer, prefix);
}

Result<ListPage> S3Store::to_page(S3ListResult listed, const S3Answer& answer,
                                  std::string_view prefix) const {
  ListPage page;
  page.next = std::move(listed.next_token);
  for (S3ListedObject& object : listed.objects) {
    if (!object.key.starts_with(key_of(prefix))) {
      return Error(Code::corrupt,
                   answer.server + " lists objects that do not begin with " + key_of(prefix));
    }
    std::string name = object.key.substr(requester_.address().key_prefix().size());
    // Not ours: a folder marker of a console, a file that somebody put there.
    if (!valid_blob_name(name)) continue;
    auto etag = etag_from_server(object.etag);
    if (!etag) return without_etag(answer, name);
    page.blobs.push_back({.name = std::move(name),
                          .size_bytes = object.size_bytes,
                          .etag = *std::move(etag),
                          .modified_unix_ms = object.modified_unix_ms});
  }
  const auto not_ascending = [](const ListedBlob& a, const ListedBlob& b) {
    return a.name >= b.name;
  };
  if (std::adjacent_find(page.blobs.begin(), page.blobs.end(), not_ascending) != page.blobs.end()) {
    return Error(Code::unsupported,
                 answer.server + " does not list objects in the order of their names")
        .with_hint("directory buckets (S3 Express) do not; use a general purpose bucket");
  }
  return page;
}

}  // namespace

Result<std::unique_ptr<BlobStore>> open_s3_store(const StoreUrl& url, S3StoreOptions options) {
  CHECK(url.scheme == StoreUrl::Scheme::s3);
  const std::string profile = profile_name(options.environment, url.profile);
  TRY_ASSIGN(const AwsProfiles profiles,
             AwsProfiles::load(AwsConfigPaths::from(options.environment)));
  S3Settings settings = S3Settings::from(options.environment, profiles, profile);
  TRY_ASSIGN(S3Address address, S3Address::make(url, settings));
  if (options.http.ca_bundle.empty()) options.http.ca_bundle = std::move(settings.ca_bundle);
  Clock& clock = options.clock != nullptr ? *options.clock : system_clock();
  std::uint64_t bytes_per_second = 0;
  if (const auto limit = profiles.find(profile, "s3.max_bandwidth")) {
    TRY_ASSIGN(bytes_per_second, parse_bandwidth(*limit));
  }
  if (options.credentials == nullptr) {
    options.credentials = default_credentials({.environment = std::move(options.environment),
                                               .profile = url.profile,
                                               .mfa = std::move(options.mfa),
                                               .mfa_sessions = std::move(options.mfa_sessions),
                                               .ca_bundle = options.http.ca_bundle,
                                               .observer = std::move(options.on_credentials),
                                               .clock = &clock});
  }
  return std::unique_ptr<BlobStore>(std::make_unique<S3Store>(
      std::move(address), std::move(options.http), std::move(options.credentials), bytes_per_second,
      clock, options.conditional_remove));
}

}  // namespace mikura
