#pragma once

#include <labelbeam/decoders/sampling.h>

#include <string_view>

#include "random_streams.h"
#include "step_documents.h"

namespace labelbeam::decoders {

/// Runs one `Document` for each document of the batch.
template <typename Document, typename Workspace>
std::vector<SetDistribution> search_documents(StepModel& model,
                                              std::span<const std::uint64_t> document_keys,
                                              const SamplingOptions& options,
                                              std::string_view search) {
  const SetSemantics& semantics = model.semantics();
  check(semantics);
  std::vector<Document> documents;
  for (std::uint64_t key : resolve_document_keys(document_keys, model.num_documents(), search)) {
    documents.emplace_back(semantics, options, key);
  }
  Workspace workspace(semantics, options.constraints.get());
  step_documents(model, documents, workspace);
  std::vector<SetDistribution> results;
  for (const Document& document : documents) results.push_back(document.finish());
  return results;
}

}  // namespace labelbeam::decoders
