#include <labelbeam/writers/predictions.h>

#include "writers/json_text.h"

namespace labelbeam {

std::string to_json_line(const Prediction& prediction) {
  std::string line = "{\"id\": " + json_string(prediction.id, "the id of a prediction");
  if (prediction.decided) line += ", \"labels\": " + json_array(prediction.labels, "a label");
  if (!prediction.scores.empty()) {
    std::string scores;
    for (const auto& [label, score] : prediction.scores) {
      if (!scores.empty()) scores += ", ";
      scores += json_string(label, "a label") + ": " + json_number(score, "a score");
    }
    line += ", \"scores\": {" + scores + "}";
  }
  if (!prediction.sets.empty()) {
    std::string sets;
    for (const PredictedSet& set : prediction.sets) {
      if (!sets.empty()) sets += ", ";
      sets += "{\"labels\": " + json_array(set.labels, "a label") +
              ", \"log_prob\": " + json_number(set.log_prob, "a log_prob") + "}";
    }
    line += ", \"sets\": [" + sets + "]";
  }
  if (prediction.residual) {
    line += ", \"residual\": " + json_number(*prediction.residual, "a residual");
  }
  return line + "}";
}

void write_predictions(const std::string& path, std::span<const Prediction> predictions) {
  OutputFile file(path);
  for (const Prediction& prediction : predictions) file.write(to_json_line(prediction) + "\n");
  file.commit();
}

}  // namespace labelbeam
