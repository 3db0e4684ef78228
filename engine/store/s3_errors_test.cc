#include "store/s3_errors.h"

#include <gtest/gtest.h>

#include "net/timestamp.h"

namespace mikura {
namespace {

using Operation = S3Operation;

constexpr std::array kAll = {Operation::get,          Operation::put,    Operation::put_if_absent,
                             Operation::put_if_match, Operation::remove, Operation::remove_if_match,
                             Operation::list};

S3Failure failure_of(Operation operation, int status, const std::string& code,
                     const std::string& message = "Words.") {
  S3Failure failure{.operation = operation,
                    .name = "HEAD",
                    .bucket = "bucket",
                    .key = "prefix/HEAD",
                    .server = "s3.example.com:443",
                    .access_key_id = "AKID",
                    .status = status};
  if (!code.empty()) {
    failure.document.emplace();
    failure.document->code = code;
    failure.document->message = message;
  }
  return failure;
}

Code code_of(Operation operation, int status, const std::string& code) {
  return s3_error(failure_of(operation, status, code)).code();
}

TEST(S3Errors, AMissingObjectIsNotFoundOrALostSwap) {
  EXPECT_EQ(code_of(Operation::get, 404, "NoSuchKey"), Code::not_found);
  EXPECT_EQ(code_of(Operation::put_if_match, 404, "NoSuchKey"), Code::conflict);
}

TEST(S3Errors, AMissingBucketIsNeverAMissingObject) {
  for (const Operation operation : kAll) {
    EXPECT_EQ(code_of(operation, 404, "NoSuchBucket"), Code::invalid);
    EXPECT_EQ(code_of(operation, 404, ""), Code::invalid) << "a page of something that is not S3";
    EXPECT_EQ(code_of(operation, 404, "SomethingNew"), Code::invalid);
  }
}

TEST(S3Errors, AFalseConditionIsForTheCallerToResolve) {
  for (const std::string code : {"PreconditionFailed", ""}) {
    EXPECT_EQ(code_of(Operation::put_if_absent, 412, code), Code::already_exists);
    EXPECT_EQ(code_of(Operation::put_if_match, 412, code), Code::conflict);
    EXPECT_EQ(code_of(Operation::remove_if_match, 412, code), Code::conflict);
    EXPECT_EQ(code_of(Operation::put, 412, code), Code::corrupt) << "no condition was sent";
  }
  EXPECT_EQ(code_of(Operation::put_if_absent, 304, ""), Code::already_exists);
}

TEST(S3Errors, ARaceThatTheServerCouldNotDecideIsTransient) {
  EXPECT_EQ(code_of(Operation::put_if_match, 409, "ConditionalRequestConflict"), Code::transient);
  EXPECT_EQ(code_of(Operation::put_if_absent, 409, "OperationAborted"), Code::transient);
}

TEST(S3Errors, OverloadAndBreakdownAreTransient) {
  for (const Operation operation : kAll) {
    for (const auto& [status, code] :
         std::vector<std::pair<int, std::string>>{{503, "SlowDown"},
                                                  {503, ""},
                                                  {500, "InternalError"},
                                                  {200, "InternalError"},
                                                  {200, "SlowDown"},
                                                  {502, ""},
                                                  {504, ""},
                                                  {429, ""},
                                                  {408, ""},
                                                  {400, "RequestTimeout"},
                                                  {400, "IncompleteBody"},
                                                  {500, "SomethingNew"}}) {
      EXPECT_EQ(code_of(operation, status, code), Code::transient) << status << code;
    }
  }
}

TEST(S3Errors, WhatTheServerCannotDoIsUnsupported) {
  EXPECT_EQ(code_of(Operation::put_if_absent, 501, "NotImplemented"), Code::unsupported);
  EXPECT_EQ(code_of(Operation::put_if_match, 501, ""), Code::unsupported);
}

TEST(S3Errors, ADenialNamesThePermissionAndTheObject) {
  for (const auto& [operation, permission] : std::vector<std::pair<Operation, std::string>>{
           {Operation::get, "s3:GetObject"},
           {Operation::put, "s3:PutObject"},
           {Operation::put_if_absent, "s3:PutObject"},
           {Operation::put_if_match, "s3:PutObject and s3:GetObject"},
           {Operation::remove, "s3:DeleteObject"},
           {Operation::list, "s3:ListBucket"}}) {
    const Error error = s3_error(failure_of(operation, 403, "AccessDenied"));
    EXPECT_EQ(error.code(), Code::denied);
    EXPECT_NE(error.message().find("s3://bucket/prefix/HEAD"), std::string::npos)
        << error.message();
    EXPECT_NE(error.hint().find(permission), std::string::npos) << error.hint();
    EXPECT_NE(error.hint().find("AKID"), std::string::npos) << error.hint();
    EXPECT_EQ(code_of(operation, 403, ""), Code::denied);
    EXPECT_EQ(code_of(operation, 401, ""), Code::denied);
  }
}

TEST(S3Errors, ADeniedReadSaysThatTheObjectMayBeMissing) {
  EXPECT_NE(s3_error(failure_of(Operation::get, 403, "AccessDenied")).hint().find("s3:ListBucket"),
            std::string::npos);
}

TEST(S3Errors, ProblemsOfCredentialsAreToldApart) {
  EXPECT_EQ(code_of(Operation::get, 403, "InvalidAccessKeyId"), Code::no_credentials);
  EXPECT_EQ(code_of(Operation::get, 400, "ExpiredToken"), Code::no_credentials);
  EXPECT_EQ(code_of(Operation::get, 403, "SignatureDoesNotMatch"), Code::denied);
  EXPECT_EQ(code_of(Operation::get, 403, "RequestTimeTooSkewed"), Code::denied);
}

TEST(S3Errors, AnotherRegionIsNamed) {
  S3Failure failure = failure_of(Operation::get, 400, "AuthorizationHeaderMalformed");
  failure.document->region = "eu-west-1";
  const Error error = s3_error(failure);
  EXPECT_EQ(error.code(), Code::invalid);
  EXPECT_NE(error.hint().find("region=eu-west-1"), std::string::npos) << error.hint();
  EXPECT_EQ(code_of(Operation::get, 301, ""), Code::invalid);
}

TEST(S3Errors, AFullServerIsFull) {
  EXPECT_EQ(code_of(Operation::put, 507, ""), Code::full);
  EXPECT_EQ(code_of(Operation::put, 400, "QuotaExceeded"), Code::full);
}

TEST(S3Errors, EveryErrorSaysWhatToDoAndNothingIsLost) {
  for (const Operation operation : kAll) {
    for (int status = 300; status < 600; ++status) {
      const Error error = s3_error(failure_of(operation, status, "Strange", "the server's words"));
      EXPECT_FALSE(error.message().empty());
      if (error.code() == Code::transient || error.code() == Code::invalid) {
        EXPECT_FALSE(error.hint().empty()) << status;
        EXPECT_NE(error.message().find("the server's words"), std::string::npos) << error.message();
      }
    }
  }
}

TEST(S3Errors, TheWishToBeLeftAloneIsPassedOn) {
  S3Failure failure = failure_of(Operation::get, 503, "SlowDown");
  failure.retry_after = std::chrono::seconds(7);
  EXPECT_EQ(s3_error(failure).retry_after(), std::chrono::seconds(7));
}

TEST(S3Errors, RetryAfterIsANumberOfSecondsOrADate) {
  const std::int64_t now = *parse_http_date("Fri, 24 May 2013 00:00:00 GMT");
  const auto read = [now](const std::string& value) {
    return retry_after(HttpResponse{.status = 503, .headers = {{"retry-after", value}}, .body = {}},
                       now)
               .count() /
           1000;
  };
  EXPECT_EQ(read("7"), 7);
  EXPECT_EQ(read("0"), 0);
  EXPECT_EQ(read("-7"), 0);
  EXPECT_EQ(read("86400"), 300);
  EXPECT_EQ(read("99999999999999999999"), 0);
  EXPECT_EQ(read("Fri, 24 May 2013 00:00:20 GMT"), 20);
  EXPECT_EQ(read("Thu, 23 May 2013 00:00:20 GMT"), 0);
  EXPECT_EQ(read("soon"), 0);
  EXPECT_EQ(retry_after(HttpResponse{}, now).count(), 0);
}

}  // namespace
}  // namespace mikura
