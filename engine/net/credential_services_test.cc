// The sources that ask a program or a service, each against a stand-in on loopback.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "crypto/hash.h"
#include "net/credentials_test_support.h"

namespace mikura {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CredentialServices : public CredentialsWorld {
 protected:
  std::string keys_json(const std::string& id, const std::string& token_name = "SessionToken") {
    return R"({"Version":1,"Code":"Success","AccessKeyId":")" + id +
           R"(","SecretAccessKey":"s3cr3t",")" + token_name + R"(":"tok","Expiration":")" +
           in_an_hour() + "\"}";
  }
  // A program that prints `text`.
  std::string program(const std::string& name, const std::string& text) {
    const std::string path = home() + "/bin/" + name;
    write_text(path, "#!/bin/sh\necho \"$@\" >>'" + home() + "/" + name + ".args'\ncat <<'END'\n" +
                         text + "\nEND\n");
    ::chmod(path.c_str(), 0700);
    return path;
  }
};

TEST_F(CredentialServices, AProcessPrintsThem) {
  config("[default]\ncredential_process = '" + program("my keys", keys_json("from-process")) +
         "' --for \"a b\"\n");
  EXPECT_EQ(find({}), "from-process/s3cr3t/tok");
  EXPECT_EQ(read_text(home() + "/my keys.args"), "--for a b\n");
}

TEST_F(CredentialServices, AProcessIsAskedAgainWhenItsKeysAreAboutToExpire) {
  config("[default]\ncredential_process = " + program("p", keys_json("x")) + "\n");
  const auto provider = chain({});
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(describe(*provider), "x/s3cr3t/tok");
  EXPECT_EQ(read_text(home() + "/p.args"), "\n");
  clock_.move(std::chrono::minutes(56));
  EXPECT_EQ(describe(*provider), "x/s3cr3t/tok");
  EXPECT_EQ(read_text(home() + "/p.args"), "\n\n");
}

TEST_F(CredentialServices, AProcessThatFailsIsNamedAndItsOutputIsNot) {
  config("[default]\ncredential_process = sh -c 'echo s3cr3t; exit 7'\n");
  EXPECT_THAT(find({}), testing::AllOf(HasSubstr("sh ended with 7"), Not(HasSubstr("s3cr3t"))));
  config("[default]\ncredential_process = echo s3cr3t\n");
  EXPECT_THAT(find({}), testing::AllOf(StartsWith("invalid"), Not(HasSubstr("s3cr3t"))));
  config("[default]\ncredential_process = echo '{\"Version\":2}'\n");
  EXPECT_THAT(find({}), HasSubstr("Version 1"));
}

TEST_F(CredentialServices, AContainersServiceIsAskedWithItsToken) {
  RecordingService service([&](const ServedRequest&) { return answer(keys_json("ecs", "Token")); });
  Variables variables = {
      {"AWS_CONTAINER_CREDENTIALS_FULL_URI", service.endpoint() + "/v2/creds?id=1"},
      {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc"}};
  EXPECT_EQ(find(variables), "ecs/s3cr3t/tok");
  EXPECT_EQ(service.last().path, "/v2/creds");
  EXPECT_EQ(service.last().query, "id=1");
  EXPECT_EQ(service.last().header("authorization"), "Basic abc");
  // The file comes before the variable, and is read each time.
  write_text(home() + "/token", "from-the-file\n");
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = home() + "/token";
  const auto provider = chain(variables);
  EXPECT_EQ(describe(*provider), "ecs/s3cr3t/tok");
  EXPECT_EQ(service.last().header("authorization"), "from-the-file");
  write_text(home() + "/token", "rotated");
  clock_.move(std::chrono::hours(1));
  EXPECT_EQ(describe(*provider), "ecs/s3cr3t/tok");
  EXPECT_EQ(service.last().header("authorization"), "rotated");
}

TEST_F(CredentialServices, ARelativePathLeadsToTheServiceOfEcs) {
  RecordingService service([&](const ServedRequest&) { return answer(keys_json("ecs", "Token")); });
  const auto provider = container_credentials(
      setup({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1234"}}),
      service.endpoint());
  EXPECT_EQ(describe(*provider), "ecs/s3cr3t/tok");
  EXPECT_EQ(service.last().path, "/v2/credentials/1234");
}

TEST_F(CredentialServices, KeysAreNotAskedForAcrossANetworkWithoutTls) {
  for (const char* url :
       {"http://example.com/", "http://169.254.170.200/", "http://10.0.0.1:80/x"}) {
    EXPECT_THAT(find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}}),
                testing::AllOf(StartsWith("invalid"), HasSubstr("without https")))
        << url;
  }
  EXPECT_THAT(find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "ftp://localhost/"}}),
              StartsWith("invalid"));
  write_text(home() + "/token", "two\nlines");
  EXPECT_THAT(find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/"},
                    {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", home() + "/token"}}),
              HasSubstr("more than one line"));
}

TEST_F(CredentialServices, AContainersServiceIsAskedAgainAfterAFault) {
  std::atomic<int> calls = 0;
  RecordingService service([&](const ServedRequest&) {
    return ++calls < 3 ? answer("", 503) : answer(keys_json("ecs", "Token"));
  });
  EXPECT_EQ(find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", service.endpoint()}}), "ecs/s3cr3t/tok");
  calls = -100;
  EXPECT_THAT(find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", service.endpoint()}}),
              StartsWith("transient"));
  RecordingService refusing([&](const ServedRequest&) { return answer("s3cr3t", 403); });
  EXPECT_THAT(find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", refusing.endpoint()}}),
              testing::AllOf(StartsWith("denied"), Not(HasSubstr("s3cr3t"))));
}

// Version 2 of the metadata service: nothing without a token.
class Ec2 : public CredentialServices {
 protected:
  ServedResponse serve(const ServedRequest& request) {
    if (request.path == "/latest/api/token") {
      if (request.method != "PUT" || request.header("x-aws-ec2-metadata-token-ttl-seconds").empty())
        return answer("", 400);
      return answer("session");
    }
    if (request.header("x-aws-ec2-metadata-token") != "session") return answer("", 401);
    const std::string roles = "/latest/meta-data/iam/security-credentials/";
    if (request.path == roles) return role_.empty() ? answer("", 404) : answer(role_);
    if (request.path == roles + role_) return answer(document_);
    return answer("", 404);
  }
  Variables variables(const RecordingService& service) {
    return {{"AWS_EC2_METADATA_DISABLED", "false"},
            {"AWS_EC2_METADATA_SERVICE_ENDPOINT", service.endpoint()}};
  }
  std::string role_ = "my-role";
  std::string document_;
};

TEST_F(Ec2, TheInstancesRoleIsFound) {
  document_ = keys_json("ec2", "Token");
  RecordingService service([&](const ServedRequest& request) { return serve(request); });
  EXPECT_EQ(find(variables(service)), "ec2/s3cr3t/tok");
  EXPECT_THAT(report_.back().text, HasSubstr("the role my-role"));
  EXPECT_EQ(service.requests().size(), 3U);
}

TEST_F(Ec2, AMachineWithoutARoleOrWithoutTheServiceIsExplained) {
  RecordingService service([&](const ServedRequest& request) { return serve(request); });
  role_ = "";
  EXPECT_THAT(find(variables(service)), HasSubstr("this machine has no role"));
  role_ = "r";
  document_ = R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"no"})";
  EXPECT_THAT(find(variables(service)), HasSubstr("AssumeRoleUnauthorizedAccess"));
  EXPECT_THAT(find({}), HasSubstr("AWS_EC2_METADATA_DISABLED"));
  EXPECT_THAT(find({{"AWS_EC2_METADATA_DISABLED", "false"},
                    {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9"}}),
              testing::AllOf(StartsWith("no_credentials"), HasSubstr("no such service answers")));
}

TEST_F(Ec2, AServiceThatIsSilentForAWhileIsAFaultThatMayPass) {
  document_ = keys_json("ec2", "Token");
  auto service = std::make_unique<RecordingService>(
      [&](const ServedRequest& request) { return serve(request); });
  const auto provider = chain(variables(*service));
  EXPECT_EQ(describe(*provider), "ec2/s3cr3t/tok");
  service.reset();
  clock_.move(std::chrono::hours(2));
  EXPECT_THAT(describe(*provider), StartsWith("transient"));
}

class Sso : public CredentialServices {
 protected:
  void sign_in(const std::string& session, const std::string& expires) {
    write_text(
        home() + "/.aws/sso/cache/" + sha1_hex_for_file_name(as_bytes(session)) + ".json",
        R"({"accessToken":"the-sign-in","expiresAt":")" + expires + R"(","region":"eu-west-1"})");
  }
  ServedResponse give(const ServedRequest& request) {
    if (request.header("x-amz-sso_bearer_token") != "the-sign-in") return answer("{}", 401);
    if (request.path != "/federation/credentials") return answer("{}", 404);
    if (request.query != "account_id=123456789012&role_name=Dev%20Ops") return answer("{}", 403);
    return answer(
        R"({"roleCredentials":{"accessKeyId":"sso","secretAccessKey":"k","sessionToken":"t","expiration":)" +
        std::to_string(clock_.unix_ms() + 3'600'000) + "}}");
  }
  static constexpr const char* kProfile =
      "[default]\nsso_session=corp\nsso_account_id=123456789012\nsso_role_name=Dev Ops\n"
      "[sso-session corp]\nsso_region=eu-west-1\nsso_start_url=https://corp.awsapps.com/start\n";
};

TEST_F(Sso, TheTokenOfASessionGivesTheRolesKeys) {
  RecordingService portal([&](const ServedRequest& request) { return give(request); });
  config(kProfile);
  sign_in("corp", in_an_hour());
  EXPECT_EQ(find({{"AWS_ENDPOINT_URL_SSO", portal.endpoint()}}), "sso/k/t");
  EXPECT_FALSE(report_.back().expires_unix_ms == std::nullopt);
}

TEST_F(Sso, AProfileOfTheOldFormIsNamedByItsStartUrl) {
  RecordingService portal([&](const ServedRequest& request) { return give(request); });
  config(
      "[default]\nsso_start_url=https://old/start\nsso_region=eu-west-1\n"
      "sso_account_id=123456789012\nsso_role_name=Dev Ops\n");
  sign_in("https://old/start", "2026-01-01T09:00:00UTC");
  EXPECT_EQ(find({{"AWS_ENDPOINT_URL_SSO", portal.endpoint()}}), "sso/k/t");
}

TEST_F(Sso, WithoutASignInTheErrorSaysHowToGetOne) {
  RecordingService portal([&](const ServedRequest& request) { return give(request); });
  config(kProfile);
  // The AWS CLI, which is asked as well, knows of no session either.
  program("aws", "");
  const std::string path_before = std::getenv("PATH");
  ::setenv("PATH", (home() + "/bin:" + path_before).c_str(), 1);
  const Variables variables = {{"AWS_ENDPOINT_URL_SSO", portal.endpoint()}};
  const auto nobody = chain(variables)->get({});
  sign_in("corp", "2020-01-01T00:00:00Z");
  const auto expired = chain(variables)->get({});
  sign_in("corp", in_an_hour());
  config(std::string(kProfile).replace(std::string(kProfile).find("Dev Ops"), 7, "Other"));
  const auto other_role = chain(variables)->get({});
  ::setenv("PATH", path_before.c_str(), 1);
  ASSERT_TRUE(nobody.failed_with(Code::no_credentials));
  EXPECT_THAT(nobody.error().message(), HasSubstr("nobody has signed in"));
  EXPECT_THAT(expired.error().message(), HasSubstr("the sign-in has expired"));
  ASSERT_TRUE(other_role.failed_with(Code::denied)) << other_role.error().message();
  EXPECT_THAT(other_role.error().message(), HasSubstr("the role Other of account 123456789012"));
}

TEST_F(Sso, TheAwsCliRenewsASignInThatHasExpired) {
  config(kProfile);
  sign_in("corp", "2020-01-01T00:00:00Z");
  program("aws", keys_json("from-cli"));
  const std::string path_before = std::getenv("PATH");
  ::setenv("PATH", (home() + "/bin:" + path_before).c_str(), 1);
  const std::string found = find({{"AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:9"}});
  ::setenv("PATH", path_before.c_str(), 1);
  EXPECT_EQ(found, "from-cli/s3cr3t/tok");
  EXPECT_EQ(read_text(home() + "/aws.args"),
            "configure export-credentials --format process --profile default\n");
}

TEST_F(CredentialServices, WhatOnlyTheAwsCliCanDoIsLeftToIt) {
  config("[profile it's]\nlogin_session=arn:aws:iam::1:user/me\n");
  program("aws", keys_json("from-cli"));
  const std::string path_before = std::getenv("PATH");
  ::setenv("PATH", (home() + "/bin:" + path_before).c_str(), 1);
  const std::string found = find({}, "it's");
  ::setenv("PATH", path_before.c_str(), 1);
  EXPECT_EQ(found, "from-cli/s3cr3t/tok");
  EXPECT_THAT(read_text(home() + "/aws.args"), HasSubstr("--profile it's"));
}

}  // namespace
}  // namespace mikura
