#include <labelbeam/models/set_model.h>

#include <stdexcept>

namespace labelbeam::models {

SetModelImpl::SetModelImpl(const WordTables& words, const SetSemantics& semantics,
                           const ModelOptions& options, Noise& noise)
    : options_(options), semantics_(semantics) {
  check(options);
  check(semantics);
  encoder_ = register_module("encoder", BiLstmEncoder(words, options, noise));
  const auto num_labels = static_cast<std::int64_t>(semantics.num_labels);
  if (has_sigmoid(options.system)) {
    classifier_ = register_module("classifier", SigmoidClassifier(num_labels, options, noise));
  }
  if (has_decoder(options.system)) {
    decoder_ = register_module("decoder", LabelDecoder(semantics, options, noise));
  }
}

Encoding SetModelImpl::encode(const TokenBatch& batch, Noise* noise) const {
  return encoder_->forward(batch, noise);
}

const SigmoidClassifier& SetModelImpl::classifier() const {
  if (!classifier_) throw std::invalid_argument("SetModel: this model has no sigmoid head");
  return classifier_;
}

const LabelDecoder& SetModelImpl::decoder() const {
  if (!decoder_) throw std::invalid_argument("SetModel: this model has no label decoder");
  return decoder_;
}

void SetModelImpl::start_biases(std::span<const std::uint64_t> counts,
                                std::uint64_t num_documents) {
  if (counts.size() != semantics_.num_labels) {
    throw std::invalid_argument("SetModel: got counts of " + std::to_string(counts.size()) +
                                " labels for a model of " + std::to_string(semantics_.num_labels));
  }
  if (classifier_) classifier_->start_biases(counts, num_documents);
  if (decoder_) decoder_->start_biases(counts, num_documents);
}

void SetModelImpl::start_label_embeddings(const LabelEmbeddings& embeddings) {
  if (decoder_) decoder_->start_label_embeddings(embeddings);
}

}  // namespace labelbeam::models
