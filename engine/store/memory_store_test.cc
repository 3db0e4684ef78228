#include "store/memory_store.h"

#include "store/blob_store_suite.h"

namespace mikura {
namespace {

class MemoryUnderTest final : public StorageUnderTest {
 public:
  std::unique_ptr<BlobStore> open() override { return std::make_unique<MemoryStore>(storage_); }

 private:
  std::shared_ptr<MemoryStorage> storage_ = std::make_shared<MemoryStorage>();
};

INSTANTIATE_TEST_SUITE_P(Memory, BlobStoreSuite,
                         testing::Values(StoreSuiteCase{
                             .name = "Memory",
                             .make = [] { return std::make_unique<MemoryUnderTest>(); }}),
                         store_case_name);

}  // namespace
}  // namespace mikura
