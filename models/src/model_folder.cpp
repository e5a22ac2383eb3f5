#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/input_file.h>
#include <labelbeam/models/model_folder.h>
#include <labelbeam/output_file.h>
#include <labelbeam/stable_hash.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tensors.h"

namespace labelbeam::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kFormat = "labelbeam-model";
constexpr int kFolderVersion = 1;
constexpr std::int64_t kMaxSize = 65'536;
constexpr std::size_t kMaxDescriptionBytes = std::size_t{1} << 30;

/// A function for `visit_..._options` that writes each field into `object`.
auto writer(json& object) {
  return [&object](const char* name, const auto& field) {
    if constexpr (std::is_same_v<std::decay_t<decltype(field)>, System>) {
      object[name] = system_name(field);
    } else if constexpr (std::is_same_v<std::decay_t<decltype(field)>, SigmoidLoss>) {
      object[name] = loss_name(field);
    } else {
      object[name] = field;
    }
  };
}

/// A function for `visit_..._options` that reads each field from `object`, where all must be
/// but for the loss, which older models do not name: theirs is the default.
auto reader(const json& object) {
  return [&object](const char* name, auto& field) {
    using Field = std::decay_t<decltype(field)>;
    if constexpr (std::is_same_v<Field, System>) {
      field = parse_system(object.at(name).template get<std::string>());
    } else if constexpr (std::is_same_v<Field, SigmoidLoss>) {
      field = parse_loss(object.value(name, loss_name(SigmoidLoss::bce)));
    } else {
      field = object.at(name).template get<Field>();
    }
  };
}

ModelOptions options_from_json(const json& value) {
  ModelOptions options;
  visit_model_options(options, reader(value));
  check(options);
  for (std::int64_t size : {options.embedding_size, options.hidden_size, options.num_layers,
                            options.label_embedding_size, options.decoder_hidden_size}) {
    if (size > kMaxSize)
      throw std::invalid_argument(fmt::format("the size {} is over {}", size, kMaxSize));
  }
  return options;
}

json to_json(const SetSemantics& semantics) {
  return {{"order", semantics.order.by_rank()},
          {"empty_set", semantics.empty_set == EmptySet::allow ? "allow" : "forbid"},
          {"max_size", semantics.max_size}};
}

SetSemantics semantics_from_json(const json& value, std::size_t num_labels) {
  SetSemantics semantics;
  semantics.num_labels = num_labels;
  const auto order = value.at("order").get<std::vector<LabelId>>();
  if (!order.empty()) semantics.order = LabelOrder::fixed(order);
  const auto empty_set = value.at("empty_set").get<std::string>();
  if (empty_set != "allow" && empty_set != "forbid") {
    throw std::invalid_argument("empty_set is \"" + empty_set + "\", not allow or forbid");
  }
  semantics.empty_set = empty_set == "allow" ? EmptySet::allow : EmptySet::forbid;
  semantics.max_size = value.at("max_size").get<std::size_t>();
  check(semantics);
  return semantics;
}

json to_json(const ModelDescription& description, const std::string& weights_file) {
  json options, tokenizer;
  visit_model_options(description.options, writer(options));
  visit_tokenizer_options(description.tokenizer, writer(tokenizer));
  json sets = json::array();
  for (const auto& [set, rows] : description.training_sets) {
    sets.push_back({{"labels", std::vector<LabelId>(set.begin(), set.end())}, {"rows", rows}});
  }
  json tuned = json::array();
  for (const TunedChoice& choice : description.tuned) {
    tuned.push_back({{"strategy", choice.strategy},
                     {"target", choice.target},
                     {"thresholds", choice.thresholds.values},
                     {"top1_if_empty", choice.thresholds.top1_if_empty}});
  }
  return {{"format", kFormat},
          {"version", kFolderVersion},
          {"weights", weights_file},
          {"options", options},
          {"tokenizer", tokenizer},
          {"max_tokens", description.max_tokens},
          {"trained_words", description.tables.trained},
          {"fixed_words", description.tables.fixed},
          {"labels", description.labels.names()},
          {"semantics", to_json(description.semantics)},
          {"tuned", tuned},
          {"training", json::parse(description.training)},
          {"training_sets", sets},
          {"words", description.words.words()}};
}

LabelSet set_from_json(const json& value, std::size_t num_labels) {
  const auto ids = value.get<std::vector<LabelId>>();
  for (LabelId id : ids) {
    if (id >= num_labels)
      throw std::invalid_argument(fmt::format("label id {} of {}", id, num_labels));
  }
  return LabelSet(std::span<const LabelId>(ids));
}

ModelDescription description_from_json(const json& value) {
  ModelDescription description;
  description.options = options_from_json(value.at("options"));
  visit_tokenizer_options(description.tokenizer, reader(value.at("tokenizer")));
  description.max_tokens = value.at("max_tokens").get<std::size_t>();
  description.words = WordVocab(value.at("words").get<std::vector<std::string>>());
  description.tables = {value.at("trained_words").get<std::int64_t>(),
                        value.at("fixed_words").get<std::int64_t>()};
  const auto words = static_cast<std::int64_t>(description.words.size());
  if (description.tables.trained < 2 || description.tables.fixed < 0 ||
      description.tables.trained > words ||
      description.tables.fixed != words - description.tables.trained) {
    throw std::invalid_argument(fmt::format("{} trained and {} fixed words, but {} words in all",
                                            description.tables.trained, description.tables.fixed,
                                            words));
  }
  description.labels = LabelVocab(value.at("labels").get<std::vector<std::string>>());
  const std::size_t num_labels = description.labels.size();
  description.semantics = semantics_from_json(value.at("semantics"), num_labels);
  for (const json& entry : value.at("training_sets")) {
    description.training_sets.emplace_back(set_from_json(entry.at("labels"), num_labels),
                                           entry.at("rows").get<std::uint64_t>());
  }
  for (const json& entry : value.at("tuned")) {
    TunedChoice choice{
        entry.at("strategy").get<std::string>(),
        entry.at("target").get<std::string>(),
        {entry.at("thresholds").get<std::vector<double>>(), entry.at("top1_if_empty").get<bool>()}};
    if (choice.thresholds.values.size() != num_labels) {
      throw std::invalid_argument(
          fmt::format("{} thresholds for {} labels", choice.thresholds.values.size(), num_labels));
    }
    description.tuned.push_back(std::move(choice));
  }
  description.training = value.at("training").dump();
  return description;
}

json read_json(const fs::path& file) {
  const std::string text = read_all(file.string(), kMaxDescriptionBytes);
  json value;
  try {
    value = json::parse(text);
  } catch (const json::exception& fault) {
    throw DataError(file, 0, std::string("this is not valid JSON: ") + fault.what());
  }
  if (!value.is_object() || value.value("format", json()) != kFormat) {
    throw DataError(file, 0, "this does not describe a labelbeam model");
  }
  if (value.value("version", json()) != kFolderVersion) {
    throw DataError(
        file, 0,
        fmt::format("model version {} is not known to this program, which reads version {}",
                    value.value("version", json()).dump(), kFolderVersion));
  }
  return value;
}

ModelDescription parse_description(const json& value, const fs::path& file) {
  try {
    return description_from_json(value);
  } catch (const json::exception& fault) {
    throw DataError(file, 0,
                    std::string("a field is missing or of the wrong type: ") + fault.what());
  } catch (const std::invalid_argument& fault) {
    throw DataError(file, 0,
                    std::string("a field has a value that makes no sense: ") + fault.what());
  }
}

fs::path weights_path(const json& value, const fs::path& folder, const fs::path& file) {
  const json name = value.value("weights", json());
  if (!name.is_string() ||
      fs::path(name.get<std::string>()).filename() != name.get<std::string>() ||
      name.get<std::string>().empty()) {
    throw DataError(file, 0, "the field \"weights\" does not name a file in the model's folder");
  }
  return folder / name.get<std::string>();
}

/// Refuses a description whose sizes are not those of the stored tensors, so that a damaged
/// description cannot ask for more memory than the weights file is large.
void check_sizes(const ModelDescription& description, const TensorFile& weights,
                 const fs::path& file) {
  const auto expect = [&](const std::string& name, std::vector<std::uint64_t> shape) {
    const auto at = weights.tensors.find(name);
    if (at == weights.tensors.end() || at->second.shape != shape) {
      throw DataError(file, 0,
                      fmt::format("the tensor {} does not fit the model's description", name));
    }
  };
  const auto size = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  const ModelOptions& options = description.options;
  const std::uint64_t hidden = size(options.hidden_size);
  expect("encoder.trained_words", {size(description.tables.trained), size(options.embedding_size)});
  expect("encoder.fixed_words", {size(description.tables.fixed), size(options.embedding_size)});
  if (size(options.num_layers) > weights.tensors.size()) {
    throw DataError(
        file, 0,
        fmt::format("{} layers in {} tensors", options.num_layers, weights.tensors.size()));
  }
  for (std::int64_t layer = 0; layer < options.num_layers; ++layer) {
    expect(fmt::format("encoder.layer{}_forward_recurrent", layer), {4 * hidden, hidden});
  }
  if (has_decoder(options.system)) {
    const std::uint64_t decoder_hidden = size(options.decoder_hidden_size);
    const std::uint64_t tokens = description.semantics.num_tokens();
    expect("decoder.label_embeddings", {tokens, size(options.label_embedding_size)});
    expect("decoder.output_weight", {decoder_hidden, tokens});
    expect("decoder.cell_recurrent", {4 * decoder_hidden, decoder_hidden});
  }
}

}  // namespace

void save_model(const fs::path& folder, const ModelDescription& description,
                const SetModel& model) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw WriteError(folder.string(), "the folder cannot be made: " + failure.message());
  TensorFile weights;
  std::uint64_t hash = 0;
  const auto add = [&](const std::string& name, const torch::Tensor& tensor) {
    Tensor stored = to_file_tensor(tensor);
    hash = stable_hash({reinterpret_cast<const char*>(stored.bytes.data()), stored.bytes.size()},
                       hash);
    weights.tensors.emplace(name, std::move(stored));
  };
  for (const auto& item : model->named_parameters()) add(item.key(), item.value());
  add("encoder.fixed_words", model->encoder()->fixed_words());
  const std::string name = fmt::format("weights-{:016x}.safetensors", hash);
  write_tensor_file(folder / name, weights);
  write_file_atomically((folder / "model.json").string(),
                        to_json(description, name).dump(1) + "\n");
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string other = entry.path().filename().string();
    if (other != name && other.starts_with("weights-") && other.ends_with(".safetensors")) {
      fs::remove(entry.path(), failure);  // a leftover is harmless: model.json does not name it
    }
  }
}

ModelDescription load_description(const fs::path& folder) {
  const fs::path file = folder / "model.json";
  return parse_description(read_json(file), file);
}

TrainedModel load_model(const fs::path& folder, torch::Device device) {
  const fs::path file = folder / "model.json";
  const json value = read_json(file);
  TrainedModel trained{parse_description(value, file)};
  const fs::path weights_file = weights_path(value, folder, file);
  const TensorFile weights = read_tensor_file(weights_file);
  check_sizes(trained.description, weights, weights_file);
  Noise noise(0, torch::kCPU);
  trained.model = SetModel(trained.description.tables, trained.description.semantics,
                           trained.description.options, noise);
  for (const auto& item : trained.model->named_parameters()) {
    copy_from_file(weights, item.key(), weights_file.string(), item.value());
  }
  copy_from_file(weights, "encoder.fixed_words", weights_file.string(),
                 trained.model->encoder()->fixed_words());
  trained.model->to(device);
  return trained;
}

}  // namespace labelbeam::models
