#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/error.h>
#include <labelbeam/input_file.h>
#include <labelbeam/pipeline/train_config.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace labelbeam::pipeline {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

const std::string kSigmoidWith = "sigmoid:";
constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;

EmptySet parse_empty_set(const std::string& name) {
  if (name == "learn") return EmptySet::learn;
  if (name == "allow") return EmptySet::allow;
  if (name == "forbid") return EmptySet::forbid;
  throw std::invalid_argument("\"" + name + "\" is none of learn, allow, forbid");
}

std::string empty_set_name(EmptySet choice) {
  switch (choice) {
    case EmptySet::learn:
      return "learn";
    case EmptySet::allow:
      return "allow";
    case EmptySet::forbid:
      return "forbid";
  }
  throw std::invalid_argument("EmptySet: unknown value");
}

/// Calls `visit(name, field)` for the fields that stand beside the groups.
template <typename Config, typename Visit>
void visit_own_fields(Config& config, const Visit& visit) {
  visit("max_tokens", config.max_tokens);
  visit("min_word_count", config.min_word_count);
  visit("empty_set", config.empty_set);
  visit("label_order", config.label_order);
  visit("label_embeddings", config.label_embeddings);
  visit("vectors", config.vectors);
  visit("device", config.device);
}

template <typename Field>
void read_field(const json& value, Field& field) {
  if constexpr (std::is_same_v<Field, models::System>) {
    field = models::parse_system(value.get<std::string>());
  } else if constexpr (std::is_same_v<Field, models::SigmoidLoss>) {
    field = models::parse_loss(value.get<std::string>());
  } else if constexpr (std::is_same_v<Field, EmptySet>) {
    field = parse_empty_set(value.get<std::string>());
  } else if constexpr (std::is_same_v<Field, OrderChoice>) {
    field = parse_order(value.get<std::string>());
  } else if constexpr (std::is_same_v<Field, EmbeddingChoice>) {
    field = parse_embedding(value.get<std::string>());
  } else if constexpr (std::is_integral_v<Field> && !std::is_same_v<Field, bool>) {
    if (!value.is_number_integer())
      throw std::invalid_argument(value.dump() + " is not a whole number");
    if (std::is_unsigned_v<Field> && !value.is_number_unsigned()) {
      throw std::invalid_argument(value.dump() + " is negative");
    }
    field = value.get<Field>();
  } else {
    field = value.get<Field>();
  }
}

/// Reads fields of one JSON object and refuses those that nobody asked for.
class ObjectReader {
 public:
  ObjectReader(const json& object, std::string prefix)
      : object_(object), prefix_(std::move(prefix)) {
    if (!object.is_object()) throw std::invalid_argument(where("") + "is not a JSON object");
  }

  template <typename Field>
  void operator()(const char* name, Field& field) const {
    known_.insert(name);
    const auto at = object_.find(name);
    if (at == object_.end()) return;
    try {
      read_field(*at, field);
    } catch (const json::exception&) {
      throw std::invalid_argument(where(name) + "has a value of the wrong type: " + at->dump());
    } catch (const std::invalid_argument& fault) {
      throw std::invalid_argument(where(name) + "is wrong: " + fault.what());
    }
  }
  void allow(const char* name) const { known_.insert(name); }
  void refuse_others() const {
    for (const auto& [name, value] : object_.items()) {
      if (!known_.contains(name)) throw std::invalid_argument(where(name) + "is not known");
    }
  }

 private:
  std::string where(const std::string& name) const {
    return name.empty() && prefix_.empty() ? "the configuration "
                                           : "the field \"" + prefix_ + name + "\" ";
  }

  const json& object_;
  std::string prefix_;
  mutable std::set<std::string> known_;
};

}  // namespace

void apply_json(const std::string& text, TrainConfig& config) {
  json value;
  try {
    value = json::parse(text);
  } catch (const json::exception& fault) {
    throw std::invalid_argument(std::string("the configuration is not valid JSON: ") +
                                fault.what());
  }
  const ObjectReader own(value, "");
  visit_own_fields(config, own);
  const auto group = [&](const char* name, const auto& visit_group) {
    own.allow(name);
    if (!value.contains(name)) return;
    const ObjectReader reader(value.at(name), std::string(name) + ".");
    visit_group(reader);
    reader.refuse_others();
  };
  group("model",
        [&](const ObjectReader& reader) { models::visit_model_options(config.model, reader); });
  group("train",
        [&](const ObjectReader& reader) { models::visit_train_options(config.train, reader); });
  group("tokenizer",
        [&](const ObjectReader& reader) { visit_tokenizer_options(config.tokenizer, reader); });
  own.refuse_others();
  models::check(config.model);
  models::check(config.train);
  if (config.max_tokens < 1)
    throw std::invalid_argument("the field \"max_tokens\" must be at least 1, got 0");
}

TrainConfig read_train_config(const std::string& file) {
  TrainConfig config;
  try {
    apply_json(read_all(file, kMaxConfigBytes), config);
  } catch (const std::invalid_argument& fault) {
    throw DataError(file, 0, fault.what());
  }
  return config;
}

std::string to_json(const TrainConfig& config) {
  const auto writer = [](ordered_json& object) {
    return [&object](const char* name, const auto& field) {
      using Field = std::decay_t<decltype(field)>;
      if constexpr (std::is_same_v<Field, models::System>) {
        object[name] = models::system_name(field);
      } else if constexpr (std::is_same_v<Field, models::SigmoidLoss>) {
        object[name] = models::loss_name(field);
      } else if constexpr (std::is_same_v<Field, EmptySet>) {
        object[name] = empty_set_name(field);
      } else if constexpr (std::is_same_v<Field, OrderChoice>) {
        object[name] = order_name(field);
      } else if constexpr (std::is_same_v<Field, EmbeddingChoice>) {
        object[name] = embedding_name(field);
      } else {
        object[name] = field;
      }
    };
  };
  ordered_json value, model, train, tokenizer;
  models::visit_model_options(config.model, writer(model));
  models::visit_train_options(config.train, writer(train));
  visit_tokenizer_options(config.tokenizer, writer(tokenizer));
  value["model"] = model;
  value["train"] = train;
  value["tokenizer"] = tokenizer;
  visit_own_fields(config, writer(value));
  return value.dump(2);
}

const std::vector<std::string>& compared_systems() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made{"sigmoid"};
    for (const std::string& loss : loss_names()) {
      if (loss != "bce") made.push_back(kSigmoidWith + loss);
    }
    made.insert(made.end(), {kTreeSystem, "decoder", "joint"});
    return made;
  }();
  return names;
}

void choose_system(const std::string& name, models::ModelOptions& options) {
  const std::vector<std::string>& names = compared_systems();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw std::invalid_argument(
        fmt::format("the system \"{}\" is none of {}", name, fmt::join(names, ", ")));
  }
  const bool has_loss = name.starts_with(kSigmoidWith);
  options.system =
      has_loss || name == kTreeSystem ? models::System::sigmoid : models::parse_system(name);
  options.loss =
      has_loss ? models::parse_loss(name.substr(kSigmoidWith.size())) : models::SigmoidLoss::bce;
}

const std::vector<std::string>& loss_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    for (models::SigmoidLoss loss : models::sigmoid_losses())
      made.push_back(models::loss_name(loss));
    return made;
  }();
  return names;
}

}  // namespace labelbeam::pipeline
