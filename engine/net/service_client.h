// ServiceClient: small requests to the services that hand out credentials.
//
// Asks again after broken connections, 429 and 5xx, a few times with a growing pause. Thread-safe.
#pragma once

#include <stop_token>
#include <string>

#include "base/clock.h"
#include "net/http_client.h"

namespace mikura {

class ServiceClient {
 public:
  ServiceClient(HttpClientOptions options, unsigned attempts, Clock& clock)
      : http_(std::move(options)), attempts_(attempts), clock_(clock) {}

  // The last answer, of any status; errors as HttpClient::send.
  Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop);

 private:
  HttpClient http_;
  const unsigned attempts_;
  Clock& clock_;
};

// For a service of the machine itself: no proxy, and quick to give up, since most machines have
// none.
HttpClientOptions local_service_options(std::chrono::milliseconds timeout);
// For a service of AWS.
HttpClientOptions remote_service_options(const std::string& ca_bundle);

}  // namespace mikura
