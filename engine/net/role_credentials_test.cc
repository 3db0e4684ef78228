// Roles: who vouches for them, what is sent to the service STS, and what its answers come to.
#include <gmock/gmock.h>

#include "crypto/hash.h"
#include "net/credentials_test_support.h"
#include "net/sigv4.h"

namespace mikura {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kArn = "arn:aws:iam::123456789012:role/app";

class Roles : public CredentialsWorld {
 protected:
  ServedResponse assumed(const std::string& action, const std::string& id) {
    return answer(
        "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
        "Result><Credentials><AccessKeyId>" + id +
        "</AccessKeyId><SecretAccessKey>role-key</SecretAccessKey><SessionToken>role-token"
        "</SessionToken><Expiration>" +
        in_an_hour() + "</Expiration></Credentials></" + action + "Result></" + action +
        "Response>");
  }
  static ServedResponse refused(const std::string& code, int status = 403) {
    return answer("<ErrorResponse><Error><Type>Sender</Type><Code>" + code +
                      "</Code><Message>not you</Message></Error></ErrorResponse>",
                  status);
  }
  Variables sts(const RecordingService& service) {
    return {{"AWS_ENDPOINT_URL_STS", service.endpoint()}};
  }
  void role_of_base(const std::string& more = "") {
    config("[default]\nrole_arn=" + std::string(kArn) +
           "\nsource_profile=base\nregion=eu-west-1\n" + more +
           "\n[profile base]\naws_access_key_id=base-id\naws_secret_access_key=base-key\n");
  }
};

// The signature that the request should have had, by the key `secret`.
std::string right_signature(const ServedRequest& request, const std::string& secret) {
  const std::string payload_sha256(request.header("x-amz-content-sha256"));
  CanonicalInput input{.method = request.method,
                       .path = request.path,
                       .query = request.query,
                       .headers = {},
                       .payload_sha256 = payload_sha256};
  for (const char* name :
       {"content-type", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"}) {
    if (const std::string value = request.header(name); !value.empty())
      input.headers.push_back({name, value});
  }
  const std::string date = request.header("x-amz-date");
  const SigningScope scope{.day = date.substr(0, 8), .region = "eu-west-1", .service = "sts"};
  return compute_signature(
      derive_signing_key(SecretBytes(as_bytes(secret)), scope),
      string_to_sign(date, scope, canonical_request(input, PathStyle::verbatim)));
}

TEST_F(Roles, AnotherProfileVouchesWithASignedRequest) {
  RecordingService service([&](const ServedRequest&) { return assumed("AssumeRole", "role-id"); });
  role_of_base("external_id=a b&c\nrole_session_name=me\nduration_seconds=900");
  EXPECT_EQ(find(sts(service)), "role-id/role-key/role-token");
  const ServedRequest request = service.last();
  EXPECT_EQ(
      request.body,
      "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fapp&"
      "RoleSessionName=me&DurationSeconds=900&ExternalId=a%20b%26c");
  EXPECT_EQ(request.header("x-amz-content-sha256"), sha256(as_bytes(request.body)).hex());
  EXPECT_THAT(request.header("authorization"),
              HasSubstr("Credential=base-id/20260101/eu-west-1/sts/aws4_request"));
  EXPECT_THAT(request.header("authorization"),
              HasSubstr("Signature=" + right_signature(request, "base-key")));
}

TEST_F(Roles, AProfileMayVouchForItself) {
  RecordingService service([&](const ServedRequest&) { return assumed("AssumeRole", "role-id"); });
  config("[default]\nrole_arn=" + std::string(kArn) +
         "\nsource_profile=default\naws_access_key_id=own-id\naws_secret_access_key=own-key\n");
  EXPECT_EQ(find(sts(service)), "role-id/role-key/role-token");
  EXPECT_THAT(service.last().header("authorization"), HasSubstr("Credential=own-id/"));
}

TEST_F(Roles, OneRoleLeadsToAnother) {
  RecordingService service([&](const ServedRequest& request) {
    const bool first =
        request.header("authorization").find("Credential=base-id/") != std::string::npos;
    return assumed("AssumeRole", first ? "first-role" : "second-role");
  });
  config(
      "[default]\nrole_arn=arn:two\nsource_profile=one\n[profile "
      "one]\nrole_arn=arn:one\nsource_profile=base\n"
      "[profile base]\naws_access_key_id=base-id\naws_secret_access_key=base-key\n");
  EXPECT_EQ(find(sts(service)), "second-role/role-key/role-token");
  EXPECT_THAT(service.last().header("authorization"), HasSubstr("Credential=first-role/"));
  EXPECT_EQ(service.last().header("x-amz-security-token"), "role-token");
}

TEST_F(Roles, TheEnvironmentAndServicesMayVouch) {
  RecordingService service([&](const ServedRequest&) { return assumed("AssumeRole", "role-id"); });
  config(
      "[profile e]\nrole_arn=arn:x\ncredential_source=Environment\n"
      "[profile c]\nrole_arn=arn:x\ncredential_source=EcsContainer\n"
      "[profile m]\nrole_arn=arn:x\ncredential_source=Ec2InstanceMetadata\n"
      "[profile x]\nrole_arn=arn:x\ncredential_source=Elsewhere\n");
  Variables variables = sts(service);
  variables["AWS_ACCESS_KEY_ID"] = "env-id";
  variables["AWS_SECRET_ACCESS_KEY"] = "env-key";
  EXPECT_EQ(find(variables, "e"), "role-id/role-key/role-token");
  EXPECT_THAT(service.last().header("authorization"), HasSubstr("Credential=env-id/"));
  EXPECT_THAT(find(variables, "c"), HasSubstr("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"));
  EXPECT_THAT(find(variables, "m"), HasSubstr("AWS_EC2_METADATA_DISABLED"));
  EXPECT_THAT(find(variables, "x"), HasSubstr("unknown credential_source"));
}

TEST_F(Roles, CirclesAndHolesAreExplained) {
  config(
      "[profile a]\nrole_arn=arn:a\nsource_profile=b\n[profile "
      "b]\nrole_arn=arn:b\nsource_profile=a\n"
      "[profile c]\nrole_arn=arn:c\nsource_profile=nobody\n[profile d]\nrole_arn=arn:d\n"
      "[profile e]\nrole_arn=arn:e\nsource_profile=a\ncredential_source=Environment\n");
  EXPECT_THAT(find({}, "a"), HasSubstr("in a circle"));
  EXPECT_THAT(find({}, "c"), HasSubstr("source_profile 'nobody', which does not exist"));
  EXPECT_THAT(find({}, "d"), HasSubstr("no source_profile"));
  EXPECT_THAT(find({}, "e"), HasSubstr("both"));
}

TEST_F(Roles, ADeviceIsAskedForItsCode) {
  RecordingService service([&](const ServedRequest&) { return assumed("AssumeRole", "role-id"); });
  role_of_base("mfa_serial=arn:aws:iam::1:mfa/me");
  MfaRequest asked;
  mfa_ = [&](const MfaRequest& request, const std::stop_token&) -> Result<SecretBytes> {
    asked = request;
    return SecretBytes(as_bytes("123456"));
  };
  const auto provider = chain(sts(service));
  EXPECT_EQ(describe(*provider), "role-id/role-key/role-token");
  EXPECT_EQ(asked.serial, "arn:aws:iam::1:mfa/me");
  EXPECT_EQ(asked.profile, "default");
  EXPECT_THAT(service.last().body,
              HasSubstr("SerialNumber=arn%3Aaws%3Aiam%3A%3A1%3Amfa%2Fme&TokenCode=123456"));
  EXPECT_EQ(describe(*provider), "role-id/role-key/role-token");
  EXPECT_EQ(service.requests().size(), 1U);
}

TEST_F(Roles, ACodeThatIsNotAcceptedIsAskedForAgainButNotForEver) {
  std::atomic<int> accepted_at = 2;
  std::atomic<int> tried = 0;
  RecordingService service([&](const ServedRequest&) {
    if (++tried >= accepted_at) return assumed("AssumeRole", "role-id");
    return answer(
        "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
        "<Message>MultiFactorAuthentication failed with invalid MFA one time pass code. </Message>"
        "</Error></ErrorResponse>",
        403);
  });
  role_of_base("mfa_serial=arn:aws:iam::1:mfa/me");
  std::vector<bool> retries;
  mfa_ = [&](const MfaRequest& request, const std::stop_token&) -> Result<SecretBytes> {
    retries.push_back(request.retry);
    return SecretBytes(as_bytes("765432"));
  };
  EXPECT_EQ(find(sts(service)), "role-id/role-key/role-token");
  EXPECT_EQ(retries, (std::vector<bool>{false, true}));

  accepted_at = 100;
  tried = 0;
  retries.clear();
  const auto found = chain(sts(service))->get({});
  ASSERT_TRUE(found.failed_with(Code::denied));
  EXPECT_THAT(found.error().message(), HasSubstr("invalid MFA one time pass code"));
  EXPECT_THAT(found.error().message(), Not(HasSubstr("765432")));
  EXPECT_EQ(retries.size(), 3U);
}

TEST_F(Roles, ACodeThatReachedNobodyServesTheNextAttempt) {
  std::atomic<bool> is_down = true;
  RecordingService service([&](const ServedRequest&) {
    return is_down ? answer("", 503) : assumed("AssumeRole", "role-id");
  });
  role_of_base("mfa_serial=arn:aws:iam::1:mfa/me");
  int asked = 0;
  mfa_ = [&](const MfaRequest&, const std::stop_token&) -> Result<SecretBytes> {
    ++asked;
    return SecretBytes(as_bytes("123456"));
  };
  const auto provider = chain(sts(service));
  EXPECT_THAT(describe(*provider), StartsWith("transient"));
  EXPECT_THAT(describe(*provider), StartsWith("transient"));
  EXPECT_EQ(asked, 1);
  clock_.move(std::chrono::minutes(2));
  is_down = false;
  EXPECT_EQ(describe(*provider), "role-id/role-key/role-token");
  EXPECT_EQ(asked, 2) << "the old one has run out";
}

TEST_F(Roles, NobodyIsAskedForACodeThatNothingCanBeDoneWith) {
  RecordingService service([&](const ServedRequest&) { return assumed("AssumeRole", "role-id"); });
  config("[default]\nrole_arn=" + std::string(kArn) +
         "\nsource_profile=base\nmfa_serial=arn:aws:iam::1:mfa/me\n[profile base]\nregion=x\n");
  bool asked = false;
  mfa_ = [&](const MfaRequest&, const std::stop_token&) -> Result<SecretBytes> {
    asked = true;
    return SecretBytes(as_bytes("123456"));
  };
  EXPECT_THAT(find(sts(service)), StartsWith("no_credentials"));
  EXPECT_FALSE(asked);
}

TEST_F(Roles, StoresOfOneProcessShareTheSessionThatACodeBegan) {
  std::atomic<int> sessions = 0;
  RecordingService service([&](const ServedRequest&) {
    return assumed("AssumeRole", "role-" + std::to_string(++sessions));
  });
  role_of_base("mfa_serial=arn:aws:iam::1:mfa/me");
  int asked = 0;
  mfa_ = [&](const MfaRequest&, const std::stop_token&) -> Result<SecretBytes> {
    ++asked;
    return SecretBytes(as_bytes("123456"));
  };
  mfa_sessions_ = make_mfa_sessions();
  const auto first = chain(sts(service));
  const auto second = chain(sts(service));
  EXPECT_EQ(describe(*first), "role-1/role-key/role-token");
  EXPECT_EQ(describe(*second), "role-1/role-key/role-token");
  EXPECT_EQ(asked, 1);
  // The server knows them no more: whoever is told so first begins another session.
  second->discard(**second->get({}));
  EXPECT_EQ(describe(*second), "role-2/role-key/role-token");
  first->discard(**first->get({}));
  EXPECT_EQ(describe(*first), "role-2/role-key/role-token");
  EXPECT_EQ(asked, 2);
}

TEST_F(Roles, WithoutAnybodyToAskTheErrorSaysWhatToDo) {
  RecordingService service([&](const ServedRequest&) { return assumed("AssumeRole", "role-id"); });
  role_of_base("mfa_serial=arn:aws:iam::1:mfa/me");
  EXPECT_THAT(find(sts(service)), HasSubstr("there is nobody to ask"));
  mfa_ = [](const MfaRequest&, const std::stop_token&) -> Result<SecretBytes> {
    return Error(Code::cancelled, "not now");
  };
  EXPECT_THAT(find(sts(service)), StartsWith("cancelled"));
  EXPECT_TRUE(service.requests().empty());
}

TEST_F(Roles, ASessionThatTheAwsCliHasCachedSparesTheCode) {
  RecordingService service([&](const ServedRequest&) { return assumed("AssumeRole", "role-id"); });
  role_of_base("mfa_serial=arn:aws:iam::1:mfa/me");
  // The name is what the AWS CLI 2 gives: the SHA-1 of these parameters.
  const std::string name = sha1_hex_for_file_name(as_bytes(
      R"({"RoleArn": "arn:aws:iam::123456789012:role/app", "SerialNumber": "arn:aws:iam::1:mfa/me"})"));
  const std::string file = home() + "/.aws/cli/cache/" + name + ".json";
  write_text(
      file,
      R"({"Credentials":{"AccessKeyId":"cached","SecretAccessKey":"k","SessionToken":"t","Expiration":")" +
          in_an_hour() + R"("},"ResponseMetadata":{}})");
  EXPECT_EQ(find(sts(service)), "cached/k/t");
  clock_.move(std::chrono::hours(2));
  EXPECT_THAT(find(sts(service)), HasSubstr("there is nobody to ask"));
}

TEST_F(Roles, ARefusalNamesTheRoleAndThePermission) {
  RecordingService service([&](const ServedRequest&) { return refused("AccessDenied"); });
  role_of_base();
  const auto found = chain(sts(service))->get({});
  ASSERT_TRUE(found.failed_with(Code::denied)) << found.error().message();
  EXPECT_THAT(found.error().message(), HasSubstr(kArn));
  EXPECT_THAT(found.error().message(), HasSubstr("AccessDenied: not you"));
  EXPECT_THAT(found.error().hint(), HasSubstr("sts:AssumeRole"));
  EXPECT_THAT(found.error().message(), Not(HasSubstr("base-key")));
}

TEST_F(Roles, KeysThatTheServiceDoesNotKnowAnyMoreAreReadAnew) {
  RecordingService service([&](const ServedRequest& request) {
    const bool old = request.header("authorization").find("base-id/") != std::string::npos;
    return old ? refused("InvalidClientTokenId") : assumed("AssumeRole", "role-id");
  });
  role_of_base();
  credentials("");
  const auto provider = chain(sts(service));
  EXPECT_THAT(describe(*provider), StartsWith("no_credentials"));
  EXPECT_EQ(service.requests().size(), 2U);
  config("[default]\nrole_arn=" + std::string(kArn) +
         "\nsource_profile=base\n[profile "
         "base]\naws_access_key_id=new-id\naws_secret_access_key=base-key\n");
  EXPECT_EQ(describe(*provider), "role-id/role-key/role-token");
}

TEST_F(Roles, AServiceThatIsDownIsAFaultThatMayPass) {
  RecordingService service([&](const ServedRequest&) { return refused("InternalFailure", 500); });
  role_of_base();
  EXPECT_THAT(find(sts(service)), StartsWith("transient"));
  EXPECT_EQ(service.requests().size(), 3U);
}

TEST_F(Roles, AWebIdentityTokenVouchesWithoutASignature) {
  RecordingService service(
      [&](const ServedRequest&) { return assumed("AssumeRoleWithWebIdentity", "web-id"); });
  write_text(home() + "/token", "eyJ.first\n");
  Variables variables = sts(service);
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = home() + "/token";
  EXPECT_THAT(find(variables), HasSubstr("AWS_ROLE_ARN is not"));
  variables["AWS_ROLE_ARN"] = kArn;
  variables["AWS_ROLE_SESSION_NAME"] = "pod";
  const auto provider = chain(variables);
  EXPECT_EQ(describe(*provider), "web-id/role-key/role-token");
  EXPECT_THAT(service.last().body, HasSubstr("RoleSessionName=pod&WebIdentityToken=eyJ.first"));
  EXPECT_EQ(service.last().header("authorization"), "");
  // The token is rotated by its owner.
  write_text(home() + "/token", "eyJ.second");
  clock_.move(std::chrono::minutes(56));
  EXPECT_EQ(describe(*provider), "web-id/role-key/role-token");
  EXPECT_THAT(service.last().body, HasSubstr("eyJ.second"));
}

TEST_F(Roles, AWebIdentityTokenOfAProfileVouches) {
  RecordingService service(
      [&](const ServedRequest&) { return assumed("AssumeRoleWithWebIdentity", "web-id"); });
  write_text(home() + "/token", "eyJ");
  config("[default]\nrole_arn=arn:x\nweb_identity_token_file=" + home() + "/token\n");
  EXPECT_EQ(find(sts(service)), "web-id/role-key/role-token");
  config("[default]\nrole_arn=arn:x\nweb_identity_token_file=" + home() + "/absent\n");
  EXPECT_THAT(find(sts(service)), StartsWith("no_credentials"));
}

TEST_F(Roles, ATokenThatIsRefusedIsNotRepeatedInTheError) {
  RecordingService service(
      [&](const ServedRequest&) { return refused("InvalidIdentityToken", 400); });
  write_text(home() + "/token", "eyJ.s3cr3t");
  Variables variables = sts(service);
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = home() + "/token";
  variables["AWS_ROLE_ARN"] = kArn;
  EXPECT_THAT(find(variables),
              testing::AllOf(StartsWith("denied"), HasSubstr("InvalidIdentityToken"),
                             Not(HasSubstr("s3cr3t"))));
}

}  // namespace
}  // namespace mikura
