#pragma once

#include <labelbeam/models/model_folder.h>
#include <labelbeam/models/set_model.h>
#include <labelbeam/models/trainer.h>
#include <labelbeam/score_matrix.h>
#include <labelbeam/set_distribution.h>
#include <labelbeam/step_model.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

/// A trained model over many documents: batches of similar length, results in the documents' order.
namespace labelbeam::pipeline {

using EncodedDocuments = std::span<const models::EncodedDocument>;
/// Called with the number of documents done.
using Done = std::function<void(std::size_t)>;

/// cpu, cuda or cuda:N; `std::invalid_argument` for other names and devices that are not there.
torch::Device parse_device(const std::string& name);

/// The distinct label sets of the training data.
std::unordered_set<LabelSet> training_support(const models::ModelDescription& description);

/// The sigmoid head's probabilities: [n, L].
ScoreMatrix sigmoid_scores(const models::SetModel& model, EncodedDocuments documents,
                           std::size_t batch_size, const Done& done = {});

/// Finds the sets of the documents of a session, which are the given rows of all documents.
using SessionSearch = std::function<std::vector<SetDistribution>(
    StepModel& session, std::span<const std::size_t> rows)>;

/// A search through the label decoder: [n].
std::vector<SetDistribution> decode(const models::SetModel& model, EncodedDocuments documents,
                                    const SessionSearch& search, std::size_t batch_size,
                                    const Done& done = {});

/// -log p(set | x) under the label decoder: [n] nats.
std::vector<double> decoder_set_nll(const models::SetModel& model, EncodedDocuments documents,
                                    std::size_t batch_size);

/// -log p(set | x) under the independent sigmoids, given a non-empty set where the model's
/// semantics forbid the empty one, which is then infinite: [n] nats.
std::vector<double> sigmoid_set_nll(const models::SetModel& model, EncodedDocuments documents,
                                    std::size_t batch_size);

}  // namespace labelbeam::pipeline
