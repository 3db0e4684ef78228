// BlobStore over the S3 protocol: one object of the bucket for each name, under a common prefix.
//
// Requests are GET, PUT, DELETE of an object and ListObjectsV2, nothing else (docs/s3.md). A put is
// one PutObject with the SHA-256 of its bytes signed; no checksum trailers, no multipart uploads.
// Every put is durable when it is answered.
//
// Thread-safe. Makes no retries but the corrections of s3_requester.h: store/retrying_store.h does
// that.
#pragma once

#include <chrono>
#include <memory>

#include "base/clock.h"
#include "net/aws_config.h"
#include "net/credentials.h"
#include "net/http_client.h"
#include "store/blob_store.h"
#include "store/open_store.h"

namespace mikura {

// Many servers delete also when If-Match on DELETE says not to. Unless it is known that this one
// does not (vault/probe.h), a conditional remove is Code::unsupported.
enum class ConditionalRemove { refuse, send };

struct S3StoreOptions {
  ConditionalRemove conditional_remove = ConditionalRemove::refuse;
  AwsEnvironment environment = process_environment();
  std::unique_ptr<CredentialProvider> credentials;  // default_credentials() if null
  MfaPrompt mfa{};                                  // for default_credentials()
  std::shared_ptr<MfaSessions> mfa_sessions{};      // for default_credentials()
  CredentialObserver on_credentials{};              // for default_credentials()
  HttpClientOptions http;                           // ca_bundle: from the settings if empty
  Clock* clock = nullptr;                           // system_clock() if null
};

// Finds the region, the endpoint and the source of credentials: the URL's parameters, then the
// environment, then the profile, then AWS. Makes no request, and does not ask for credentials yet.
Result<std::unique_ptr<BlobStore>> open_s3_store(const StoreUrl& url, S3StoreOptions options);

}  // namespace mikura
