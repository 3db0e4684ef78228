#include "testing/fake_s3_server.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/clock.h"
#include "crypto/hash.h"
#include "net/timestamp.h"

namespace mikura {
namespace {

std::string without_quotes(const std::string& etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    return etag.substr(1, etag.size() - 2);
  return etag;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

FakeS3Server::FakeS3Server(FakeS3Options options)
    : options_(std::move(options)),
      http_([this](const ServedRequest& request) { return handle(request); }) {
  state_.with([this](State& state) { state.session_token = options_.session_token; });
}

void FakeS3Server::inject(S3Fault fault, unsigned times, std::string method) {
  state_.with([&](State& state) {
    for (unsigned i = 0; i < times; ++i)
      state.faults.push_back({fault, method});
  });
}

void FakeS3Server::remove_all(const std::string& prefix) {
  state_.with([&](State& state) {
    std::erase_if(state.objects,
                  [&](const auto& object) { return object.first.starts_with(prefix); });
  });
}

void FakeS3Server::put_directly(const std::string& key, const std::string& body) {
  state_.with([&](State& state) { store(state, key, body); });
}

std::vector<std::string> FakeS3Server::keys() const {
  return state_.with([](const State& state) {
    std::vector<std::string> keys;
    for (const auto& [key, object] : state.objects)
      keys.push_back(key);
    return keys;
  });
}

ServedRequest FakeS3Server::last_request() const {
  return state_.with([](const State& state) { return state.last; });
}

Credentials FakeS3Server::credentials() const {
  Credentials credentials;
  credentials.access_key_id = options_.access_key_id;
  credentials.secret_access_key = SecretBytes(as_bytes(options_.secret_access_key));
  const std::string token = state_.with([](const State& state) { return state.session_token; });
  credentials.session_token = SecretBytes(as_bytes(token));
  credentials.source = "the test";
  return credentials;
}

void FakeS3Server::expect_session_token(std::string token) {
  state_.with([&](State& state) {
    state.session_token = std::move(token);
    state.session_token_before.clear();
  });
}

void FakeS3Server::add_session_token(std::string token) {
  state_.with([&](State& state) {
    state.session_token_before = std::exchange(state.session_token, std::move(token));
  });
}

std::int64_t FakeS3Server::now_ms() const {
  Clock& clock = options_.clock != nullptr ? *options_.clock : system_clock();
  return clock.unix_ms() + options_.clock_offset_seconds * 1000;
}

std::string FakeS3Server::written(const std::string& etag) const {
  return options_.quotes_etags ? '"' + etag + '"' : etag;
}

void FakeS3Server::store(State& state, const std::string& key, const std::string& body) const {
  state.objects[key] = {.body = body,
                        .etag = sha256(as_bytes(body)).hex().substr(0, 32),
                        .modified_unix_ms = now_ms()};
}

ServedResponse FakeS3Server::handle(const ServedRequest& request) {
  ServedResponse response = state_.with([&](State& state) {
    state.last = request;
    std::optional<S3Fault> fault;
    if (!state.faults.empty() &&
        (state.faults.front().method.empty() || state.faults.front().method == request.method)) {
      fault = state.faults.front().fault;
      state.faults.pop_front();
      if (auto answer = answer_of_fault(*fault)) return *std::move(answer);
    }
    const std::string brought = request.header("x-amz-security-token");
    const bool is_older = !brought.empty() && brought == state.session_token_before;
    if (auto refused = refuse_unless_signed(request, options_,
                                            is_older ? brought : state.session_token, now_ms()))
      return *std::move(refused);
    Call call = parse_target(request);
    ServedRequest without_range = request;
    if (fault == S3Fault::ignored_range) {
      std::erase_if(without_range.headers,
                    [](const HttpHeader& header) { return header.name == "range"; });
    }
    ServedResponse answer =
        carry_out(state, Call{without_range, call.bucket, call.key, call.query});
    if (fault) spoil_answer(*fault, answer);
    return answer;
  });
  response.headers.push_back({"Date", format_http_date(now_ms() / 1000)});
  response.headers.push_back({"x-amz-request-id", "FAKE"});
  return response;
}

ServedResponse FakeS3Server::carry_out(State& state, const Call& call) {
  if (call.bucket != options_.bucket)
    return s3_error_answer(404, "NoSuchBucket", "The specified bucket does not exist");
  if (call.key.empty()) {
    if (call.http.method == "GET" && call.query.contains("list-type")) return list(state, call);
    return s3_error_answer(405, "MethodNotAllowed",
                           "The specified method is not allowed against this resource.");
  }
  if (!call.query.empty())
    return s3_error_answer(501, "NotImplemented", "no query is implemented for objects");
  if (call.http.method == "GET") return get(state, call);
  if (call.http.method == "PUT") return put(state, call);
  if (call.http.method == "DELETE") return remove(state, call);
  return s3_error_answer(405, "MethodNotAllowed",
                         "The specified method is not allowed against this resource.");
}

FakeS3Server::Call FakeS3Server::parse_target(const ServedRequest& request) const {
  Call call{request, {}, {}, {}};
  std::string_view path = request.path;
  path.remove_prefix(1);
  const std::string host = request.header("host");
  const std::size_t dot = host.find(".localhost:");
  if (dot != std::string::npos) {
    call.bucket = host.substr(0, dot);
  } else {
    const std::size_t slash = path.find('/');
    call.bucket = uri_decode(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  call.key = uri_decode(path);
  if (request.query.empty()) return call;
  for (const std::string& parameter : split(request.query, '&')) {
    const std::size_t equals = parameter.find('=');
    call.query[uri_decode(parameter.substr(0, equals))] =
        equals == std::string::npos ? std::string() : uri_decode(parameter.substr(equals + 1));
  }
  return call;
}

ServedResponse FakeS3Server::missing(const Call& call) const {
  if (options_.listing != FakeS3Options::Listing::allowed)
    return s3_error_answer(403, "AccessDenied", "Access Denied");
  return s3_error_answer(404, "NoSuchKey", "The specified key does not exist.",
                         "<Key>" + xml_escape(call.key) + "</Key>");
}

ServedResponse FakeS3Server::get(const State& state, const Call& call) const {
  const auto found = state.objects.find(call.key);
  if (found == state.objects.end()) return missing(call);
  const Object& object = found->second;
  ServedResponse response;
  response.headers = {{"ETag", written(object.etag)},
                      {"Last-Modified", format_http_date(object.modified_unix_ms / 1000)}};
  if (without_quotes(call.http.header("if-none-match")) == object.etag) {
    response.status = 304;
    return response;
  }
  const std::string range = call.http.header("range");
  if (range.empty()) {
    response.body = object.body;
    return response;
  }
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  const auto [dash, bad_first] =
      std::from_chars(range.data() + 6, range.data() + range.size(), first);
  const auto [end, bad_last] = std::from_chars(dash + 1, range.data() + range.size(), last);
  if (!range.starts_with("bytes=") || bad_first != std::errc() || bad_last != std::errc() ||
      last < first) {
    return s3_error_answer(400, "InvalidArgument", "the range is malformed");
  }
  if (first >= object.body.size())
    return s3_error_answer(416, "InvalidRange", "The requested range is not satisfiable");
  last = std::min<std::uint64_t>(last, object.body.size() - 1);
  response.status = 206;
  response.body = object.body.substr(first, last - first + 1);
  response.headers.push_back({"Content-Range", "bytes " + std::to_string(first) + "-" +
                                                   std::to_string(last) + "/" +
                                                   std::to_string(object.body.size())});
  return response;
}

ServedResponse FakeS3Server::put(State& state, const Call& call) const {
  const std::string if_match = call.http.header("if-match");
  const std::string if_none_match = call.http.header("if-none-match");
  const auto found = state.objects.find(call.key);
  const bool present = found != state.objects.end();
  if (!options_.ignores_conditional_puts) {
    if (!if_match.empty() && !if_none_match.empty())
      return s3_not_implemented("If-Match,If-None-Match");
    if (!if_none_match.empty() && if_none_match != "*") return s3_not_implemented("If-None-Match");
    if (if_match == "*") return s3_not_implemented("If-Match");
    if (!if_none_match.empty() && present) return s3_precondition_failed("If-None-Match");
    if (!if_match.empty() && !present)
      return s3_error_answer(404, "NoSuchKey", "The specified key does not exist.");
    if (!if_match.empty() && without_quotes(if_match) != found->second.etag)
      return s3_precondition_failed("If-Match");
  }
  store(state, call.key, call.http.body);
  ServedResponse response;
  response.headers = {{"ETag", written(state.objects[call.key].etag)}};
  return response;
}

ServedResponse FakeS3Server::remove(State& state, const Call& call) const {
  const std::string if_match = call.http.header("if-match");
  const auto found = state.objects.find(call.key);
  if (!if_match.empty() && !options_.ignores_conditional_removes) {
    if (found == state.objects.end())
      return s3_error_answer(404, "NoSuchKey", "The specified key does not exist.");
    if (if_match != "*" && without_quotes(if_match) != found->second.etag)
      return s3_precondition_failed("If-Match");
  }
  if (found != state.objects.end()) state.objects.erase(found);
  ServedResponse response;
  response.status = 204;
  return response;
}

ServedResponse FakeS3Server::list(const State& state, const Call& call) const {
  if (options_.listing == FakeS3Options::Listing::denied)
    return s3_error_answer(403, "AccessDenied", "Access Denied");
  const auto parameter = [&](const std::string& name) {
    const auto found = call.query.find(name);
    return found == call.query.end() ? std::string() : found->second;
  };
  if (parameter("list-type") != "2")
    return s3_error_answer(501, "NotImplemented", "only ListObjectsV2 is implemented");
  const std::string prefix = parameter("prefix");
  const bool encoded = parameter("encoding-type") == "url";
  // A token is the last key of the page before, so written that a client cannot make use of it.
  std::string token = parameter("continuation-token");
  std::string after = parameter("start-after");
  if (!token.empty()) {
    const auto bytes = from_hex(token);
    if (!bytes)
      return s3_error_answer(400, "InvalidArgument",
                             "The continuation token provided is incorrect");
    after = as_text(*bytes);
  }
  std::string contents;
  std::string last;
  unsigned count = 0;
  bool truncated = false;
  for (auto object = after.empty() ? state.objects.lower_bound(prefix)
                                   : state.objects.upper_bound(after);
       object != state.objects.end() && object->first.starts_with(prefix); ++object) {
    if (count == options_.page_size) {
      truncated = true;
      break;
    }
    ++count;
    last = object->first;
    contents += "<Contents><Key>" + (encoded ? uri_encode(last, Slash::keep) : xml_escape(last)) +
                "</Key><LastModified>" + format_iso8601_ms(object->second.modified_unix_ms) +
                "</LastModified><ETag>" + xml_escape(written(object->second.etag)) +
                "</ETag><Size>" + std::to_string(object->second.body.size()) +
                "</Size><StorageClass>STANDARD</StorageClass></Contents>";
  }
  ServedResponse response;
  response.headers = {{"Content-Type", "application/xml"}};
  response.body =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>" +
      call.bucket + "</Name><Prefix>" +
      (encoded ? uri_encode(prefix, Slash::keep) : xml_escape(prefix)) + "</Prefix><KeyCount>" +
      std::to_string(count) + "</KeyCount><MaxKeys>1000</MaxKeys>" +
      (encoded ? "<EncodingType>url</EncodingType>" : "") + "<IsTruncated>" +
      (truncated ? "true" : "false") + "</IsTruncated>" +
      (truncated ? "<NextContinuationToken>" + to_hex(as_bytes(last)) + "</NextContinuationToken>"
                 : "") +
      contents + "</ListBucketResult>";
  return response;
}

}  // namespace mikura
