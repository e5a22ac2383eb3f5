#pragma once

#include <labelbeam/decoders/decision.h>
#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <vector>

/// Utilities written down plainly, and the best answers by trying all.
namespace labelbeam::test_support {

decoders::Utility fbeta(double beta, decoders::EmptyConvention convention);
decoders::Utility jaccard(decoders::EmptyConvention convention);
decoders::Utility subset_accuracy();
/// 1 - Hamming loss.
decoders::Utility hamming(std::size_t num_labels);
decoders::Utility precision_at(std::size_t k);
/// |truth and answer| / |truth|.
decoders::Utility recall();

/// Expected utility under the weights.
double expected(const SetDistribution& distribution, const LabelSet& answer,
                const decoders::Utility& utility);

LabelSet from_bits(unsigned bits, std::size_t num_labels);
std::vector<LabelSet> all_answers(std::size_t num_labels);
std::vector<LabelSet> all_answers(std::size_t num_labels, std::size_t size);

struct BestAnswers {
  double best = 0.0;
  double best_other = 0.0;  ///< of the answers that are not the given one
};

BestAnswers try_all(const SetDistribution& distribution, const std::vector<LabelSet>& answers,
                    const decoders::Utility& utility, const LabelSet& given);

/// Fails the test unless a decision has the best expected utility, says so, and has the margin to
/// the best other answer, to 1e-12.
void require_optimal(const decoders::Decision& decision, const SetDistribution& distribution,
                     const std::vector<LabelSet>& answers, const decoders::Utility& utility);

}  // namespace labelbeam::test_support
