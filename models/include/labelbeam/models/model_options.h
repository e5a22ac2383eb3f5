#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace labelbeam::models {

/// Which heads stand on the encoder.
enum class System {
  sigmoid,  ///< one sigmoid a label: the independent baseline
  decoder,  ///< the label decoder alone
  joint,    ///< both, trained together on one encoder
};

/// What the sigmoid head is trained with; `sigmoid_loss.h` has the formulas.
enum class SigmoidLoss {
  bce,                     ///< binary cross-entropy: the one whose sigmoids are probabilities
  bce_balanced,            ///< the same, positive terms weighted by the label's odds against
  multilabel_margin,       ///< a hinge on every pair of a true and an untrue label
  multilabel_soft_margin,  ///< another name of `bce`
  softmax,                 ///< cross-entropy of a softmax over labels
  focal,                   ///< binary cross-entropy that plays easy cases down
  asymmetric,              ///< the same for the untrue labels alone
  adaptive_threshold,      ///< a softmax against a threshold class that is learnt with the labels
};

/// The shape of a `SetModel`, and what its sigmoid head's outputs mean. Sizes in units; rates are
/// probabilities of being dropped in training.
struct ModelOptions {
  System system = System::joint;
  std::int64_t embedding_size = 100;       ///< E, of a word
  std::int64_t hidden_size = 150;          ///< H, of one direction of the encoder
  std::int64_t num_layers = 1;             ///< of the encoder, 1 or more
  std::int64_t label_embedding_size = 64;  ///< of a label, in the decoder
  std::int64_t decoder_hidden_size = 256;  ///< of the decoder's cell and its combined output
  SigmoidLoss loss = SigmoidLoss::bce;     ///< of the sigmoid head
  double embedding_dropout = 0.5;          ///< on word vectors
  double encoder_dropout = 0.5;            ///< on the encoder's outputs, a layer
  double decoder_dropout = 0.5;            ///< before the decoder's output layer

  bool operator==(const ModelOptions&) const = default;
};

/// Throws `std::invalid_argument` for sizes below 1, rates outside [0, 1), and a loss other than
/// `bce` without a sigmoid head.
void check(const ModelOptions& options);

/// Calls `visit(name, field)` for every field; `Options` is `ModelOptions` or const of it.
template <typename Options, typename Visit>
void visit_model_options(Options& options, const Visit& visit) {
  visit("system", options.system);
  visit("embedding_size", options.embedding_size);
  visit("hidden_size", options.hidden_size);
  visit("num_layers", options.num_layers);
  visit("label_embedding_size", options.label_embedding_size);
  visit("decoder_hidden_size", options.decoder_hidden_size);
  visit("loss", options.loss);
  visit("embedding_dropout", options.embedding_dropout);
  visit("encoder_dropout", options.encoder_dropout);
  visit("decoder_dropout", options.decoder_dropout);
}

/// "sigmoid", "decoder", "joint".
std::string system_name(System system);
/// Throws `std::invalid_argument` for any other name.
System parse_system(const std::string& name);

/// Every loss, `bce` first.
const std::vector<SigmoidLoss>& sigmoid_losses();
/// The name of the enumerator.
std::string loss_name(SigmoidLoss loss);
/// Throws `std::invalid_argument` for any other name.
SigmoidLoss parse_loss(const std::string& name);
/// Whether the sigmoids of a head trained with `loss` estimate probabilities. Where not, they are
/// scores: they rank labels and want thresholds.
inline bool gives_probabilities(SigmoidLoss loss) {
  return loss == SigmoidLoss::bce || loss == SigmoidLoss::multilabel_soft_margin;
}

inline bool has_sigmoid(System system) { return system != System::decoder; }
inline bool has_decoder(System system) { return system != System::sigmoid; }
/// Whether a model gives a distribution over label sets.
inline bool has_distribution(const ModelOptions& options) {
  return has_decoder(options.system) || gives_probabilities(options.loss);
}

}  // namespace labelbeam::models
