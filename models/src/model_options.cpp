#include <fmt/format.h>
#include <fmt/ranges.h>
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
  if (!has_sigmoid(options.system) && options.loss != SigmoidLoss::bce) {
    throw std::invalid_argument(
        fmt::format("ModelOptions: the loss {} is of a sigmoid head, which the system {} has not",
                    loss_name(options.loss), system_name(options.system)));
  }
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

const std::vector<SigmoidLoss>& sigmoid_losses() {
  static const std::vector<SigmoidLoss> losses{
      SigmoidLoss::bce,
      SigmoidLoss::bce_balanced,
      SigmoidLoss::multilabel_margin,
      SigmoidLoss::multilabel_soft_margin,
      SigmoidLoss::softmax,
      SigmoidLoss::focal,
      SigmoidLoss::asymmetric,
      SigmoidLoss::adaptive_threshold,
  };
  return losses;
}

std::string loss_name(SigmoidLoss loss) {
  switch (loss) {
    case SigmoidLoss::bce:
      return "bce";
    case SigmoidLoss::bce_balanced:
      return "bce_balanced";
    case SigmoidLoss::multilabel_margin:
      return "multilabel_margin";
    case SigmoidLoss::multilabel_soft_margin:
      return "multilabel_soft_margin";
    case SigmoidLoss::softmax:
      return "softmax";
    case SigmoidLoss::focal:
      return "focal";
    case SigmoidLoss::asymmetric:
      return "asymmetric";
    case SigmoidLoss::adaptive_threshold:
      return "adaptive_threshold";
  }
  throw std::invalid_argument("ModelOptions: unknown loss");
}

SigmoidLoss parse_loss(const std::string& name) {
  std::vector<std::string> names;
  for (SigmoidLoss loss : sigmoid_losses()) {
    names.push_back(loss_name(loss));
    if (name == names.back()) return loss;
  }
  throw std::invalid_argument(
      fmt::format("the loss \"{}\" is none of {}", name, fmt::join(names, ", ")));
}

}  // namespace labelbeam::models
