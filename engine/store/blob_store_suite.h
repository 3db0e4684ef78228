// The shared test suite of BlobStore: every sentence of the contract in store/blob_store.h as a
// test.
//
// An implementation joins by linking mikura_store_suite (an object library that holds the tests)
// and instantiating:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, BlobStoreSuite, testing::Values(StoreSuiteCase{...}),
//   store_case_name);
//
// For tests only. Each test gets a storage of its own, empty, and may open several handles on it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "store/blob_store.h"

namespace mikura {

// One storage: a bucket's prefix, a folder, a map. Its destructor removes what the test left.
class StorageUnderTest {
 public:
  virtual ~StorageUnderTest() = default;

  // A new handle on this storage, as another process would have. Handles do not outlive the
  // storage.
  virtual std::unique_ptr<BlobStore> open() = 0;
};

struct StoreSuiteCase {
  std::string name;  // letters and digits; becomes part of the test's name
  std::function<std::unique_ptr<StorageUnderTest>()> make;
  // What some servers lack; the tests that need it are skipped.
  bool conditional_puts = true;
  bool conditional_remove = true;
  // How often the races are repeated. A real server over HTTP deserves fewer than a map.
  unsigned race_rounds = 25;
};

inline void PrintTo(const StoreSuiteCase& suite_case, std::ostream* out) {
  *out << suite_case.name;
}

inline std::string store_case_name(const testing::TestParamInfo<StoreSuiteCase>& info) {
  return info.param.name;
}

class BlobStoreSuite : public testing::TestWithParam<StoreSuiteCase> {
 protected:
  void SetUp() override {
    storage_ = GetParam().make();
    ASSERT_NE(storage_, nullptr);
    store_ = storage_->open();
    ASSERT_NE(store_, nullptr);
  }

  void TearDown() override {
    store_.reset();
    storage_.reset();
  }

  BlobStore& store() { return *store_; }
  StorageUnderTest& storage() { return *storage_; }

 private:
  std::unique_ptr<StorageUnderTest> storage_;
  std::unique_ptr<BlobStore> store_;
};

}  // namespace mikura
