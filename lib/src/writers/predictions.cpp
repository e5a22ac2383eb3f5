#include <labelbeam/writers/predictions.h>

#include "writers/json_text.h"

namespace labelbeam {
namespace {

std::string to_json(const Certificate& certificate) {
  const auto number = [](const std::optional<double>& value, const char* what) {
    return value ? json_number(*value, what) : std::string("null");
  };
  const auto truth = [](bool value) { return value ? "true" : "false"; };
  return std::string("{\"best_set\": ") + truth(certificate.best_set) +
         ", \"answer\": " + truth(certificate.answer) +
         ", \"expected_utility\": " + number(certificate.expected_utility, "a utility") +
         ", \"margin\": " + number(certificate.margin, "a margin") + ", \"valid\": [" +
         json_number(certificate.valid.lower, "a probability") + ", " +
         json_number(certificate.valid.upper, "a probability") + "]}";
}

}  // namespace

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
  if (prediction.certificate) line += ", \"certificate\": " + to_json(*prediction.certificate);
  return line + "}";
}

void write_predictions(const std::string& path, std::span<const Prediction> predictions) {
  OutputFile file(path);
  for (const Prediction& prediction : predictions) file.write(to_json_line(prediction) + "\n");
  file.commit();
}

}  // namespace labelbeam
