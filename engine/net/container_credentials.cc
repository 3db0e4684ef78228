#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "net/credential_fields.h"
#include "net/credential_sources.h"
#include "net/expiring_credentials.h"

namespace mikura {
namespace {

constexpr unsigned kAttempts = 3;
constexpr std::chrono::seconds kTimeout{2};
constexpr std::uint64_t kMaxTokenBytes = 32 << 10;
constexpr std::uint64_t kMaxAnswerBytes = 64 << 10;

// Where credentials may be asked for without TLS: this machine, and the link-local services of ECS
// and EKS.
bool may_go_without_tls(const Endpoint& endpoint) {
  return endpoint.is_loopback() || endpoint.host == "169.254.170.2" ||
         endpoint.host == "169.254.170.23" || endpoint.host == "[fd00:ec2::23]";
}

// An URL is an endpoint, whose path may end in '/', and perhaps a query.
struct Place {
  Endpoint endpoint;
  std::string path;
  std::string query;
};

Result<Place> parse_place(const std::string& url) {
  const std::size_t question = url.find('?');
  const std::size_t scheme = url.find("://");
  const std::size_t slash = scheme == std::string::npos ? scheme : url.find('/', scheme + 3);
  const std::size_t path_begin = std::min({slash, question, url.size()});
  TRY_ASSIGN(Endpoint endpoint, Endpoint::parse(url.substr(0, path_begin)));
  Place place{.endpoint = std::move(endpoint),
              .path = url.substr(path_begin, std::min(question, url.size()) - path_begin),
              .query = question < url.size() ? url.substr(question + 1) : ""};
  if (place.path.empty()) place.path = "/";
  const bool plain =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7F && c != '#'; });
  if (!plain) return Error(Code::invalid, "it holds characters that no URL has");
  return place;
}

class ContainerCredentials final : public ExpiringCredentials {
 public:
  ContainerCredentials(const CredentialSetup& setup, std::string host)
      : ExpiringCredentials(setup.the_clock()),
        environment_(setup.environment),
        host_(std::move(host)),
        client_(options(setup), kAttempts, setup.the_clock()) {}

  std::string describe() const override { return "the container's credential service"; }

 protected:
  Result<Credentials> fetch(std::stop_token stop) override {
    const auto relative = non_empty(environment_, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const auto full = non_empty(environment_, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative && !full) {
      return Error(Code::no_credentials,
                   "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
                   "AWS_CONTAINER_CREDENTIALS_FULL_URI is set");
    }
    auto place = parse_place(relative ? host_ + *relative : *full);
    if (!place) {
      return std::move(place).error().with_context(relative
                                                       ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
                                                       : "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    }
    if (!place->endpoint.tls && !may_go_without_tls(place->endpoint)) {
      return Error(Code::invalid, "AWS_CONTAINER_CREDENTIALS_FULL_URI names " +
                                      place->endpoint.host_and_port() +
                                      ", which is not asked for credentials without https");
    }
    TRY_ASSIGN(HttpRequest request, request_to(*std::move(place)));
    TRY_ASSIGN(HttpResponse response, client_.send(request, std::move(stop)));
    return read(response, request.endpoint.host_and_port());
  }

 private:
  static HttpClientOptions options(const CredentialSetup& setup) {
    HttpClientOptions options = local_service_options(kTimeout);
    options.ca_bundle = setup.ca_bundle;
    return options;
  }

  Result<HttpRequest> request_to(Place place) const {
    HttpRequest request{.method = "GET",
                        .endpoint = std::move(place.endpoint),
                        .path = std::move(place.path),
                        .query = std::move(place.query),
                        .headers = {{"accept", "application/json"}},
                        .max_response_bytes = kMaxAnswerBytes};
    // The file's content changes: it is read each time.
    if (const auto file = non_empty(environment_, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
      TRY_ASSIGN(const Bytes token, read_file(*file, kMaxTokenBytes));
      std::string text(as_text(token));
      while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
      if (text.find_first_of("\r\n") != std::string::npos)
        return Error(Code::invalid, "the token in " + *file + " has more than one line");
      request.headers.push_back({"authorization", std::move(text)});
    } else if (const auto token = non_empty(environment_, "AWS_CONTAINER_AUTHORIZATION_TOKEN")) {
      request.headers.push_back({"authorization", *token});
    }
    return request;
  }

  Result<Credentials> read(HttpResponse& response, const std::string& server) const {
    if (!response.ok()) {
      const Code code =
          response.status == 429 || response.status >= 500 ? Code::transient : Code::denied;
      return Error(code, server + " answered " + std::to_string(response.status));
    }
    const std::string what = "the answer of " + server;
    auto fields = JsonFields::parse(as_text(response.body), what);
    wipe(response.body);
    if (!fields) return std::move(fields).error();
    return credentials_in(*fields, {.session_token = "Token"}, what, describe());
  }

  const AwsEnvironment environment_;
  const std::string host_;
  ServiceClient client_;
};

}  // namespace

std::unique_ptr<CredentialProvider> container_credentials(const CredentialSetup& setup,
                                                          std::string host) {
  return std::make_unique<ContainerCredentials>(setup, std::move(host));
}

}  // namespace mikura
