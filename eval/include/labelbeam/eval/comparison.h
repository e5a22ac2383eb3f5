#pragma once

#include <labelbeam/set_distribution.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace labelbeam::eval {

/// Metric values by name (see `parse_metric`); NaN where there is none.
using MetricMap = std::map<std::string, double>;

struct SplitSummary {
  std::string name;  ///< "train", "valid", "test"
  std::uint64_t rows = 0;
  double cardinality = 0.0;  ///< mean number of labels a row
};

struct DataSummary {
  std::string name;
  std::string source;  ///< where the rows come from, for example "Debian package tags"
  bool synthetic = false;
  std::vector<SplitSummary> splits;
  std::uint64_t num_labels = 0;
};

struct SystemSummary {
  std::string name;         ///< "sigmoid", "decoder", "joint": what `ResultRow::system` refers to
  std::string description;  ///< one sentence
};

enum class DecisionKind { rule, threshold };
enum class TunedOn { none, valid };

struct SeedResult {
  std::uint64_t seed = 0;
  MetricMap metrics;        ///< on test
  MetricMap metrics_valid;  ///< on valid
};

/// One way of deciding, of one system: a row of the table.
struct ResultRow {
  std::string system;
  std::string
      decision;  ///< a rule is named after the metric it serves, a threshold after its strategy
  DecisionKind kind = DecisionKind::rule;
  std::string target;  ///< the metric tuned for; may be empty
  TunedOn tuned_on = TunedOn::none;
  MetricMap metrics;        ///< on test, the mean over seeds
  MetricMap metrics_valid;  ///< on valid, the mean over seeds
  std::vector<SeedResult> seeds;
  std::map<std::string, std::uint64_t> undefined;  ///< on test, summed over seeds, by metric
  std::string convention;                          ///< `Convention::name()`
};

/// F1 of one label under two systems.
struct LabelBar {
  std::string label;
  std::uint64_t frequency = 0;    ///< rows with the label in train
  std::array<double, 2> f1 = {};  ///< of `LabelChart::systems`
};
struct LabelChart {
  std::array<std::string, 2> systems;
  std::vector<LabelBar> bars;  ///< any order; drawn by falling frequency
};

/// Predicted probabilities in one bin, and how often they came true.
struct ReliabilityBin {
  double confidence = 0.0;  ///< mean predicted probability
  double frequency = 0.0;   ///< share that was true
  std::uint64_t count = 0;
};
struct ReliabilityCurve {
  std::string system;
  std::vector<ReliabilityBin> bins;  ///< empty bins left out
};

struct PrecisionRecallPoint {
  double recall = 0.0;
  double precision = 0.0;
};
struct PrecisionRecallCurve {
  std::string system;
  std::vector<PrecisionRecallPoint> points;  ///< by rising recall
};

enum class RocAverage {
  micro,  ///< all labels pooled: a cell (row, label) is one case
  macro,  ///< the mean of the curves of the labels that have both classes
};
struct RocPoint {
  double false_positive_rate = 0.0;
  double true_positive_rate = 0.0;
};
struct RocCurve {
  std::string system;
  RocAverage average = RocAverage::micro;
  double area = 0.0;             ///< below the whole curve; macro: the mean over labels
  std::vector<RocPoint> points;  ///< by rising rates; from (0, 0) to (1, 1)
};

struct SetSizeHistogram {
  std::string name;                   ///< "truth" or a system
  std::vector<std::uint64_t> counts;  ///< counts[k]: documents with k labels
};

struct TopSet {
  std::vector<std::string> labels;
  double probability = 0.0;
};
struct SystemAnswer {
  std::string system;
  std::string decision;
  std::vector<std::string> labels;
  std::vector<TopSet> top_sets;  ///< most probable first; may be empty
};
/// A test row on which the systems disagree.
struct ExampleRow {
  std::string id;
  std::optional<std::string> text;
  std::vector<std::string> truth;
  std::vector<SystemAnswer> answers;
};

/// What calibration on valid makes of the regions on test.
struct ReportedRegions {
  std::string score;         ///< "aps" or "lac", see `eval/conformal.h`
  double coverage = 0.0;     ///< asked for
  double covered = 0.0;      ///< share of test rows whose region holds the truth
  double mean_sets = 0.0;    ///< mean number of listed sets in a region
  double other_share = 0.0;  ///< share of regions that hold the sets not listed
  bool everything = false;   ///< valid is too small: regions are everything
};

/// Whether the probabilities of a system mean what they say, on test, of the first seed. Maps,
/// temperature and regions are fitted on valid.
struct SetCalibration {
  std::string system;
  /// Expected calibration error of labels, all cells in the same bins: as the model gives them.
  double label_error = 0.0;
  std::map<std::string, double> label_errors_after;  ///< by the name of the map
  double top_set_error = 0.0;  ///< expected calibration error of the most probable set
  std::vector<ReliabilityBin> top_set_bins;
  double listed_set_error = 0.0;  ///< of all listed sets
  std::vector<ReliabilityBin> listed_set_bins;
  double other_probability = 0.0;  ///< mean probability that the truth is not listed
  double other_frequency = 0.0;    ///< share of rows whose truth is not listed
  double temperature = 1.0;        ///< of sets
  double nll_before = 0.0;         ///< nats a row over listed sets, "other" being one of them
  double nll_after = 0.0;          ///< the same at the temperature
  std::uint64_t impossible = 0;    ///< rows whose truth has probability 0: left out of both
  std::vector<ReportedRegions> regions;
};

/// How surely one way of deciding is better than its best opponent for a metric, over the same test
/// rows. Both are the representatives of their systems, chosen on valid (see `headline`): `system`
/// is the best of them on test, `opponent` the next. Choosing the pair on test favours nobody: the
/// test is two-sided, and with three systems or more the two best are closer than two at random.
///
/// With several seeds every figure is of the mean over seeds, and rows are what is resampled: the
/// p-values say nothing of seeds that were not run.
struct PairedTest {
  std::string system;
  std::string opponent;
  double difference = 0.0;     ///< > 0: `system` is better, also where less is better
  Interval interval;           ///< of the difference, 95 %, BCa
  double p_bootstrap = 1.0;    ///< two-sided, see `bootstrap_p`
  double p_permutation = 1.0;  ///< two-sided, see `permutation_p`
  double p_adjusted = 1.0;     ///< `p_permutation`, by Holm over the metrics of the report
  /// Exact, for subset accuracy. With several seeds a row counts for the system that is right with
  /// more of them (the sign test, of which McNemar's is the case of one seed).
  std::optional<double> p_mcnemar;
};

/// "Better" is said where `p_adjusted` is below this, and nowhere else.
inline constexpr double kBetterLevel = 0.01;
/// Whether the report may say that `system` is better than `opponent`.
bool is_better(const PairedTest& test);

/// What is known of a metric's figures beyond the figures.
struct MetricStatistics {
  std::string metric;
  /// By system, of its representative on test, 95 %, BCa: of the mean over seeds, rows resampled.
  std::map<std::string, Interval> intervals;
  /// By system, the standard deviation over seeds (n - 1); empty with one seed.
  std::map<std::string, double> seed_sd;
  std::optional<PairedTest> test;  ///< the best system against the next
};

/// By how much the set NLL of some test rows is lower under one system than under another.
struct NllGainPart {
  std::uint64_t rows = 0;  ///< a row counts once, whatever the number of seeds
  /// Nats a document, the mean over rows; NaN without rows, and where a row has probability 0.
  double gain = 0.0;
  /// Of the gain, 95 %, BCa, these rows resampled; none where the gain is NaN or of a single row.
  std::optional<Interval> interval;
};

/// What one system gains over another in set NLL, on the test rows that can have a probability. The
/// NLL of a row is its mean over seeds. Both systems are as they are: nothing is chosen.
struct SetNllGain {
  std::string system;
  std::string opponent;
  NllGainPart all;     ///< gain > 0: `system` is better
  NllGainPart seen;    ///< rows whose true label set occurs in train
  NllGainPart unseen;  ///< the other rows
  /// Of all rows, two-sided, see `sign_flip_p`; none where there is no interval.
  std::optional<double> p_permutation;
  std::optional<double> p_adjusted;  ///< the same by Holm over the gains of the report
};

/// What tuning on some rows promised, and what it kept on test.
struct ProtocolScore {
  std::string tuned_on;  ///< "valid", "train and valid", "test (oracle)"
  double tuned = 0.0;    ///< the metric on the rows that were tuned on
  double test = 0.0;     ///< the same thresholds on test
};

/// A threshold strategy on the scores of a system: what it chose, and what tuning on other rows
/// than valid would have promised. "train and valid" shows the bias of rows that the network was
/// fitted to, "test (oracle)" what no honest protocol can reach: nothing is chosen by them. Means
/// over seeds, over the labels that the system knows.
struct StrategyOutcome {
  std::string system;
  std::string strategy;                  ///< as the command line names it
  std::string metric;                    ///< judged by: its target, else micro-F1
  std::vector<ProtocolScore> protocols;  ///< one for a strategy that is not tuned: "nothing"
  std::vector<double> thresholds;        ///< [L], of the first seed; none where it has none
  std::vector<double> deviations;        ///< [L], of those over folds of valid
  double seconds = 0.0;                  ///< that tuning on valid took
};

/// How much better the tuned rows look than test: > 0 where tuning promised too much.
double optimism(const StrategyOutcome& outcome, const ProtocolScore& score);

/// Two labels and how a model ties them together.
struct LabelPairDependence {
  std::array<std::string, 2> labels;
  double mutual_information = 0.0;  ///< nats, mean over rows of I(y_i; y_j | x)
  double covariance = 0.0;          ///< mean over rows; < 0: the labels avoid each other
};

/// Set NLL of the same rows under a model of label sets and under independent labels: means over
/// rows, nats a document; NaN without rows.
struct IndependenceGain {
  std::uint64_t rows = 0;          ///< a row counts once a seed
  double joint = 0.0;              ///< of the model of label sets
  double product = 0.0;            ///< of the product of the same model's marginals
  std::optional<double> baseline;  ///< of the independent system; none without one
};

/// How much of what a system says of labels is dependence: what independent labels cannot say.
struct DependenceSummary {
  std::string system;
  std::string baseline;           ///< the independent system; may be empty
  double pair_information = 0.0;  ///< nats, mean over rows of the sum of I(y_i; y_j | x) over pairs
  double found_mass = 0.0;        ///< mean probability of the sets that the above rests on
  std::vector<LabelPairDependence> pairs;  ///< the strongest first
  IndependenceGain all;
  IndependenceGain seen;      ///< rows whose true label set occurs in train
  IndependenceGain unseen;    ///< the other rows
  std::uint64_t clipped = 0;  ///< rows with a marginal within 2^-52 of what the truth excludes
};

/// What a label graph of a system counts.
enum class CountedSets {
  answers,       ///< the decided sets, each once
  distributions  ///< the sets found, each with its share of their probability: expected counts
};

/// What became of a dependence between two labels in the sets of a system.
enum class PairFate {
  kept,     ///< significant in truth and system, with the same sign
  missed,   ///< significant in the truth; in the system not, of the other sign, or with less than
            ///< half the phi
  invented  ///< significant in the system only
};

/// Two labels that depend on each other in the truth, in the sets of a system, or in both.
struct ComparedPair {
  std::size_t first = 0;  ///< into `GraphComparison::labels`
  std::size_t second = 0;
  PairFate fate = PairFate::kept;
  double truth_phi = 0.0;  ///< of the rows' counts
  double system_phi = 0.0;
  double truth_npmi = 0.0;
  double system_npmi = 0.0;
};

/// The label graph of a system beside that of the truth of the same rows.
struct GraphComparison {
  std::string system;
  CountedSets counted = CountedSets::answers;
  /// Mean probability of the sets found; none of answers.
  std::optional<double> found_mass = std::nullopt;
  std::uint64_t rows = 0;
  std::vector<std::string> labels;         ///< [L]
  std::vector<double> label_counts;        ///< [L], rows of the truth
  std::vector<std::uint32_t> communities;  ///< [L], of the truth
  std::uint64_t truth_pairs = 0;           ///< significant in the truth
  std::uint64_t system_pairs = 0;          ///< significant in the system
  double phi_correlation = 0.0;            ///< over all pairs of labels that the truth has
  double phi_difference = 0.0;             ///< mean absolute difference over the same pairs
  double npmi_difference = 0.0;            ///< mean absolute difference over `pairs`
  std::vector<ComparedPair> pairs;         ///< largest difference of phi first
};

std::uint64_t count_pairs(const GraphComparison& comparison, PairFate fate);

/// Everything that a comparison of systems shows; plain data.
struct ComparisonReport {
  DataSummary data;
  std::vector<SystemSummary> systems;  ///< in the order of columns; the baseline first
  std::vector<ResultRow> results;
  std::map<std::string, double> set_nll;        ///< by system, nats a document, on test
  std::map<std::string, double> set_nll_valid;  ///< by system, nats a document, on valid
  /// Of every two systems with set probabilities, each system over those before it.
  std::vector<SetNllGain> set_nll_gains;
  std::string protocol;              ///< how rows were chosen and tuned, a paragraph
  std::string manifest_json = "{}";  ///< options, seeds, versions: a JSON object
  std::optional<LabelChart> label_chart;
  std::vector<ReliabilityCurve> reliability;
  std::vector<SetCalibration> set_calibration;
  std::vector<StrategyOutcome> strategies;
  std::vector<PrecisionRecallCurve> precision_recall;
  std::vector<RocCurve> roc;
  std::vector<SetSizeHistogram> set_sizes;
  std::vector<ExampleRow> examples;
  std::vector<MetricStatistics> statistics;
  std::vector<DependenceSummary> dependence;  ///< of the systems that model label sets
  /// By system, of the first seed: of the answers for subset accuracy, then of the distributions.
  std::vector<GraphComparison> graphs;
  std::vector<std::string> warnings;
};

/// Sets `metrics` and `metrics_valid` to the means over `seeds`. A metric that a seed lacks is NaN.
void average_seeds(ResultRow& row);

/// A system's row for one metric: the one that is best on valid (the first of equals).
struct Representative {
  std::string system;
  std::size_t row = 0;  ///< into `ComparisonReport::results`
  double valid = 0.0;
  double test = 0.0;
};

/// The comparison of systems on one metric.
struct Headline {
  std::string metric;
  std::vector<Representative> representatives;  ///< in the order of `ComparisonReport::systems`
  std::optional<std::size_t> winner;  ///< into `representatives`; none: a tie, or fewer than two
  double lead = 0.0;  ///< how much better than the next system the winner is on test; >= 0
};

/// Each system is represented by the row that is best for the metric on valid; the winner is the
/// system whose representative is best on test. Test values choose no row. Systems without a row
/// that has both values are left out. Throws `std::invalid_argument` for an unknown metric.
Headline headline(const ComparisonReport& report, const std::string& metric);

/// The metrics of a report: the standard ones first and in their order, then others by name.
std::vector<std::string> metric_columns(const ComparisonReport& report);

}  // namespace labelbeam::eval
