#pragma once

#include <labelbeam/input_file.h>
#include <labelbeam/readers/row_reader.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "readers/arff_header.h"

namespace labelbeam {

/// Beside an ARFF file of MULAN: the labels.
inline constexpr std::string_view kMulanLabelsSuffix = ".xml";

/// Opens an ARFF file. `RowFormat::mulan`: an XML file beside it names the labels (Tsoumakas et al.
/// 2011). `RowFormat::meka`: "-C n" in the name of the relation says that the first n attributes
/// are labels, or the last -n (Read et al. 2016). `RowFormat::automatic`: whichever is there.
std::unique_ptr<RowReader> open_arff(const std::string& path, const ReadOptions& options);

/// The XML file that belongs to an ARFF file, if there is one: `labels_file`, or that beside it.
std::optional<std::string> find_mulan_labels(const std::string& path, const ReadOptions& options);

/// Rows of an ARFF file, dense or sparse.
///
/// Label attributes are 0 or 1, or all of them ? where nothing is known. A nominal feature is the
/// position of its value in the declaration, from 0. String attributes with the names of the
/// columns for ids, texts and groups are these. A weight stands in braces behind a row.
class ArffReader : public RowReader {
 public:
  /// `labels`: positions of attributes, in the order of `header_labels`.
  ArffReader(LineReader lines, ArffHeader header, const std::vector<std::size_t>& labels,
             const ReadOptions& options);

  bool next(Row& row) override;
  const std::string& name() const override { return lines_.name(); }
  const std::vector<std::string>& header_labels() const override { return labels_; }
  std::size_t num_features() const override { return num_features_; }

 private:
  enum class Role { feature, label, id, text, group };
  enum class LabelState : char { absent, present, unknown };
  struct Use {
    Role role = Role::feature;
    std::uint32_t index = 0;  // of the feature or the label
  };

  void use_string(const ReadOptions& options, std::size_t attribute);
  void read_dense(ArffLine& line, const LinePlace& place, Row& row);
  void read_sparse(ArffLine& line, const LinePlace& place, Row& row);
  void read_weight(ArffLine& line, const LinePlace& place, Row& row);
  void take(std::size_t attribute, ArffLine::Word word, bool sparse, const LinePlace& place,
            Row& row);
  float feature(const ArffAttribute& attribute, const ArffLine::Word& word,
                const LinePlace& place) const;
  void take_labels(const LinePlace& place, Row& row) const;

  LineReader lines_;
  std::vector<ArffAttribute> attributes_;
  std::vector<Use> uses_;  // of the attributes
  std::vector<std::string> labels_;
  std::vector<LabelState> omitted_;  // what a label is that a sparse row leaves out
  std::size_t num_features_ = 0;
  bool has_id_ = false;
  std::string line_;
  std::vector<LabelState> states_;
  std::size_t num_rows_ = 0;
};

}  // namespace labelbeam
