#pragma once

#include <labelbeam/set_semantics.h>

#include <cstddef>

namespace labelbeam::decoders {

// A label's *position*: its rank under a fixed order, its id under a free one.

inline LabelId label_at(const SetSemantics& semantics, std::size_t position) {
  return semantics.order.is_fixed() ? semantics.order.by_rank()[position]
                                    : static_cast<LabelId>(position);
}

inline LabelId position_of(const SetSemantics& semantics, LabelId label) {
  return semantics.order.is_fixed() ? static_cast<LabelId>(semantics.order.rank(label)) : label;
}

}  // namespace labelbeam::decoders
