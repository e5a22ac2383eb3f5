#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/input_file.h>
#include <labelbeam/pipeline/manifest.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/stable_hash.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "manifest_json.h"

namespace labelbeam::pipeline {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kMaxManifestBytes = std::size_t{16} << 20;
constexpr std::size_t kChunkBytes = std::size_t{64} << 10;  // changing it changes fingerprints

/// What another run of the same experiment may say otherwise.
bool is_of_the_run(const std::string& where) {
  static const std::set<std::string> places = {"/manifest", "/data/name", "/data/source"};
  return places.contains(where) || where.ends_with("/seconds");
}

json read_json(const std::string& file, std::size_t max_bytes) {
  json value = json::parse(read_all(file, max_bytes), nullptr, false);
  if (value.is_discarded()) throw DataError(file, 0, "is not valid JSON");
  return value;
}

/// Finds what two documents do not share.
class Comparer {
 public:
  void compare(const json& first, const json& second, const std::string& where) {
    if (is_of_the_run(where)) return;
    if (first.is_number()) ++result_.figures;
    if (first.is_object() && second.is_object()) return compare_objects(first, second, where);
    if (first.is_array() && second.is_array()) return compare_arrays(first, second, where);
    if (first == second) return;
    const bool numbers = first.is_number() && second.is_number();
    add(where, first.dump(), second.dump(),
        numbers ? std::abs(second.get<double>() - first.get<double>())
                : std::numeric_limits<double>::infinity());
  }

  ReportDifferences finish() {
    std::stable_sort(result_.differences.begin(), result_.differences.end(),
                     [](const Difference& a, const Difference& b) { return a.size > b.size; });
    return std::move(result_);
  }

 private:
  void compare_objects(const json& first, const json& second, const std::string& where) {
    for (const auto& [name, value] : first.items()) {
      const std::string below = where + "/" + name;
      if (second.contains(name)) {
        compare(value, second.at(name), below);
      } else {
        add(below, value.dump(), "", std::numeric_limits<double>::infinity());
      }
    }
    for (const auto& [name, value] : second.items()) {
      if (first.contains(name)) continue;
      add(where + "/" + name, "", value.dump(), std::numeric_limits<double>::infinity());
    }
  }

  void compare_arrays(const json& first, const json& second, const std::string& where) {
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
      const std::string below = where + "/" + std::to_string(i);
      if (i < first.size() && i < second.size()) {
        compare(first[i], second[i], below);
      } else {
        add(below, i < first.size() ? first[i].dump() : "",
            i < second.size() ? second[i].dump() : "", std::numeric_limits<double>::infinity());
      }
    }
  }

  void add(const std::string& where, std::string first, std::string second, double size) {
    if (is_of_the_run(where)) return;
    result_.differences.push_back({where, std::move(first), std::move(second), size});
  }

  ReportDifferences result_;
};

}  // namespace

InputRecord record_input(const std::string& role, const std::string& path) {
  InputFile file(path);
  InputRecord record{role, path, 0, ""};
  std::uint64_t hash = 0;
  std::string chunk(kChunkBytes, '\0');
  while (const std::size_t size = file.read(chunk)) {
    hash = stable_hash(std::string_view(chunk).substr(0, size), hash);
    record.bytes += size;
  }
  record.fingerprint = fmt::format("{:016x}", hash);
  return record;
}

std::vector<InputRecord> record_data(const std::string& folder, const ReadOptions& read) {
  std::vector<InputRecord> inputs;
  std::set<std::string> seen;  // splits may share a file of labels
  for (const char* split : {"train", "valid", "test"}) {
    for (const std::string& file : files_of_rows(find_split(folder, split), read)) {
      if (!seen.insert(file).second) continue;
      inputs.push_back(record_input(file == read.labels_file ? "labels" : split, file));
    }
  }
  return inputs;
}

void move_data(std::vector<InputRecord>& inputs, const std::string& folder) {
  for (InputRecord& input : inputs) {
    if (input.role != "train" && input.role != "valid" && input.role != "test") continue;
    input.path = (fs::path(folder) / fs::path(input.path).filename()).string();
  }
}

json to_json(const Provenance& provenance) {
  json inputs = json::array();
  for (const InputRecord& input : provenance.inputs) {
    inputs.push_back({{"role", input.role},
                      {"path", input.path},
                      {"bytes", input.bytes},
                      {"fingerprint", input.fingerprint}});
  }
  return {{"format", "labelbeam.manifest"},
          {"version", 1},
          {"command", provenance.invocation.command},
          {"options", provenance.invocation.options},
          {"inputs", std::move(inputs)}};
}

Manifest read_manifest(const std::string& file) {
  const json value = read_json(file, kMaxManifestBytes);
  Manifest manifest;
  try {
    if (value.at("format") != "labelbeam.manifest" || value.at("version") != 1) {
      throw DataError(file, 0, "is not a manifest of a version that this program knows");
    }
    value.at("command").get_to(manifest.provenance.invocation.command);
    value.at("options").get_to(manifest.provenance.invocation.options);
    for (const json& input : value.at("inputs")) {
      manifest.provenance.inputs.push_back(
          {input.at("role").get<std::string>(), input.at("path").get<std::string>(),
           input.at("bytes").get<std::uint64_t>(), input.at("fingerprint").get<std::string>()});
    }
    value.at("threads").get_to(manifest.threads);
    value.at("labelbeam").get_to(manifest.labelbeam);
    value.at("libtorch").get_to(manifest.libtorch);
  } catch (const json::exception& fault) {
    throw DataError(file, 0, std::string("is not a manifest: ") + fault.what());
  }
  if (manifest.provenance.invocation.command.empty()) {
    throw DataError(file, 0, "is of a run that was not made by a command, so none repeats it");
  }
  return manifest;
}

void check_inputs(const std::vector<InputRecord>& inputs) {
  for (const InputRecord& input : inputs) {
    const InputRecord found = record_input(input.role, input.path);
    if (found.fingerprint == input.fingerprint && found.bytes == input.bytes) continue;
    throw DataError(
        input.path, 0,
        fmt::format("is not the file of the first run ({}): it has {} bytes with the "
                    "fingerprint {}, not {} with {}",
                    input.role, found.bytes, found.fingerprint, input.bytes, input.fingerprint));
  }
}

ReportDifferences compare_reports(const std::string& first, const std::string& second) {
  constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
  Comparer comparer;
  comparer.compare(read_json(first, kNoLimit), read_json(second, kNoLimit), "");
  return comparer.finish();
}

}  // namespace labelbeam::pipeline
