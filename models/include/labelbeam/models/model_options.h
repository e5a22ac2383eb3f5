#pragma once

#include <cstdint>
#include <string>

namespace labelbeam::models {

/// Which heads stand on the encoder.
enum class System {
  sigmoid,  ///< one sigmoid a label: the independent baseline
  decoder,  ///< the label decoder alone
  joint,    ///< both, trained together on one encoder
};

/// The shape of a `SetModel`. Sizes in units; rates are probabilities of being dropped in training.
struct ModelOptions {
  System system = System::joint;
  std::int64_t embedding_size = 100;       ///< E, of a word
  std::int64_t hidden_size = 150;          ///< H, of one direction of the encoder
  std::int64_t num_layers = 1;             ///< of the encoder, 1 or more
  std::int64_t label_embedding_size = 64;  ///< of a label, in the decoder
  std::int64_t decoder_hidden_size = 256;  ///< of the decoder's cell and its combined output
  double embedding_dropout = 0.5;          ///< on word vectors
  double encoder_dropout = 0.5;            ///< on the encoder's outputs, a layer
  double decoder_dropout = 0.5;            ///< before the decoder's output layer

  bool operator==(const ModelOptions&) const = default;
};

/// Throws `std::invalid_argument` for sizes below 1 or rates outside [0, 1).
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
  visit("embedding_dropout", options.embedding_dropout);
  visit("encoder_dropout", options.encoder_dropout);
  visit("decoder_dropout", options.decoder_dropout);
}

/// "sigmoid", "decoder", "joint".
std::string system_name(System system);
/// Throws `std::invalid_argument` for any other name.
System parse_system(const std::string& name);

inline bool has_sigmoid(System system) { return system != System::decoder; }
inline bool has_decoder(System system) { return system != System::sigmoid; }

}  // namespace labelbeam::models
