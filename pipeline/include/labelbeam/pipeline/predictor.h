#pragma once

#include <labelbeam/constraint_spec.h>
#include <labelbeam/label_vocab.h>
#include <labelbeam/pipeline/decisions.h>
#include <labelbeam/readers/predictions.h>
#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

struct PredictOptions {
  /// A rule (see `Rule`; one for collections takes the texts of a call as its collection; `support`
  /// answers with label sets of the training data only), or thresholds on the sigmoid's
  /// probabilities (`fixed`, `global:METRIC`, `per_label`, `class_means`, as tuned when the model
  /// was trained).
  std::string decision = "subset_accuracy";
  /// How a decoder's sets are found: `beam`; `best-first`, exact up to its budget; `merge`, which
  /// sums the sequences of a set where the label order is free and is a beam where it is fixed;
  /// `sample`. Of models without a decoder the sets are found in exact order, whatever is named
  /// here.
  std::string search = "beam";
  std::size_t beam_size = 16;       ///< K, of `beam` and `merge`
  std::size_t num_sets = 64;        ///< most probable sets that are kept a document
  std::size_t num_samples = 256;    ///< of `sample`
  std::uint64_t seed = 0;           ///< of `sample`; samples depend on the text besides
  std::size_t max_scored = 10'000;  ///< states that best-first search may score a document
  /// Where the search leaves the best set unproven, search on best-first until it is proven or the
  /// budget is spent.
  bool certify = false;
  /// What answers must satisfy; rules for documents only. Scores and weights are then given that it
  /// holds.
  ConstraintSpec constraints = {};
  std::size_t batch_size = 64;  ///< documents
};

/// The answer for one document.
struct DocumentPrediction {
  LabelSet labels;  ///< the decision; empty where no valid set was found
  /// What a rule for documents expects of its answer, and by how much that leads all others; none
  /// for thresholds and rules for collections.
  std::optional<double> expected_utility;
  std::optional<double> margin;
  bool certified = false;  ///< nothing that was not found can make another answer better
  /// [L]: p(label in set | x); of the decoder where there is one. The sigmoids themselves where a
  /// model gives no probabilities.
  std::vector<double> scores;
  SetDistribution distribution;  ///< the most probable sets and the mass not found, if it does
};

/// A trained model in one call: texts in, label sets with probabilities out.
///
/// A const object may be used from many threads at once. LibTorch is not seen by its users.
class Predictor {
 public:
  /// Reads a model folder. `device`: cpu, cuda or cuda:N. Throws `DataError` for a damaged folder,
  /// `std::invalid_argument` for a device that is not there.
  explicit Predictor(const std::string& folder, const std::string& device = "cpu");
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  const LabelVocab& labels() const;
  std::string system() const;  ///< sigmoid, decoder or joint
  /// The decisions that this model offers, as `PredictOptions::decision` takes them.
  std::vector<std::string> decisions() const;

  /// Whether the model gives a distribution over sets. A sigmoid whose loss gives no probabilities
  /// does not: it decides by thresholds alone.
  bool has_distribution() const;

  /// One answer a text, in their order. The answers do not depend on how texts are batched, but for
  /// rounding; those of a rule for collections depend on all texts of the call. Throws
  /// `std::invalid_argument` for an unknown decision, a rule where there is no distribution, or
  /// broken UTF-8.
  std::vector<DocumentPrediction> predict(std::span<const std::string> texts,
                                          const PredictOptions& options = {}) const;
  DocumentPrediction predict(const std::string& text, const PredictOptions& options = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Decides anew by a rule for collections, with all documents as the collection: so that texts can
/// be predicted call by call. Reads `scores`, sets `labels`; holds n x L marginals for the while.
void decide_collection(const Rule& rule, std::span<DocumentPrediction> documents);

/// An answer in the form of a predictions file: label names, scores, sets and the residual; with
/// `certificate`, also what is proven of them. At most `num_sets` sets are taken over.
Prediction to_prediction(const std::string& id, const DocumentPrediction& answer,
                         const LabelVocab& labels, std::size_t num_sets, bool certificate = false);

}  // namespace labelbeam::pipeline
