#include "net/aws_config.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "testing/temp_folder.h"

namespace mikura {
namespace {

AwsEnvironment environment_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

AwsConfigFile parse(std::string_view text) {
  auto file = AwsConfigFile::parse(text, "config");
  EXPECT_TRUE(file) << file.error().message();
  return file ? *std::move(file) : AwsConfigFile();
}

TEST(AwsConfig, SettingsAreFoundInTheirSections) {
  const AwsConfigFile file = parse(
      "# a comment\n"
      "[default]\n"
      "region=eu-west-1\n"
      "; another\n"
      "\n"
      "[ profile   work ]  # mine\n"
      "Region = us-west-2\n"
      "aws_access_key_id =\tAKID\t\n");
  EXPECT_EQ(file.find("default", "region"), "eu-west-1");
  EXPECT_EQ(file.find("profile work", "region"), "us-west-2");
  EXPECT_EQ(file.find("profile work", "aws_access_key_id"), "AKID");
  EXPECT_EQ(file.find("profile work", "absent"), std::nullopt);
  EXPECT_EQ(file.find("work", "region"), std::nullopt);
}

TEST(AwsConfig, ACommentNeedsWhiteSpaceBeforeIt) {
  const AwsConfigFile file = parse(
      "[a]\n"
      "secret = ab#c;d/e+f=\n"
      "region = eu-west-1 # there\n"
      "other = x\t; y\n"
      "none = # nothing\n");
  EXPECT_EQ(file.find("a", "secret"), "ab#c;d/e+f=");
  EXPECT_EQ(file.find("a", "region"), "eu-west-1");
  EXPECT_EQ(file.find("a", "other"), "x");
  EXPECT_EQ(file.find("a", "none"), std::nullopt);
}

TEST(AwsConfig, NestedSettingsBelongToTheOneAbove) {
  const AwsConfigFile file = parse(
      "[profile a]\n"
      "s3 =\n"
      "  addressing_style = path\n"
      "\n"
      "  # still inside\n"
      "  max_concurrent_requests = 5\n"
      "region = x\n"
      "[profile b]\n"
      "  region = y\n"
      "  s3=\n"
      "     addressing_style=virtual\n"
      "  output = json\n");
  EXPECT_EQ(file.find("profile a", "s3.addressing_style"), "path");
  EXPECT_EQ(file.find("profile a", "s3.max_concurrent_requests"), "5");
  EXPECT_EQ(file.find("profile a", "region"), "x");
  EXPECT_EQ(file.find("profile a", "addressing_style"), std::nullopt);
  EXPECT_EQ(file.find("profile b", "region"), "y") << "a section may be indented as a whole";
  EXPECT_EQ(file.find("profile b", "s3.addressing_style"), "virtual");
  EXPECT_EQ(file.find("profile b", "output"), "json");
}

TEST(AwsConfig, WindowsLineEndsAndAByteOrderMarkAreFine) {
  const AwsConfigFile file = parse("\xEF\xBB\xBF[default]\r\nregion = eu-west-1\r\n");
  EXPECT_EQ(file.find("default", "region"), "eu-west-1");
}

TEST(AwsConfig, ALaterSettingWinsAndSectionsAreJoined) {
  const AwsConfigFile file = parse("[a]\nx=1\ny=1\n[b]\nx=5\n[a]\nx=2\n");
  EXPECT_EQ(file.find("a", "x"), "2");
  EXPECT_EQ(file.find("a", "y"), "1");
}

TEST(AwsConfig, ABadLineIsNamedByItsNumberAndNotRepeated) {
  for (const std::string_view text :
       {"[a]\nx=1\nsecretvalue\n", "[a]\n\n[secretvalue\n", "\n\nsecretvalue=1\n"}) {
    const auto file = AwsConfigFile::parse(text, "/home/a/.aws/config");
    ASSERT_TRUE(file.failed_with(Code::invalid)) << text;
    EXPECT_NE(file.error().message().find("line 3 of /home/a/.aws/config"), std::string::npos)
        << file.error().message();
    EXPECT_EQ(file.error().message().find("secretvalue"), std::string::npos);
  }
}

RC_GTEST_PROP(AwsConfig, AnyTextIsReadWithoutHarm, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("[] =#;\n\r\tab.\xEF")));
  const auto file = AwsConfigFile::parse(text, "config");
  RC_ASSERT((file || file.error().code() == Code::invalid));
}

TEST(AwsProfiles, TheCredentialsFileComesFirst) {
  const TempFolder folder;
  write_text(folder / "config",
             "[default]\nregion=r1\naws_access_key_id=from-config\n[profile "
             "work]\nregion=r2\n[plain]\nregion=r3\n");
  write_text(folder / "credentials",
             "[default]\naws_access_key_id=from-credentials\n[only]\naws_access_key_id=k\n");
  const auto profiles =
      AwsProfiles::load({.config = folder / "config", .credentials = folder / "credentials"});
  ASSERT_TRUE(profiles) << profiles.error().message();
  EXPECT_EQ(profiles->find("default", "aws_access_key_id"), "from-credentials");
  EXPECT_EQ(profiles->find("default", "region"), "r1");
  EXPECT_EQ(profiles->find("work", "region"), "r2");
  EXPECT_TRUE(profiles->has("only"));
  EXPECT_TRUE(profiles->has("work"));
  EXPECT_FALSE(profiles->has("plain")) << "in the config file a profile is called [profile x]";
  EXPECT_EQ(profiles->find("plain", "region"), std::nullopt);
}

TEST(AwsProfiles, FilesThatAreNotThereAreEmpty) {
  const TempFolder folder;
  const auto profiles = AwsProfiles::load({.config = folder / "absent", .credentials = ""});
  ASSERT_TRUE(profiles) << profiles.error().message();
  EXPECT_FALSE(profiles->has("default"));
}

TEST(AwsProfiles, FilesAreWhereTheEnvironmentSays) {
  EXPECT_EQ(AwsConfigPaths::from(environment_of({{"HOME", "/home/a"}})).config,
            "/home/a/.aws/config");
  EXPECT_EQ(AwsConfigPaths::from(environment_of({{"HOME", "/home/a"}})).credentials,
            "/home/a/.aws/credentials");
  const auto set =
      AwsConfigPaths::from(environment_of({{"HOME", "/home/a"},
                                           {"AWS_CONFIG_FILE", "/etc/aws"},
                                           {"AWS_SHARED_CREDENTIALS_FILE", "~/keys"}}));
  EXPECT_EQ(set.config, "/etc/aws");
  EXPECT_EQ(set.credentials, "/home/a/keys");
  EXPECT_EQ(AwsConfigPaths::from(environment_of({})).config, "");
}

TEST(AwsProfiles, TheProfileIsNamedByTheCallerThenTheEnvironment) {
  EXPECT_EQ(profile_name(environment_of({{"AWS_PROFILE", "env"}}), "mine"), "mine");
  EXPECT_EQ(
      profile_name(environment_of({{"AWS_PROFILE", "env"}, {"AWS_DEFAULT_PROFILE", "old"}}), ""),
      "env");
  EXPECT_EQ(profile_name(environment_of({{"AWS_PROFILE", ""}, {"AWS_DEFAULT_PROFILE", "old"}}), ""),
            "old");
  EXPECT_EQ(profile_name(environment_of({}), ""), "default");
}

class S3SettingsTest : public testing::Test {
 protected:
  S3Settings settings(std::map<std::string, std::string> variables, const std::string& profile) {
    const auto profiles = AwsProfiles::load({.config = folder_ / "config", .credentials = ""});
    EXPECT_TRUE(profiles) << profiles.error().message();
    return S3Settings::from(environment_of(std::move(variables)), *profiles, profile);
  }
  void config(std::string_view text) { write_text(folder_ / "config", text); }

 private:
  TempFolder folder_;
};

TEST_F(S3SettingsTest, TheEnvironmentComesBeforeTheProfile) {
  config("[profile p]\nregion=r\nendpoint_url=http://profile\nca_bundle=/p.pem\n");
  const S3Settings from_profile = settings({}, "p");
  EXPECT_EQ(from_profile.region, "r");
  EXPECT_EQ(from_profile.endpoint, "http://profile");
  EXPECT_EQ(from_profile.ca_bundle, "/p.pem");
  EXPECT_EQ(from_profile.path_style, std::nullopt);
  const S3Settings from_environment = settings({{"AWS_REGION", "e"},
                                                {"AWS_DEFAULT_REGION", "d"},
                                                {"AWS_ENDPOINT_URL", "http://env"},
                                                {"AWS_CA_BUNDLE", "/e.pem"}},
                                               "p");
  EXPECT_EQ(from_environment.region, "e");
  EXPECT_EQ(from_environment.endpoint, "http://env");
  EXPECT_EQ(from_environment.ca_bundle, "/e.pem");
  EXPECT_EQ(settings({{"AWS_REGION", ""}, {"AWS_DEFAULT_REGION", "d"}}, "p").region, "d");
}

TEST_F(S3SettingsTest, AnEndpointForS3ComesBeforeOneForAll) {
  config(
      "[profile p]\nservices = s\nendpoint_url=http://all\n[services s]\ns3 =\n  endpoint_url = "
      "http://s3\n");
  EXPECT_EQ(settings({}, "p").endpoint, "http://s3");
  EXPECT_EQ(settings({{"AWS_ENDPOINT_URL", "http://e"}}, "p").endpoint, "http://e");
  EXPECT_EQ(settings({{"AWS_ENDPOINT_URL", "http://e"}, {"AWS_ENDPOINT_URL_S3", "http://es3"}}, "p")
                .endpoint,
            "http://es3");
  EXPECT_EQ(
      settings({{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE"}, {"AWS_ENDPOINT_URL", "http://e"}},
               "p")
          .endpoint,
      "");
}

TEST_F(S3SettingsTest, TheAddressingStyleIsTakenFromTheProfile) {
  config(
      "[profile p]\ns3 =\n  addressing_style = path\n[profile v]\ns3=\n addressing_style=virtual\n"
      "[profile a]\ns3=\n addressing_style=auto\n");
  EXPECT_EQ(settings({}, "p").path_style, true);
  EXPECT_EQ(settings({}, "v").path_style, false);
  EXPECT_EQ(settings({}, "a").path_style, std::nullopt);
}

}  // namespace
}  // namespace mikura
