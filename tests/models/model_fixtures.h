#pragma once

#include <labelbeam/models/set_model.h>
#include <labelbeam/models/trainer.h>
#include <labelbeam/random.h>

#include <vector>

namespace labelbeam::models {

/// A model small enough for exhaustive checks.
inline ModelOptions tiny_options(System system = System::joint) {
  ModelOptions options;
  options.system = system;
  options.embedding_size = 5;
  options.hidden_size = 4;
  options.label_embedding_size = 3;
  options.decoder_hidden_size = 6;
  return options;
}

inline SetSemantics tiny_semantics(EmptySet empty_set = EmptySet::allow) {
  return {4, LabelOrder::fixed({2, 0, 3, 1}), empty_set, 4};
}

inline SetModel tiny_model(System system = System::joint, EmptySet empty_set = EmptySet::allow,
                           std::uint64_t seed = 7) {
  Noise noise(seed, torch::kCPU);
  return SetModel(WordTables{12, 3}, tiny_semantics(empty_set), tiny_options(system), noise);
}

using Documents = std::vector<std::vector<WordId>>;

/// Of several lengths.
inline const Documents kDocuments{{2, 3, 4}, {5, 6, 7, 8, 9, 2, 3}, {4}, {3, 9, 13, 5, 2}};

inline TokenBatch batch_of(const Documents& documents) {
  std::vector<const std::vector<WordId>*> pointers;
  for (const auto& document : documents) pointers.push_back(&document);
  return make_batch(pointers, torch::kCPU);
}

/// Documents whose words tell their labels: word 2 + l stands for label l, others between.
inline std::vector<EncodedDocument> easy_documents(std::size_t count, std::uint64_t seed) {
  CounterRng random(seed);
  std::vector<EncodedDocument> documents(count);
  for (EncodedDocument& document : documents) {
    for (LabelId label = 0; label < 4; ++label) {
      if (random.uniform() < 0.4) {
        document.labels.insert(label);
        document.tokens.push_back(2 + label);
      }
      if (random.uniform() < 0.5)
        document.tokens.push_back(static_cast<WordId>(6 + random.below(6)));
    }
  }
  return documents;
}

}  // namespace labelbeam::models
