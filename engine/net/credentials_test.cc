#include <gmock/gmock.h>

#include "net/credentials_test_support.h"

namespace mikura {
namespace {

using testing::HasSubstr;

class CredentialsTest : public CredentialsWorld {};

TEST_F(CredentialsTest, TheEnvironmentComesFirst) {
  credentials("[default]\naws_access_key_id=file-id\naws_secret_access_key=file-key\n");
  EXPECT_EQ(find({{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "key"}}), "id/key/");
  EXPECT_EQ(find({{"AWS_ACCESS_KEY_ID", "id"},
                  {"AWS_SECRET_ACCESS_KEY", "key"},
                  {"AWS_SESSION_TOKEN", "t"}}),
            "id/key/t");
  EXPECT_EQ(find({{"AWS_ACCESS_KEY_ID", "id"},
                  {"AWS_SECRET_ACCESS_KEY", "key"},
                  {"AWS_SECURITY_TOKEN", "old"}}),
            "id/key/old");
  EXPECT_EQ(find({{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}}), "file-id/file-key/");
}

TEST_F(CredentialsTest, AProfileIsReadFromBothFiles) {
  config(
      "[profile "
      "a]\naws_access_key_id=a-id\naws_secret_access_key=a-key\naws_session_token=a-token\n");
  credentials("[b]\naws_access_key_id=b-id\naws_secret_access_key=b-key\n");
  EXPECT_EQ(find({{"AWS_PROFILE", "a"}}), "a-id/a-key/a-token");
  EXPECT_EQ(find({{"AWS_PROFILE", "b"}}), "b-id/b-key/");
  EXPECT_THAT(find({}), HasSubstr("no_credentials"));
}

TEST_F(CredentialsTest, AProfileThatTheCallerNamesIsNotOverruledByTheEnvironment) {
  credentials("[a]\naws_access_key_id=a-id\naws_secret_access_key=a-key\n");
  const Variables keys = {{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "key"}};
  EXPECT_EQ(find(keys, "a"), "a-id/a-key/");
  EXPECT_THAT(find(keys, "absent"), HasSubstr("no_credentials"));
}

TEST_F(CredentialsTest, TheErrorNamesEveryPlaceAndWhyItDidNotServe) {
  config("[profile work]\naws_access_key_id=only-half\n");
  const auto found = chain({{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_PROFILE", "work"}})->get({});
  ASSERT_TRUE(found.failed_with(Code::no_credentials)) << found.error().message();
  const std::string& message = found.error().message();
  EXPECT_NE(
      message.find("the environment: AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not"),
      std::string::npos)
      << message;
  EXPECT_NE(message.find("profile 'work' in " + home() + "/.aws/credentials"), std::string::npos)
      << message;
  EXPECT_THAT(message, HasSubstr("no aws_secret_access_key"));
  EXPECT_FALSE(found.error().hint().empty());
}

TEST_F(CredentialsTest, AHalfProfileIsExplained) {
  credentials("[default]\naws_access_key_id=id\n");
  const auto found = chain({})->get({});
  ASSERT_TRUE(found.failed_with(Code::no_credentials));
  EXPECT_NE(found.error().message().find("no aws_secret_access_key"), std::string::npos)
      << found.error().message();
}

TEST_F(CredentialsTest, ABrokenFileIsAnErrorOfItsOwnAndHidesNoSecret) {
  credentials("[default]\naws_access_key_id=id\nthe-secret-on-a-line-of-its-own\n");
  const auto found = chain({})->get({});
  ASSERT_TRUE(found.failed_with(Code::invalid));
  EXPECT_EQ(found.error().message().find("the-secret"), std::string::npos);
}

TEST_F(CredentialsTest, DiscardedKeysAreReadAgain) {
  credentials("[default]\naws_access_key_id=old\naws_secret_access_key=k\n");
  const auto provider = chain({});
  const auto before = provider->get({});
  ASSERT_TRUE(before);
  credentials("[default]\naws_access_key_id=new\naws_secret_access_key=k\n");
  EXPECT_EQ(describe(*provider), "old/k/");
  provider->discard(**before);
  EXPECT_EQ(describe(*provider), "new/k/");
}

TEST_F(CredentialsTest, TheEnvironmentSaysWhenItsKeysExpire) {
  const auto found = chain({{"AWS_ACCESS_KEY_ID", "id"},
                            {"AWS_SECRET_ACCESS_KEY", "key"},
                            {"AWS_CREDENTIAL_EXPIRATION", "2026-02-21T10:00:00+00:00"}})
                         ->get({});
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)->expires_unix_ms, parse_iso8601_ms("2026-02-21T10:00:00Z"));
}

TEST_F(CredentialsTest, AProfileOfTheEnvironmentThatIsNotThereEndsTheSearch) {
  const auto found = chain({{"AWS_PROFILE", "typo"},
                            {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/"}})
                         ->get({});
  ASSERT_TRUE(found.failed_with(Code::no_credentials)) << found.error().message();
  EXPECT_THAT(found.error().message(), HasSubstr("profile 'typo'"));
  EXPECT_THAT(found.error().message(), testing::Not(HasSubstr("container")));
}

TEST_F(CredentialsTest, TheReportNamesTheSourceThatServesAndWhyThoseBeforeDoNot) {
  credentials("[default]\naws_access_key_id=file-id\naws_secret_access_key=the-key\n");
  EXPECT_EQ(find({}), "file-id/the-key/");
  ASSERT_EQ(report_.size(), 2U);
  EXPECT_FALSE(report_[0].serves);
  EXPECT_EQ(report_[0].place, "the environment");
  EXPECT_EQ(report_[0].text, "AWS_ACCESS_KEY_ID is not set");
  EXPECT_TRUE(report_[1].serves);
  EXPECT_THAT(report_[1].text, HasSubstr("file-id"));
  EXPECT_THAT(report_[1].text, testing::Not(HasSubstr("the-key")));
}

TEST_F(CredentialsTest, TheReportOfASearchInVainNamesAllPlaces) {
  EXPECT_THAT(find({}), HasSubstr("no_credentials"));
  ASSERT_EQ(report_.size(), 5U);
  for (const CredentialFinding& finding : report_)
    EXPECT_FALSE(finding.serves || finding.text.empty()) << finding.place;
}

TEST_F(CredentialsTest, AStopEndsTheSearch) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(chain({})->get(stop.get_token()).failed_with(Code::cancelled));
}

}  // namespace
}  // namespace mikura
