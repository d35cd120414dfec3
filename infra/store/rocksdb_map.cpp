#include "infra/store/rocksdb_map.hpp"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

namespace kiroku::store {
namespace {

namespace engine = ::rocksdb;

constexpr std::size_t write_buffer_bytes = 16UL << 20;  // stays in the processor's caches while it is sorted
constexpr int bloom_bits = 10;

engine::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const engine::Slice& bytes) { return {bytes.data(), bytes.size()}; }

void expect(const engine::Status& status, std::string_view doing) {
    if (!status.ok()) throw StoreError(fmt::format("while {} the local store: {}", doing, status.ToString()));
}

/// A key's group, which filters go by: only what holds the group is read for it.
class Group final : public engine::SliceTransform {
public:
    [[nodiscard]] const char* Name() const override { return "kiroku.group"; }
    [[nodiscard]] bool InDomain(const engine::Slice& key) const override {
        return key.size() > OrderedMap::number_size;
    }
    [[nodiscard]] engine::Slice Transform(const engine::Slice& key) const override {
        return {key.data(), key.size() - OrderedMap::number_size};
    }
};

engine::Options options() {
    engine::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = write_buffer_bytes;
    options.prefix_extractor = std::make_shared<Group>();
    options.memtable_prefix_bloom_size_ratio = 0.05;
    options.allow_concurrent_memtable_write = false;
    options.max_background_jobs = 2;
    options.keep_log_file_num = 2;
    options.max_open_files = 512;
    // Blocks are read where the operating system has them already, and copied and unpacked nowhere.
    options.allow_mmap_reads = true;
    options.compression = engine::kNoCompression;
    options.compaction_style = engine::kCompactionStyleUniversal;  // each byte is rewritten fewer times
    engine::BlockBasedTableOptions table;
    table.whole_key_filtering = false;
    table.filter_policy.reset(engine::NewBloomFilterPolicy(bloom_bits));
    table.no_block_cache = true;
    table.checksum = engine::kXXH3;  // of each block, at each read
    options.table_factory.reset(engine::NewBlockBasedTableFactory(table));
    return options;
}

// A key of the group: the lowest or the highest there can be.
std::string numbered(std::string_view group, char digit) {
    std::string key{group};
    key.append(OrderedMap::number_size, digit);
    return key;
}

// The first key behind all that start with `prefix`.
std::string behind(std::string_view prefix) {
    std::string end{prefix};
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
    if (!end.empty()) ++end.back();
    return end;
}

}  // namespace

struct RocksdbMap::Database {
    std::unique_ptr<engine::DB> db;
};

RocksdbMap::RocksdbMap(const std::filesystem::path& directory) : database_(std::make_unique<Database>()) {
    std::filesystem::create_directories(directory);
    engine::DB* opened = nullptr;
    const auto status = engine::DB::Open(options(), directory.string(), &opened);
    if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
        throw StoreInUse(
            fmt::format("{} is in use by another process: give each decider a --state of its own", directory.string()));
    }
    expect(status, "opening");
    database_->db.reset(opened);
    loads_ = std::make_unique<SortedLoads>(
        [this](const Batch& batch, std::span<const std::size_t> sorted) { take_in(batch, sorted); });
}

RocksdbMap::~RocksdbMap() = default;

std::optional<std::string> RocksdbMap::get(std::string_view key) const {
    std::string value;
    const auto status = database_->db->Get({}, slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    expect(status, "reading");
    return value;
}

void RocksdbMap::scan(std::string_view group, const Take& take) const {
    engine::ReadOptions options;
    options.prefix_same_as_start = true;
    const std::unique_ptr<engine::Iterator> at{database_->db->NewIterator(options)};
    for (at->Seek(numbered(group, '\0')); at->Valid(); at->Next()) take(view(at->key()), view(at->value()));
    expect(at->status(), "reading");
}

void RocksdbMap::all(const Take& take) const {
    engine::ReadOptions options;
    options.total_order_seek = true;
    const std::unique_ptr<engine::Iterator> at{database_->db->NewIterator(options)};
    for (at->SeekToFirst(); at->Valid(); at->Next()) take(view(at->key()), view(at->value()));
    expect(at->status(), "reading");
}

void RocksdbMap::last(std::string_view group, const Take& take) const {
    engine::ReadOptions options;
    options.prefix_same_as_start = true;
    const std::unique_ptr<engine::Iterator> at{database_->db->NewIterator(options)};
    at->SeekForPrev(numbered(group, '\xff'));
    if (at->Valid()) take(view(at->key()), view(at->value()));
    expect(at->status(), "reading");
}

void RocksdbMap::write(Batch& batch) {
    engine::WriteOptions options;
    options.disableWAL = true;
    engine::WriteBatch changes;
    for (std::size_t place = 0; place < batch.size(); ++place)
        changes.Put(slice(batch.key(place)), slice(batch.value(place)));
    expect(database_->db->Write(options, &changes), "writing");
    batch.clear();
}

std::uint64_t RocksdbMap::load(Batch& batch) { return loads_->add(batch); }

void RocksdbMap::wait_for(std::uint64_t load) { loads_->wait_for(load); }

/// As a file of its own that is complete before the database hears of it; what is in memory and older goes to files
/// before, so that a crash can't lose that and keep this.
void RocksdbMap::take_in(const Batch& batch, std::span<const std::size_t> sorted) {
    if (sorted.empty()) return;
    const auto name = database_->db->GetName() + "/incoming";
    engine::SstFileWriter file{engine::EnvOptions{}, database_->db->GetOptions()};
    expect(file.Open(name), "filling");
    for (const auto place : sorted) expect(file.Put(slice(batch.key(place)), slice(batch.value(place))), "filling");
    expect(file.Finish(), "filling");
    engine::IngestExternalFileOptions options;
    options.move_files = true;
    expect(database_->db->IngestExternalFile({name}, options), "filling");
}

void RocksdbMap::erase_all(std::string_view prefix) {
    engine::WriteOptions options;
    options.disableWAL = true;
    const std::string end = behind(prefix);
    expect(database_->db->DeleteRange(options, database_->db->DefaultColumnFamily(), slice(prefix), slice(end)),
           "erasing in");
}

void RocksdbMap::flush() { expect(database_->db->Flush({}), "flushing"); }

void RocksdbMap::destroy(const std::filesystem::path& directory) { std::filesystem::remove_all(directory); }

}  // namespace kiroku::store
