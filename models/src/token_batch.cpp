#include <labelbeam/models/token_batch.h>
#include <labelbeam/vocabulary.h>

#include <algorithm>

namespace labelbeam::models {

TokenBatch make_batch(std::span<const std::vector<WordId>* const> documents, torch::Device device) {
  const auto batch = static_cast<std::int64_t>(documents.size());
  std::int64_t longest = 1;
  for (const auto* tokens : documents) {
    longest = std::max(longest, static_cast<std::int64_t>(tokens->size()));
  }
  torch::Tensor ids =
      torch::full({batch, longest}, static_cast<std::int64_t>(WordVocab::kPadding), torch::kInt64);
  torch::Tensor lengths = torch::ones({batch}, torch::kInt64);
  std::int64_t* id = ids.data_ptr<std::int64_t>();
  std::int64_t* length = lengths.data_ptr<std::int64_t>();
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::vector<WordId>& tokens = *documents[static_cast<std::size_t>(b)];
    if (tokens.empty()) {
      id[b * longest] = WordVocab::kUnknown;
      continue;
    }
    std::copy(tokens.begin(), tokens.end(), id + b * longest);
    length[b] = static_cast<std::int64_t>(tokens.size());
  }
  torch::Tensor mask = torch::arange(longest).unsqueeze(0) < lengths.unsqueeze(1);
  return {ids.to(device), lengths.to(device), mask.to(device)};
}

}  // namespace labelbeam::models
