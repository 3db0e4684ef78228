#include "store/s3_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mikura {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// "allow s3:GetObject on <resources> if <conditions>", one line each.
std::vector<std::string> lines(const std::string& url, StoreRole role,
                               WriteConditions conditions = WriteConditions::demanded) {
  const auto statements = policy_statements(*StoreUrl::parse(url), role, conditions);
  EXPECT_TRUE(statements);
  std::vector<std::string> out;
  for (const PolicyStatement& statement : *statements) {
    std::string line = statement.effect == PolicyStatement::Effect::allow ? "allow " : "deny ";
    line += statement.action + " on";
    for (const std::string& resource : statement.resources)
      line += " " + resource;
    for (const PolicyCondition& condition : statement.conditions)
      line += " if " + condition.test + " " + condition.key + "=" + condition.value;
    out.push_back(line);
  }
  return out;
}

TEST(S3Policy, AReaderListsAndReadsUnderThePrefixAndNothingElse) {
  EXPECT_THAT(lines("s3://buck/a/b", StoreRole::reader),
              ElementsAre("allow s3:ListBucket on arn:aws:s3:::buck if StringLike s3:prefix=a/b/*",
                          "allow s3:GetObject on arn:aws:s3:::buck/a/b/*"));
}

TEST(S3Policy, AWriterMakesOnceAndSwapsOnlyWhatItHasSeen) {
  EXPECT_THAT(
      lines("s3://buck/p", StoreRole::writer),
      ElementsAre("allow s3:ListBucket on arn:aws:s3:::buck if StringLike s3:prefix=p/*",
                  "allow s3:GetObject on arn:aws:s3:::buck/p/*",
                  "allow s3:PutObject on arn:aws:s3:::buck/p/*",
                  "deny s3:PutObject on arn:aws:s3:::buck/p/repository arn:aws:s3:::buck/p/keys/* "
                  "arn:aws:s3:::buck/p/indexes/* if Null s3:if-none-match=true",
                  "deny s3:PutObject on arn:aws:s3:::buck/p/HEAD if Null s3:if-match=true if Null "
                  "s3:if-none-match=true"));
}

TEST(S3Policy, OnlyAMaintainerRemoves) {
  EXPECT_THAT(lines("s3://buck/p", StoreRole::maintainer),
              testing::Contains("allow s3:DeleteObject on arn:aws:s3:::buck/p/*"));
  for (const StoreRole role : {StoreRole::reader, StoreRole::writer})
    EXPECT_THAT(lines("s3://buck/p", role), testing::Not(testing::Contains(HasSubstr("Delete"))));
}

TEST(S3Policy, WhereTheConditionsAreNotKnownTheyAreLeftOut) {
  EXPECT_THAT(lines("s3://buck/p", StoreRole::writer, WriteConditions::not_known_here),
              testing::Not(testing::Contains(HasSubstr("deny"))));
}

TEST(S3Policy, ABucketWithoutAPrefixAndOtherPartitions) {
  EXPECT_THAT(lines("s3://buck?region=cn-north-1", StoreRole::reader),
              ElementsAre("allow s3:ListBucket on arn:aws-cn:s3:::buck",
                          "allow s3:GetObject on arn:aws-cn:s3:::buck/*"));
  EXPECT_THAT(lines("s3://buck?region=us-gov-west-1", StoreRole::reader)[0],
              HasSubstr("arn:aws-us-gov:"));
}

TEST(S3Policy, APrefixIsMeantLiterally) {
  EXPECT_THAT(lines("s3://buck/a*b%3F$c", StoreRole::reader)[1],
              HasSubstr("arn:aws:s3:::buck/a${*}b${?}${$}c/*"));
}

TEST(S3Policy, AFolderHasNone) {
  EXPECT_TRUE(policy_statements(*StoreUrl::parse("file:///tmp/x"), StoreRole::reader,
                                WriteConditions::demanded)
                  .failed_with(Code::invalid));
}

}  // namespace
}  // namespace mikura
