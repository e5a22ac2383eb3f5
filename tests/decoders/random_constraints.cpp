#include "random_constraints.h"

#include <algorithm>
#include <bit>

namespace labelbeam::test_support {
namespace {

LabelSet random_labels(std::mt19937_64& random, std::size_t num_labels, std::size_t most) {
  LabelSet labels;
  const std::size_t draws = 1 + random() % most;
  for (std::size_t i = 0; i < draws; ++i) {
    labels.insert(static_cast<LabelId>(random() % num_labels));
  }
  return labels;
}

}  // namespace

ConstraintSpec random_spec(std::mt19937_64& random, std::size_t num_labels) {
  ConstraintSpec spec;
  for (std::size_t i = random() % 4; i > 0; --i) {
    spec.exclusions.push_back(random_labels(random, num_labels, 4));
  }
  for (std::size_t i = random() % 5; i > 0; --i) {
    spec.implications.push_back(
        {random_labels(random, num_labels, 3), random_labels(random, num_labels, 2)});
  }
  if (random() % 3 == 0) spec.must = random_labels(random, num_labels, 2);
  if (random() % 3 == 0) spec.never = random_labels(random, num_labels, 2);
  if (random() % 2 == 0) spec.min_size = random() % (num_labels + 1);
  if (random() % 2 == 0) spec.max_size = random() % (num_labels + 1);
  return spec;
}

LabelBits bits_of(const LabelSet& labels) {
  LabelBits bits = 0;
  for (LabelId label : labels) bits |= LabelBits{1} << label;
  return bits;
}

bool satisfies(const ConstraintSpec& spec, EmptySet empty_set, LabelBits labels) {
  const auto size = static_cast<std::size_t>(std::popcount(labels));
  if (empty_set == EmptySet::forbid && size == 0) return false;
  if (size < spec.min_size || (spec.max_size && size > *spec.max_size)) return false;
  if ((bits_of(spec.must) & ~labels) != 0 || (bits_of(spec.never) & labels) != 0) return false;
  for (const LabelSet& group : spec.exclusions) {
    if (std::popcount(bits_of(group) & labels) > 1) return false;
  }
  for (const Implication& rule : spec.implications) {
    const bool applies = (bits_of(rule.if_all) & ~labels) == 0;
    if (applies && (bits_of(rule.then_all) & ~labels) != 0) return false;
  }
  return true;
}

std::vector<LabelBits> valid_sets(const ConstraintSpec& spec, const SetSemantics& semantics) {
  std::vector<LabelBits> sets;
  for (LabelBits labels = 0; labels >> semantics.num_labels == 0; ++labels) {
    if (satisfies(spec, semantics.empty_set, labels)) sets.push_back(labels);
  }
  return sets;
}

ConstraintSpec random_satisfiable_spec(std::mt19937_64& random, const SetSemantics& semantics) {
  for (;;) {
    const ConstraintSpec spec = random_spec(random, semantics.num_labels);
    for (LabelBits labels : valid_sets(spec, semantics)) {
      if (static_cast<std::size_t>(std::popcount(labels)) <= semantics.max_size) return spec;
    }
  }
}

std::vector<unsigned char> mask_by_enumeration(const std::vector<LabelBits>& valid,
                                               const SetSemantics& semantics,
                                               const LabelSet& prefix) {
  std::vector<unsigned char> mask(semantics.num_tokens());
  std::vector<unsigned char> admissible(semantics.num_tokens());
  admissible_tokens(semantics, prefix, admissible);
  const LabelBits emitted = bits_of(prefix);
  mask[semantics.end()] = std::find(valid.begin(), valid.end(), emitted) != valid.end();
  for (LabelId label = 0; label < semantics.num_labels; ++label) {
    if (!admissible[label]) continue;
    LabelBits passed = 0;  // labels that can no longer come
    if (semantics.order.is_fixed()) {
      for (std::size_t rank = 0; rank < semantics.order.rank(label); ++rank) {
        passed |= LabelBits{1} << semantics.order.by_rank()[rank];
      }
    }
    passed &= ~emitted;
    const LabelBits held = emitted | LabelBits{1} << label;
    mask[label] = std::any_of(valid.begin(), valid.end(), [&](LabelBits set) {
      return (held & ~set) == 0 && (passed & set) == 0;
    });
  }
  return mask;
}

}  // namespace labelbeam::test_support
