#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/input_file.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/data_folder.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/writers/dataset_writer.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

namespace labelbeam::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kSourceFile = "source.json";
constexpr std::size_t kMaxSourceBytes = std::size_t{1} << 20;

std::string file_of(const std::string& split) { return split + ".jsonl.gz"; }

void refuse_other_files(const fs::path& folder, const std::string& split) {
  std::string file;
  try {
    file = find_split(folder.string(), split);
  } catch (const MissingFileError&) {
    return;
  }
  if (fs::path(file).filename() != file_of(split)) {
    throw std::invalid_argument(fmt::format(
        "{} would stand beside {}: remove it, or choose another folder", file_of(split), file));
  }
}

/// Folders that are made, and files that are written aside, until `keep`.
class Staging {
 public:
  explicit Staging(const fs::path& folder) : folder_(folder) {
    std::error_code error;
    made_ = fs::create_directories(folder, error);
    if (error) throw WriteError(folder.string(), error.message());
    aside_ = folder / fmt::format(".labelbeam-{}.part", ::getpid());
    fs::create_directory(aside_, error);
    if (error) {
      const std::string reason = error.message();
      remove();
      throw WriteError(folder.string(), reason);
    }
  }
  ~Staging() { remove(); }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  std::string path_of(std::string_view file) const { return (aside_ / file).string(); }

  void move_into_place(std::string_view file) {
    std::error_code error;
    fs::rename(aside_ / file, folder_ / file, error);
    if (error) throw WriteError((folder_ / file).string(), error.message());
    made_ = false;
  }

 private:
  void remove() {
    std::error_code ignored;
    fs::remove_all(aside_, ignored);
    if (made_) fs::remove(folder_, ignored);
  }

  fs::path folder_;
  fs::path aside_;
  bool made_ = false;
};

std::string source_text(const DataSource& source) {
  nlohmann::ordered_json content;
  content["name"] = source.name;
  content["source"] = source.source;
  content["synthetic"] = source.synthetic;
  content["summary"] = nlohmann::ordered_json::parse(source.summary_json);
  return content.dump(2) + '\n';
}

}  // namespace

void write_data_folder(const std::string& folder, const SplitDataset& data,
                       const DataSource& source) {
  const std::array<std::pair<std::string, const Dataset*>, 3> splits = {
      {{"train", &data.train}, {"valid", &data.valid}, {"test", &data.test}}};
  std::error_code ignored;
  for (const auto& [name, split] : splits) {
    if (split->rows.empty()) {
      throw std::invalid_argument(fmt::format("{} would have no rows", name));
    }
    if (fs::is_directory(folder, ignored)) refuse_other_files(folder, name);
  }
  Staging staging(folder);
  for (const auto& [name, split] : splits) {
    write_dataset(staging.path_of(file_of(name)), *split);
  }
  write_file_atomically(staging.path_of(kSourceFile), source_text(source));
  staging.move_into_place(kSourceFile);
  for (const auto& [name, split] : splits) staging.move_into_place(file_of(name));
}

std::optional<DataSource> read_data_source(const std::string& folder) {
  const std::string file = (fs::path(folder) / kSourceFile).string();
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  const json content = json::parse(read_all(file, kMaxSourceBytes), nullptr, false);
  DataSource source;
  try {
    content.at("name").get_to(source.name);
    content.at("source").get_to(source.source);
    content.at("synthetic").get_to(source.synthetic);
    source.summary_json = content.value("summary", json::object()).dump();
  } catch (const json::exception&) {
    throw DataError(
        file, 0,
        "must be a JSON object with the strings \"name\" and \"source\" and the boolean "
        "\"synthetic\"");
  }
  return source;
}

}  // namespace labelbeam::pipeline
