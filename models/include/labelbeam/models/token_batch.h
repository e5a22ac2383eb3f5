#pragma once

#include <labelbeam/vocabulary.h>
#include <torch/types.h>

#include <cstdint>
#include <span>
#include <vector>

namespace labelbeam::models {

/// A batch of documents of different lengths, padded at the end to the longest.
struct TokenBatch {
  torch::Tensor ids;      ///< [B, T] int64; padding is id 0
  torch::Tensor lengths;  ///< [B] int64, every length at least 1
  torch::Tensor mask;     ///< [B, T] bool, true at real tokens

  std::int64_t size() const { return ids.size(0); }
};

/// Pads the documents into one batch on `device`. A document without tokens becomes one unknown
/// word, so that every document has a last token.
TokenBatch make_batch(std::span<const std::vector<WordId>* const> documents, torch::Device device);

}  // namespace labelbeam::models
