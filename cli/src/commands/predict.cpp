#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/input_file.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/predictor.h>
#include <labelbeam/pipeline/train_run.h>
#include <labelbeam/readers/constraints.h>
#include <labelbeam/writers/predictions.h>
#include <utf8proc.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <unordered_set>

#include "command.h"
#include "data_arguments.h"
#include "exit_code.h"
#include "signals.h"

namespace labelbeam::cli {
namespace {

struct PredictArguments {
  std::string model;
  std::vector<std::string> files;
  std::string out;
  std::string device = "cpu";
  bool text_lines = false;
  std::string constraints;
  std::vector<std::string> present;
  std::vector<std::string> absent;
  ReadOptions read;
  pipeline::PredictOptions options;
};

struct Document {
  std::string id;
  std::string text;
};

void check_utf8(const std::string& text, const std::string& file, std::size_t line) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(bytes, left, &code_point);
    if (length < 0) throw DataError(file, line, "is not valid UTF-8");
    bytes += length;
    left -= length;
  }
}

/// The documents of all files, one after the other.
class DocumentSource {
 public:
  explicit DocumentSource(const PredictArguments& arguments) : arguments_(arguments) {
    files_ = arguments.files.empty() ? std::vector<std::string>{"-"} : arguments.files;
  }

  std::optional<Document> next() {
    while (true) {
      if (!is_open_ && !open_next()) return std::nullopt;
      std::optional<Document> document = arguments_.text_lines ? next_line() : next_row();
      if (document) return document;
      is_open_ = false;
    }
  }

 private:
  bool open_next() {
    if (at_ == files_.size()) return false;
    const std::string& file = files_[at_++];
    if (arguments_.text_lines) {
      lines_ = std::make_unique<LineReader>(file);
    } else {
      ReadOptions read = arguments_.read;
      if (file == "-" && read.format == RowFormat::automatic) read.format = RowFormat::jsonl;
      rows_ = open_rows(file, read);
    }
    is_open_ = true;
    return true;
  }

  std::optional<Document> next_line() {
    std::string line;
    if (!lines_->next(line)) return std::nullopt;
    check_utf8(line, lines_->name(), lines_->line_number());
    return Document{std::to_string(++num_lines_), line};
  }

  std::optional<Document> next_row() {
    Row row;
    if (!rows_->next(row)) return std::nullopt;
    if (!row.text) {
      throw DataError(rows_->name(), row.line, fmt::format("the row \"{}\" has no text", row.id));
    }
    if (!ids_.insert(row.id).second) {
      throw DataError(rows_->name(), row.line, fmt::format("the id \"{}\" is repeated", row.id));
    }
    return Document{row.id, std::move(*row.text)};
  }

  const PredictArguments& arguments_;
  std::vector<std::string> files_;
  std::size_t at_ = 0;
  bool is_open_ = false;
  std::unique_ptr<LineReader> lines_;
  std::unique_ptr<RowReader> rows_;
  std::size_t num_lines_ = 0;
  std::unordered_set<std::string> ids_;
};

/// Lines to a file, which appears whole or not at all, or to standard output as they come.
class LineSink {
 public:
  LineSink(Console& console, const std::string& out) : console_(console) {
    if (!out.empty()) file_.emplace(out);
  }
  void write(const std::string& text) {
    if (file_) {
      file_->write(text);
    } else {
      console_.write(text);
    }
  }
  void commit() {
    if (file_) file_->commit();
  }

 private:
  Console& console_;
  std::optional<OutputFile> file_;
};

struct Totals {
  std::size_t documents = 0;
  std::size_t labels = 0;
  std::size_t empty = 0;
  std::size_t unanswered = 0;
  std::size_t certified = 0;
  std::size_t scored = 0;
};

/// Up to `most` documents; fewer only at the end.
std::vector<Document> read_documents(DocumentSource& source, std::size_t most) {
  std::vector<Document> documents;
  while (documents.size() < most) {
    std::optional<Document> document = source.next();
    if (!document) break;
    documents.push_back(std::move(*document));
  }
  return documents;
}

std::vector<pipeline::DocumentPrediction> predict_documents(
    const pipeline::Predictor& predictor, const std::vector<Document>& documents,
    const pipeline::PredictOptions& options) {
  std::vector<std::string> texts;
  for (const Document& document : documents) texts.push_back(document.text);
  return predictor.predict(texts, options);
}

/// Documents that wait for the others: under a rule for collections none can be answered before all
/// are predicted. Keeps their probabilities and sets.
struct Collection {
  std::vector<std::string> ids;
  std::vector<pipeline::DocumentPrediction> answers;

  void add(const std::vector<Document>& documents,
           std::vector<pipeline::DocumentPrediction> predicted) {
    for (std::size_t i = 0; i < documents.size(); ++i) {
      ids.push_back(documents[i].id);
      predicted[i].distribution.marginals = {};  // the scores say it
      answers.push_back(std::move(predicted[i]));
    }
  }
};

/// Writes answers as they come and counts them.
class AnswerWriter {
 public:
  AnswerWriter(LineSink& sink, const LabelVocab& labels, const pipeline::PredictOptions& options)
      : sink_(sink),
        labels_(labels),
        options_(options),
        is_rule_(pipeline::Rule::find(options.decision).has_value()) {}

  void write(const std::string& id, const pipeline::DocumentPrediction& answer) {
    sink_.write(to_json_line(pipeline::to_prediction(id, answer, labels_, options_.num_sets,
                                                     options_.certify)) +
                '\n');
    totals_.unanswered += is_rule_ && answer.distribution.sets.empty() ? 1 : 0;
    totals_.certified += answer.distribution.certified ? 1 : 0;
    totals_.scored += answer.distribution.num_scored;
    totals_.labels += answer.labels.size();
    totals_.empty += answer.labels.empty() ? 1 : 0;
    ++totals_.documents;
  }
  const Totals& totals() const { return totals_; }

 private:
  LineSink& sink_;
  const LabelVocab& labels_;
  const pipeline::PredictOptions& options_;
  bool is_rule_;
  Totals totals_;
};

void refuse_to_go_on_if_stopped() {
  if (stop_signal() != 0) throw Interrupted("stopped; no file was written");
}

/// What the command line says of answers, by the model's labels.
ConstraintSpec constraints_of(const PredictArguments& arguments, const LabelVocab& labels) {
  ConstraintSpec spec;
  if (!arguments.constraints.empty()) spec = read_constraints(arguments.constraints, labels);
  const auto add = [&](const std::vector<std::string>& names, const char* option, LabelSet& set) {
    for (const std::string& name : names) {
      const std::optional<LabelId> label = labels.find(name);
      if (!label) {
        throw std::invalid_argument(fmt::format("{}: the model has no label \"{}\"", option, name));
      }
      set.insert(*label);
    }
  };
  add(arguments.present, "--present", spec.must);
  add(arguments.absent, "--absent", spec.never);
  return spec;
}

Totals predict_all(Session& session, const PredictArguments& arguments,
                   const pipeline::PredictOptions& options, const pipeline::Predictor& predictor) {
  constexpr std::size_t kBatchesAtOnce = 4;
  const std::size_t at_once = options.batch_size * kBatchesAtOnce;
  const std::optional<pipeline::Rule> rule = pipeline::Rule::find(options.decision);
  const bool needs_all = rule && rule->is_for_collections();
  DocumentSource source(arguments);
  LineSink sink(session.console, arguments.out);
  AnswerWriter writer(sink, predictor.labels(), options);
  ProgressStage stage(session.console.progress(), "predicting", "documents");
  Collection collection;
  for (bool more = true; more;) {
    refuse_to_go_on_if_stopped();
    const std::vector<Document> documents = read_documents(source, at_once);
    more = documents.size() == at_once;
    if (documents.empty()) break;
    std::vector<pipeline::DocumentPrediction> predicted =
        predict_documents(predictor, documents, options);
    if (needs_all) {
      collection.add(documents, std::move(predicted));
    } else {
      for (std::size_t i = 0; i < documents.size(); ++i)
        writer.write(documents[i].id, predicted[i]);
    }
    stage.advance(documents.size());
  }
  if (needs_all) {
    pipeline::decide_collection(*rule, collection.answers);
    for (std::size_t i = 0; i < collection.ids.size(); ++i) {
      writer.write(collection.ids[i], collection.answers[i]);
    }
  }
  sink.commit();
  stage.finish();
  return writer.totals();
}

void predict(Session& session, const PredictArguments& arguments) {
  if (session.console.json && arguments.out.empty()) {
    throw std::invalid_argument("--json needs --out: the predictions take standard output");
  }
  if (arguments.options.batch_size < 1) {
    throw std::invalid_argument("--batch-size must be at least 1, got 0");
  }
  std::vector<std::string> inputs = arguments.files;
  inputs.push_back(arguments.constraints);
  refuse_to_overwrite("--out", arguments.out, inputs);
  if (!arguments.out.empty()) remove_parts_of(folder_of(arguments.out));
  if (session.threads > 0) pipeline::set_num_threads(session.threads);
  const pipeline::Predictor predictor(arguments.model, arguments.device);
  const PatientSection patient;
  pipeline::PredictOptions options = arguments.options;
  options.constraints = constraints_of(arguments, predictor.labels());
  if (session.seed) options.seed = *session.seed;
  predictor.predict(std::span<const std::string>(), options);  // refuses what does not fit together
  const Totals totals = predict_all(session, arguments, options, predictor);
  const double cardinality = totals.documents == 0 ? 0.0
                                                   : static_cast<double>(totals.labels) /
                                                         static_cast<double>(totals.documents);
  std::string text =
      fmt::format("{}: {} documents, {:.3f} labels a document, {} documents without a label",
                  arguments.options.decision, totals.documents, cardinality, totals.empty);
  if (options.certify) text += fmt::format(", best set proven of {}", totals.certified);
  if (totals.unanswered > 0) {
    text += fmt::format("; no set that may be answered was found of {}", totals.unanswered);
  }
  if (arguments.out.empty()) return session.console.note(text);
  const nlohmann::ordered_json json = {{"command", "predict"},
                                       {"model", arguments.model},
                                       {"system", predictor.system()},
                                       {"out", arguments.out},
                                       {"decision", options.decision},
                                       {"search", options.search},
                                       {"documents", totals.documents},
                                       {"empty", totals.empty},
                                       {"unanswered", totals.unanswered},
                                       {"certified", totals.certified},
                                       {"scored", totals.scored},
                                       {"cardinality", cardinality}};
  session.console.result(text + '\n', json.dump(2) + '\n');
}

}  // namespace

void add_predict(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<PredictArguments>();
  CLI::App& command = add_command(
      program, session, "predict",
      "Label documents: a JSON object a line, with labels, scores and sets", arguments, predict);
  command.add_option("--model", arguments->model, "Folder of a trained model")
      ->required()
      ->type_name("DIR");
  command
      .add_option("FILES", arguments->files,
                  "Rows with texts; default: standard input, JSON lines unless --format says else")
      ->type_name("");
  command.add_option("--out", arguments->out, "File of predictions; default: standard output")
      ->type_name("FILE");
  command.add_flag("--text-lines", arguments->text_lines,
                   "Every line is a text; its number is its id");
  command
      .add_option(
          "--decision,--rule", arguments->options.decision,
          "A rule (subset_accuracy, hamming_loss, f1_samples, fbeta_samples:BETA, "
          "jaccard_samples, precision@K, recall@K, ndcg@K, support), a rule for the input as "
          "a whole, kept in memory until its end (f1_macro, f1_micro, fbeta_macro:BETA, "
          "fbeta_micro:BETA), or thresholds that training tuned (fixed, global:METRIC, per_label, "
          "youden and others)")
      ->capture_default_str()
      ->type_name("NAME");
  command
      .add_option("--search", arguments->options.search,
                  "How a decoder's sets are found: beam; best-first, exact within --max-scored; "
                  "merge, which sums the sequences of a set where the label order is free; sample")
      ->capture_default_str()
      ->type_name("NAME");
  command.add_flag("--certify", arguments->options.certify,
                   "Search on, best-first, where the best set is not proven, and print what is");
  command
      .add_option("--max-scored", arguments->options.max_scored,
                  "States that best-first search may score a document")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
  command.add_option("--samples", arguments->options.num_samples, "Sequences that sample draws")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
  command
      .add_option("--constraints", arguments->constraints,
                  "What answers must satisfy: JSON with exclusions, implications, must, never, "
                  "min_size, max_size")
      ->type_name("FILE");
  command.add_option("--present", arguments->present, "A label known to be in every answer")
      ->type_name("LABEL")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--absent", arguments->absent, "A label known to be in no answer")
      ->type_name("LABEL")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--beam", arguments->options.beam_size, "Beam size of the search")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
  command
      .add_option("--num-sets,--n-best", arguments->options.num_sets,
                  "Most probable sets a document")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
  command.add_option("--batch-size", arguments->options.batch_size, "Documents at a time")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
  command.add_option("--device", arguments->device, "cpu, cuda or cuda:N")
      ->capture_default_str()
      ->type_name("NAME");
  add_read_options(command, arguments->read);
}

}  // namespace labelbeam::cli
