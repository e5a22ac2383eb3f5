// Label sets with probabilities for the lines of a file: predict_sets MODEL_FOLDER < lines.txt
#include <labelbeam/pipeline/predictor.h>

#include <cmath>
#include <iostream>
#include <string>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const labelbeam::pipeline::Predictor predictor(argv[1]);
  labelbeam::pipeline::PredictOptions options;
  options.decision = "f1_samples";  // or subset_accuracy, hamming_loss, jaccard_samples, ...
  for (std::string text; std::getline(std::cin, text);) {
    const auto answer = predictor.predict(text, options);
    for (labelbeam::LabelId label : answer.labels)
      std::cout << predictor.labels().name(label) << ' ';
    std::cout << "| mode has p = " << std::exp(answer.distribution.sets.front().log_prob)
              << ", not found " << answer.distribution.residual << '\n';
  }
}
