#include "net/service_client.h"

namespace mikura {
namespace {

constexpr std::chrono::milliseconds kFirstPause{200};

bool is_worth_repeating(const Result<HttpResponse>& response) {
  if (!response) return response.failed_with(Code::transient);
  return response->status == 429 || response->status >= 500;
}

}  // namespace

Result<HttpResponse> ServiceClient::send(const HttpRequest& request, std::stop_token stop) {
  std::chrono::milliseconds pause = kFirstPause;
  for (unsigned attempt = 1;; ++attempt, pause *= 2) {
    auto response = http_.send(request, stop);
    if (attempt >= attempts_ || !is_worth_repeating(response)) return response;
    if (!clock_.sleep_for(pause, stop))
      return Error(Code::cancelled, "stopped while asking for credentials");
  }
}

HttpClientOptions local_service_options(std::chrono::milliseconds timeout) {
  return {.connect_timeout = timeout,
          .stall_timeout = timeout,
          .total_timeout = timeout * 2,
          .proxy = ProxyUse::never};
}

HttpClientOptions remote_service_options(const std::string& ca_bundle) {
  return {.connect_timeout = std::chrono::seconds(5),
          .stall_timeout = std::chrono::seconds(10),
          .total_timeout = std::chrono::seconds(30),
          .ca_bundle = ca_bundle};
}

}  // namespace mikura
