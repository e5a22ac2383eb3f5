#include "encode.h"

namespace labelbeam::pipeline {

std::vector<models::EncodedDocument> TextEncoder::encode(const Dataset& data,
                                                         std::size_t num_labels) const {
  std::vector<models::EncodedDocument> documents;
  documents.reserve(data.rows.size());
  for (const Example& row : data.rows) {
    models::EncodedDocument document{encode(row.text.value_or("")), {}, row.weight};
    for (LabelId label : row.labels) {
      if (label < num_labels) document.labels.insert(label);
    }
    documents.push_back(std::move(document));
  }
  return documents;
}

}  // namespace labelbeam::pipeline
