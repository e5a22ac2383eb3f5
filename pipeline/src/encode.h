#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/models/trainer.h>
#include <labelbeam/tokenizer.h>
#include <labelbeam/vocabulary.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// From text to the word ids that a model reads.
class TextEncoder {
 public:
  TextEncoder(const TokenizerOptions& tokenizer, WordVocab words, std::size_t max_tokens)
      : tokenizer_(tokenizer), words_(std::move(words)), max_tokens_(max_tokens) {}

  std::vector<WordId> encode(const std::string& text) const {
    return words_.encode(tokenizer_.tokenize(text), max_tokens_);
  }
  /// Rows with their texts encoded and their labels taken over; those >= `num_labels` are left out.
  std::vector<models::EncodedDocument> encode(const Dataset& data, std::size_t num_labels) const;

 private:
  Tokenizer tokenizer_;
  WordVocab words_;
  std::size_t max_tokens_;
};

}  // namespace labelbeam::pipeline
