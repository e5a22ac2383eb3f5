#pragma once

#include <labelbeam/dataset.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace labelbeam {

/// The label whose rows in a part are furthest, relatively, from what the part's share asks for.
struct LabelDeviation {
  LabelId label = 0;
  std::uint64_t rows = 0;  ///< labelled rows of the part that have it
  double wanted = 0.0;     ///< the part's share of all rows that have it
  double relative = 0.0;   ///< |rows - wanted| / wanted
};

/// How far one part is from a scaled-down copy of the data.
struct PartQuality {
  std::uint64_t rows = 0;
  std::uint64_t labelled_rows = 0;
  double wanted_rows = 0.0;  ///< its share of the rows
  /// Mean over labels of |odds of the label in the part - odds in the data|, where the odds are
  /// rows with it / rows without it; the same for pairs of labels. NaN where no term is defined.
  double label_distance = 0.0;
  double pair_distance = 0.0;
  /// Labels and pairs left out of these means, for want of a labelled row without them.
  std::uint64_t undefined_labels = 0;
  std::uint64_t undefined_pairs = 0;
  std::uint64_t absent_labels = 0;  ///< that the data have and the part has not
  std::uint64_t absent_pairs = 0;
  std::uint64_t unseen_sets = 0;  ///< distinct label sets that train has not; 0 for train itself
  std::uint64_t unseen_rows = 0;  ///< rows with such a set
  std::optional<LabelDeviation> largest_deviation;  ///< none without labels or a share
};

/// How good a split is. Only labelled rows count, but for rows and the distance of examples.
struct SplitQuality {
  std::vector<PartQuality> parts;
  std::uint64_t labels = 0;       ///< that occur
  std::uint64_t pairs = 0;        ///< pairs of labels that occur together
  double label_distance = 0.0;    ///< LD: mean over parts and labels, as in the parts
  double pair_distance = 0.0;     ///< LPD: the same for pairs
  double example_distance = 0.0;  ///< ED: mean over parts of |rows - wanted|
};

/// Measures the parts of a split. `parts`: [n]; `shares`: [P], what was asked for. `train`: the
/// part whose label sets count as seen; without it, for each part the rows of all others.
///
/// LD and ED are those of Sechidis, Tsoumakas and Vlahavas (2011), LPD that of Szymanski and
/// Kajdanowicz (2017). Throws `std::invalid_argument` for another number of rows, or a part or
/// `train` that is not below P.
SplitQuality split_quality(const Dataset& data, std::span<const std::size_t> parts,
                           std::span<const double> shares,
                           std::optional<std::size_t> train = std::nullopt);

}  // namespace labelbeam
