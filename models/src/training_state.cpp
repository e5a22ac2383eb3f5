#include "training_state.h"

#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/stable_hash.h>

#include <nlohmann/json.hpp>

#include "tensors.h"

namespace labelbeam::models {
namespace {

constexpr int kStateVersion = 1;

nlohmann::json to_json(const EpochReport& report) {
  const auto number = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  return {{"epoch", report.epoch},
          {"train_loss", report.train_loss},
          {"valid_sigmoid", number(report.valid.sigmoid)},
          {"valid_decoder", number(report.valid.decoder)},
          {"valid_head_loss", number(report.valid.head_loss)},
          {"learning_rate", report.learning_rate},
          {"seconds", report.seconds},
          {"tokens_per_second", report.tokens_per_second},
          {"improved", report.improved}};
}

EpochReport epoch_from_json(const nlohmann::json& json) {
  const auto number = [&](const char* key) {
    const nlohmann::json value = json.value(key, nlohmann::json());
    return value.is_null() ? std::nullopt : std::optional(value.get<double>());
  };
  EpochReport report;
  report.epoch = json.at("epoch").get<std::int64_t>();
  report.train_loss = json.at("train_loss").get<double>();
  report.valid = {number("valid_sigmoid"), number("valid_decoder"), number("valid_head_loss")};
  report.learning_rate = json.at("learning_rate").get<double>();
  report.seconds = json.at("seconds").get<double>();
  report.tokens_per_second = json.at("tokens_per_second").get<double>();
  report.improved = json.at("improved").get<bool>();
  return report;
}

/// Calls `visit(name in the file, tensor)` for every tensor of the state.
template <typename Visit>
void for_each_tensor(const TrainingState& state, const Visit& visit) {
  for (const auto& [name, tensor] : state.best) visit("best." + name, tensor);
  for (const auto& [name, tensor] : state.optimiser) visit("adam." + name, tensor);
  for (const auto& [name, tensor] : state.weights) visit("weights." + name, tensor);
}

class Fingerprint {
 public:
  template <typename T>
  void add(const T& value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    hash_ = stable_hash({reinterpret_cast<const char*>(&value), sizeof value}, hash_);
  }
  void add(std::span<const WordId> ids) {
    add(ids.size());
    hash_ = stable_hash({reinterpret_cast<const char*>(ids.data()), ids.size_bytes()}, hash_);
  }
  void add(const Tensor& tensor) {
    for (std::uint64_t size : tensor.shape) add(size);
    hash_ = stable_hash({reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()},
                        hash_);
  }
  void add(std::span<const EncodedDocument> documents) {
    add(documents.size());
    for (const EncodedDocument& document : documents) {
      add(std::span<const WordId>(document.tokens));
      add(document.labels.ids());
      add(document.weight);
    }
  }
  std::string text() const { return fmt::format("{:016x}", hash_); }

 private:
  std::uint64_t hash_ = 0;
};

}  // namespace

std::string training_fingerprint(const SetModel& model, std::span<const EncodedDocument> training,
                                 std::span<const EncodedDocument> validation,
                                 const TrainOptions& options) {
  Fingerprint print;
  const auto add = [&](const char*, const auto& field) {
    if constexpr (std::is_same_v<std::decay_t<decltype(field)>, SigmoidLoss>) {
      if (field == SigmoidLoss::bce) return;  // states from before there were others stay valid
    }
    print.add(field);
  };
  visit_model_options(model->options(), add);
  visit_train_options(options, add);
  for (const auto& item : model->named_parameters()) print.add(to_file_tensor(item.value()));
  print.add(to_file_tensor(model->encoder()->fixed_words()));
  const SetSemantics& semantics = model->semantics();
  print.add(std::span<const LabelId>(semantics.order.by_rank()));
  print.add(semantics.empty_set);
  print.add(training);
  print.add(validation);
  return print.text();
}

void write_training_state(const std::filesystem::path& file, const std::string& fingerprint,
                          const TrainingState& state) {
  TensorFile content;
  for_each_tensor(state, [&](const std::string& name, const torch::Tensor& tensor) {
    content.tensors.emplace(name, to_file_tensor(tensor));
  });
  nlohmann::json epochs = nlohmann::json::array();
  for (const EpochReport& report : state.epochs) epochs.push_back(to_json(report));
  const nlohmann::json description{{"format", "labelbeam-training-state"},
                                   {"version", kStateVersion},
                                   {"fingerprint", fingerprint},
                                   {"learning_rate", state.learning_rate},
                                   {"epochs", epochs}};
  content.metadata["labelbeam"] = description.dump();
  write_tensor_file(file, content);
}

void read_training_state(const std::filesystem::path& file, const std::string& fingerprint,
                         TrainingState& state) {
  const TensorFile content = read_tensor_file(file);
  const auto at = content.metadata.find("labelbeam");
  if (at == content.metadata.end()) throw DataError(file, 0, "this is not a training state");
  try {
    const nlohmann::json description = nlohmann::json::parse(at->second);
    if (description.at("format") != "labelbeam-training-state" ||
        description.at("version") != kStateVersion) {
      throw DataError(file, 0, "this is not a training state of version 1");
    }
    if (description.at("fingerprint") != fingerprint) {
      throw DataError(file, 0,
                      "this training was started with other options or other data; "
                      "give those again, or remove the file to start anew");
    }
    state.learning_rate = description.at("learning_rate").get<double>();
    state.epochs.clear();
    for (const nlohmann::json& report : description.at("epochs")) {
      state.epochs.push_back(epoch_from_json(report));
    }
  } catch (const nlohmann::json::exception& fault) {
    throw DataError(file, 0, std::string("its description is damaged: ") + fault.what());
  }
  for_each_tensor(state, [&](const std::string& name, const torch::Tensor& tensor) {
    copy_from_file(content, name, file, tensor);
  });
}

}  // namespace labelbeam::models
