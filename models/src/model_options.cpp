#include <fmt/format.h>
#include <labelbeam/models/model_options.h>

#include <stdexcept>

namespace labelbeam::models {
namespace {

void check_size(const char* name, std::int64_t value) {
  if (value < 1) {
    throw std::invalid_argument(
        fmt::format("ModelOptions: {} must be at least 1, got {}", name, value));
  }
}

void check_rate(const char* name, double value) {
  if (!(value >= 0.0 && value < 1.0)) {
    throw std::invalid_argument(
        fmt::format("ModelOptions: {} must be at least 0 and below 1, got {}", name, value));
  }
}

}  // namespace

void check(const ModelOptions& options) {
  check_size("embedding_size", options.embedding_size);
  check_size("hidden_size", options.hidden_size);
  check_size("num_layers", options.num_layers);
  check_size("label_embedding_size", options.label_embedding_size);
  check_size("decoder_hidden_size", options.decoder_hidden_size);
  check_rate("embedding_dropout", options.embedding_dropout);
  check_rate("encoder_dropout", options.encoder_dropout);
  check_rate("decoder_dropout", options.decoder_dropout);
}

std::string system_name(System system) {
  switch (system) {
    case System::sigmoid:
      return "sigmoid";
    case System::decoder:
      return "decoder";
    case System::joint:
      return "joint";
  }
  throw std::invalid_argument("ModelOptions: unknown system");
}

System parse_system(const std::string& name) {
  for (System system : {System::sigmoid, System::decoder, System::joint}) {
    if (name == system_name(system)) return system;
  }
  throw std::invalid_argument("the system \"" + name + "\" is none of sigmoid, decoder, joint");
}

}  // namespace labelbeam::models
