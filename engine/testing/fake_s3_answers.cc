#include "testing/fake_s3_answers.h"

#include <vector>

namespace mikura {
namespace {

ServedResponse page(int status) {
  ServedResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "text/html"}};
  response.body = "<html><body><h1>Sorry</h1></body></html>";
  return response;
}

}  // namespace

std::string xml_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

ServedResponse s3_error_answer(int status, const std::string& code, const std::string& message,
                               const std::string& more) {
  ServedResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/xml"}};
  response.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code +
                  "</Code><Message>" + xml_escape(message) + "</Message>" + more +
                  "<RequestId>FAKE</RequestId></Error>";
  return response;
}

ServedResponse s3_precondition_failed(const std::string& condition) {
  return s3_error_answer(412, "PreconditionFailed",
                         "At least one of the pre-conditions you specified did not hold",
                         "<Condition>" + condition + "</Condition>");
}

ServedResponse s3_not_implemented(const std::string& header) {
  return s3_error_answer(501, "NotImplemented",
                         "A header you provided implies functionality that is not implemented",
                         "<Header>" + header + "</Header>");
}

// What a fault that needs no part of the request answers.
std::optional<ServedResponse> answer_of_fault(S3Fault fault) {
  switch (fault) {
    case S3Fault::slow_down: {
      ServedResponse response =
          s3_error_answer(503, "SlowDown", "Please reduce your request rate.");
      response.headers.push_back({"Retry-After", "7"});
      return response;
    }
    case S3Fault::internal_error:
      return s3_error_answer(500, "InternalError",
                             "We encountered an internal error. Please try again.");
    case S3Fault::request_conflict:
      return s3_error_answer(
          409, "ConditionalRequestConflict",
          "The conditional request cannot succeed due to a conflicting operation");
    case S3Fault::access_denied:
      return s3_error_answer(403, "AccessDenied", "Access Denied");
    case S3Fault::expired_token:
      return s3_error_answer(400, "ExpiredToken", "The provided token has expired.");
    case S3Fault::not_implemented:
      return s3_not_implemented("If-None-Match");
    case S3Fault::gateway_page:
      return page(502);
    case S3Fault::no_such_page:
      return page(404);
    case S3Fault::error_in_200: {
      ServedResponse response = s3_error_answer(
          200, "InternalError", "We encountered an internal error. Please try again.");
      response.headers.push_back({"ETag", "\"0\""});
      return response;
    }
    case S3Fault::huge_content_length: {
      ServedResponse response;
      response.wire = ServedResponse::Wire::raw;
      response.body = "HTTP/1.1 200 OK\r\nETag: \"0\"\r\nContent-Length: 1099511627776\r\n\r\nx";
      return response;
    }
    case S3Fault::lost_request: {
      ServedResponse response;
      response.wire = ServedResponse::Wire::none;
      return response;
    }
    case S3Fault::mute: {
      ServedResponse response;
      response.wire = ServedResponse::Wire::mute;
      return response;
    }
    case S3Fault::lost_answer:
    case S3Fault::cut_body:
    case S3Fault::stalled_body:
    case S3Fault::no_etag:
    case S3Fault::ignored_range:
      break;
  }
  return std::nullopt;
}

// What a fault makes of the answer to a request that was carried out.
void spoil_answer(S3Fault fault, ServedResponse& response) {
  if (fault == S3Fault::lost_answer) response.wire = ServedResponse::Wire::none;
  if (fault == S3Fault::cut_body) response.wire = ServedResponse::Wire::cut;
  if (fault == S3Fault::stalled_body) response.wire = ServedResponse::Wire::stall;
  if (fault == S3Fault::no_etag) {
    std::erase_if(response.headers, [](const HttpHeader& header) { return header.name == "ETag"; });
  }
}

}  // namespace mikura
