// The documents and the faults of the fake S3 server (testing/fake_s3_server.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "testing/http_server.h"

namespace mikura {

// What happens to a request, once.
enum class S3Fault {
  slow_down,            // 503 SlowDown with Retry-After: 7
  internal_error,       // 500
  lost_answer,          // carried out, but the connection closes before the answer
  lost_request,         // not carried out, the connection closes
  request_conflict,     // 409 ConditionalRequestConflict
  error_in_200,         // 200 with an <Error> document
  cut_body,             // the answer breaks off in the middle
  stalled_body,         // the answer stops in the middle
  mute,                 // no answer at all
  access_denied,        // 403
  expired_token,        // 400 ExpiredToken
  not_implemented,      // 501
  gateway_page,         // 502 with HTML
  no_such_page,         // 404 with HTML: something else than S3 answers
  no_etag,              // the answer has no ETag
  ignored_range,        // 200 with the whole object
  huge_content_length,  // claims more bytes than may be
};

// Text as it stands in XML.
std::string xml_escape(std::string_view text);

// An <Error> document. `more` is XML.
ServedResponse s3_error_answer(int status, const std::string& code, const std::string& message,
                               const std::string& more = "");
ServedResponse s3_precondition_failed(const std::string& condition);
ServedResponse s3_not_implemented(const std::string& header);

// The answer of a fault that lets nothing be carried out; nullopt for the others.
std::optional<ServedResponse> answer_of_fault(S3Fault fault);
// What a fault makes of the answer to a request that was carried out.
void spoil_answer(S3Fault fault, ServedResponse& response);

}  // namespace mikura
