#include "net/credentials.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

using Variables = std::map<std::string, std::string>;

Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

std::string text_of(const SecretBytes& secret) {
  return std::string(as_text(secret.expose()));
}

class CredentialsTest : public testing::Test {
 protected:
  void config(std::string_view text) { write_text(folder_ / ".aws/config", text); }
  void credentials(std::string_view text) { write_text(folder_ / ".aws/credentials", text); }
  std::unique_ptr<CredentialProvider> chain(Variables variables,
                                            const std::string& explicit_profile = "") {
    variables["HOME"] = folder_.path();
    return default_credentials(environment_of(std::move(variables)), explicit_profile);
  }
  // "id/secret/token", or the error's code.
  static std::string describe(CredentialProvider& provider) {
    const auto found = provider.get({});
    if (!found) return std::string(code_name(found.error().code()));
    return (*found)->access_key_id + "/" + text_of((*found)->secret_access_key) + "/" +
           text_of((*found)->session_token);
  }
  std::string find(Variables variables, const std::string& explicit_profile = "") {
    return describe(*chain(std::move(variables), explicit_profile));
  }
  std::string home() const { return folder_.path(); }

 private:
  TempFolder folder_;
};

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
  EXPECT_EQ(find({}), "no_credentials");
}

TEST_F(CredentialsTest, AProfileThatTheCallerNamesIsNotOverruledByTheEnvironment) {
  credentials("[a]\naws_access_key_id=a-id\naws_secret_access_key=a-key\n");
  const Variables keys = {{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "key"}};
  EXPECT_EQ(find(keys, "a"), "a-id/a-key/");
  EXPECT_EQ(find(keys, "absent"), "no_credentials");
}

TEST_F(CredentialsTest, TheErrorNamesEveryPlaceAndWhyItDidNotServe) {
  config("[profile work]\nsso_session=x\n");
  const auto found = chain({{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_PROFILE", "work"}})->get({});
  ASSERT_TRUE(found.failed_with(Code::no_credentials));
  const std::string& message = found.error().message();
  EXPECT_NE(
      message.find("the environment: AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not"),
      std::string::npos)
      << message;
  EXPECT_NE(message.find("profile 'work' in " + home() + "/.aws/credentials"), std::string::npos)
      << message;
  EXPECT_NE(message.find("sso_session"), std::string::npos) << message;
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

TEST_F(CredentialsTest, AStopEndsTheSearch) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(chain({})->get(stop.get_token()).failed_with(Code::cancelled));
}

}  // namespace
}  // namespace mikura
