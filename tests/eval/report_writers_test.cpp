#include <labelbeam/eval/metrics.h>
#include <labelbeam/eval/report_writers.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "catch.h"
#include "sample_report.h"
#include "svg_text.h"

namespace labelbeam::eval {
namespace {

using nlohmann::json;
using testing::sample_report;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

/// A section of a page.
std::string part(const std::string& page, const std::string& id) {
  const std::size_t begin = page.find("<section id=\"" + id + "\"");
  return page.substr(begin, page.find("</section>", begin) - begin);
}

TEST_CASE("JSON keeps every double and writes what is not finite as null") {
  const ComparisonReport report = sample_report(5);
  const json document = json::parse(to_json(report));
  REQUIRE(document.at("results").size() == report.results.size());
  for (std::size_t r = 0; r < report.results.size(); ++r) {
    const json& row = document["results"][r];
    CHECK(row.at("system") == report.results[r].system);
    CHECK(row.at("decision") == report.results[r].decision);
    CHECK(row.at("target") == report.results[r].target);
    CHECK(row.at("convention") == "sklearn(zero_division=0)");
    CHECK(row.at("undefined").at("f1_macro") == 2);
    for (const auto& [name, value] : report.results[r].metrics) {
      if (std::isfinite(value)) {
        CHECK(row.at("metrics").at(name).get<double>() == value);
      } else {
        CHECK(row.at("metrics").at(name).is_null());
      }
    }
    REQUIRE(row.at("seeds").size() == 3);
    CHECK(row["seeds"][2].at("seed") == 3);
    CHECK(row["seeds"][2].at("metrics_valid").at("f1_micro").get<double>() ==
          report.results[r].seeds[2].metrics_valid.at("f1_micro"));
  }
  CHECK(document["results"].back()["metrics"]["f1_macro"].is_null());
  CHECK_FALSE(document["results"].back()["metrics"].contains("recall_macro"));
  CHECK(document.at("set_nll").at("joint").get<double>() == report.set_nll.at("joint"));
  CHECK(document.at("set_nll_valid").at("decoder").is_null());
  CHECK(document.at("manifest").at("seeds") == json({1, 2, 3}));
  CHECK(document.at("label_chart").at("bars")[1].at("label") == report.label_chart->bars[1].label);
  CHECK(document.at("label_chart").at("bars")[3].at("label") ==
        "not UTF-8: \xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(document.at("examples")[1].at("text").is_null());
}

TEST_CASE("kinds and where rows were tuned are words in JSON") {
  const json document = json::parse(to_json(sample_report(4)));
  std::map<std::string, json> by_decision;
  for (const json& row : document["results"]) by_decision[row["decision"]] = row;
  CHECK(by_decision["jaccard_samples"]["kind"] == "rule");
  CHECK(by_decision["jaccard_samples"]["tuned_on"] == "none");
  CHECK(by_decision["global"]["kind"] == "threshold");
  CHECK(by_decision["global"]["tuned_on"] == "valid");
  CHECK(by_decision["fixed"]["tuned_on"] == "none");
}

TEST_CASE("the headline in JSON is the headline function's") {
  const ComparisonReport report = sample_report(4);
  const json document = json::parse(to_json(report));
  REQUIRE(document.at("headline").size() == standard_metrics().size());
  for (const json& item : document["headline"]) {
    const Headline expected = headline(report, item.at("metric"));
    REQUIRE(expected.winner.has_value());
    CHECK(item.at("winner") == expected.representatives[*expected.winner].system);
    CHECK(item.at("lead").get<double>() == expected.lead);
    CHECK(item.at("representatives").size() == 3);
    CHECK(item["representatives"][2].at("row") == expected.representatives[2].row);
  }
}

TEST_CASE("an empty report can be written in every form") {
  const ComparisonReport report;
  CHECK(json::parse(to_json(report)).at("results").empty());
  CHECK(has(to_markdown(report), "# Comparison on"));
  CHECK(has(to_text(report), "Comparison on"));
  CHECK(has(to_html(report), "</html>"));
}

TEST_CASE("a report of one system names no winner") {
  ComparisonReport report = sample_report(4);
  report.systems.resize(1);
  report.set_nll_gains.clear();
  std::vector<ResultRow> own;
  for (const ResultRow& row : report.results) {
    if (row.system == "sigmoid") own.push_back(row);
  }
  report.results = own;
  const json document = json::parse(to_json(report));
  CHECK(document.at("headline").size() == standard_metrics().size());
  for (const json& item : document["headline"]) {
    CHECK(item["winner"].is_null());
  }
  CHECK_FALSE(has(to_html(report), "class=\"win\""));
}

TEST_CASE("text tables are aligned and no wider than asked for") {
  const std::string text = to_text(sample_report(4), 100);
  std::istringstream lines(text);
  std::string line;
  std::size_t rule_width = 0;
  while (std::getline(lines, line)) {
    CHECK(line.size() <= 100);
    CHECK((line.empty() || line.back() != ' '));
    if (line.starts_with("---")) rule_width = std::max(rule_width, line.size());
  }
  CHECK(rule_width > 60);
  CHECK(has(text, "Headline (test)"));
  CHECK(has(text, "only where the paired"));
  CHECK(has(text, "f1_macro: 2 in every row"));
  CHECK(has(text, "precision_samples: sigmoid fixed 37"));
  CHECK(has(text, "Convention: sklearn(zero_division=0)."));
  CHECK(has(text, "n/a"));
  CHECK(has(text, "Warning: The data are synthetic"));
}

TEST_CASE("every form says what is better and what is not distinguishable, and the seeds") {
  ComparisonReport report = sample_report(4);
  const std::string text = to_text(report);
  const std::string markdown = to_markdown(report);
  for (const std::string& form : {text, markdown}) {
    CHECK(count_of(form, "better (p = 0.0014)") == 2);  // headline and table of tests
    CHECK(count_of(form, "not distinguishable") == 2 * (standard_metrics().size() - 2));
    CHECK(has(form, "Intervals (test)"));
    CHECK(has(form, "Paired tests (test)"));
    CHECK(has(form, "<0.0001") != has(form, "&lt;0.0001"));
    CHECK(has(form, "sd of seeds"));
    CHECK(has(form, "seed 3"));
    CHECK(has(form, "Dependence between labels: joint"));
    CHECK(has(form, "in 2 rows"));
  }
  const json document = json::parse(to_json(report));
  const json& first = document.at("statistics").at(0);
  CHECK(first.at("metric") == "subset_accuracy");
  CHECK(first.at("test").at("verdict") == "better");
  CHECK(first.at("test").at("p_mcnemar") == 1e-9);
  CHECK(first.at("intervals").at("joint").at("lower") ==
        report.statistics[0].intervals.at("joint").lower);
  CHECK(first.at("seed_sd").size() == 3);
  CHECK(document["statistics"].at(1).at("test").is_null());
  CHECK(document["statistics"].at(2).at("test").at("verdict") == "not distinguishable");
  CHECK(document["statistics"].at(2).at("test").at("p_mcnemar").is_null());
  const json& dependence = document.at("dependence").at(0);
  CHECK(dependence.at("set_nll").at("all").at("product") == 2.75);
  CHECK(dependence.at("set_nll").at("unseen").at("joint").is_null());
  CHECK(dependence.at("pairs").at(1).at("covariance") == -0.02);

  report.statistics.clear();
  report.set_nll_gains.clear();
  report.dependence.clear();
  for (const std::string& form : {to_text(report), to_markdown(report)}) {
    CHECK(has(form, "not tested for"));
    CHECK_FALSE(has(form, "verdict"));
    CHECK_FALSE(has(form, "Intervals"));
    CHECK_FALSE(has(form, "Dependence"));
  }
}

TEST_CASE("the winner's cell is marked once a metric in the full table") {
  const ComparisonReport report = sample_report(4);
  const std::string html = to_html(report);
  const std::string table = html.substr(html.find("class=\"all-results"));
  CHECK(count_of(table, "class=\"number best\"") == standard_metrics().size());
  CHECK(count_of(table, "<span class=\"mark\">*</span>") == standard_metrics().size());
  CHECK(count_of(table, "<span class=\"mark\">+</span>") == 2 * standard_metrics().size());
}

TEST_CASE("Markdown keeps its tables whatever labels and systems are called") {
  ComparisonReport report = sample_report(4);
  report.systems[0].name = "a|b";
  for (ResultRow& row : report.results) {
    if (row.system == "sigmoid") row.system = "a|b";
  }
  for (StrategyOutcome& outcome : report.strategies) outcome.system = "a|b";
  report.set_nll_gains[0].opponent = report.set_nll_gains[1].opponent = "a|b";
  const std::string markdown = to_markdown(report);
  CHECK(has(markdown, "a\\|b"));
  CHECK_FALSE(has(markdown, "<script>"));
  CHECK(has(markdown, "| f1_samples |"));
  std::istringstream lines(markdown);
  std::string line;
  std::size_t bars = 0;
  while (std::getline(lines, line)) {
    const std::size_t found = count_of(line, "|") - count_of(line, "\\|");
    if (!line.starts_with("|")) {
      bars = 0;
      continue;
    }
    if (bars > 0) CHECK(found == bars);
    bars = found;
  }
}

TEST_CASE("only a tested difference is called better in HTML") {
  ComparisonReport report = sample_report(4);
  const std::string html = to_html(report);
  const std::string table = part(html, "headline");
  CHECK(has(table, "joint better in 1; not distinguishable in 12; not tested 1."));
  CHECK(count_of(table, "<td class=\"win\">better (p = 0.0014)</td>") == 1);
  CHECK(count_of(table, "better (p") == 2);  // and in the table of tests
  CHECK(count_of(table, "<td>not distinguishable<span") == standard_metrics().size() - 2);
  CHECK(has(table, "p &lt; 0.01 after Holm"));
  CHECK(count_of(table, "<td>not tested") == 1);
  CHECK(has(table, "+0.0300 <span class=\"interval\">[+0.0100, +0.0500]"));
  report.statistics[0].test->difference = -0.01;  // significant, but worse
  CHECK_FALSE(has(part(to_html(report), "headline"), "joint better"));
  CHECK_FALSE(has(part(to_html(report), "headline"), "better (p"));
  report.statistics.clear();
  const std::string untested = part(to_html(report), "headline");
  CHECK(has(untested, "Differences are not tested for significance"));
  CHECK_FALSE(has(untested, "joint better"));
  CHECK(count_of(untested, "<td>not tested") == standard_metrics().size());
}

TEST_CASE("the contents of a page link to every section, and nothing links elsewhere") {
  const std::string html = to_html(sample_report(130));
  CHECK(count_of(html, "<section id=") == 15);
  CHECK(count_of(html, "href=") == count_of(html, "<section id="));
  for (const char* id : {"headline", "headline-figure", "seeds", "set-nll", "results", "strategies",
                         "curves", "calibration", "dependence", "set-sizes", "labels", "graphs",
                         "examples", "protocol", "manifest"}) {
    CHECK(has(html, std::string("href=\"#") + id + "\""));
    CHECK(has(html, std::string("<section id=\"") + id + "\""));
  }
  CHECK(count_of(to_html(ComparisonReport{}), "<section id=") == 1);
}

TEST_CASE("calibration, dependence and strategies are in every form a reader sees") {
  ComparisonReport report = sample_report(4);
  for (const std::string& form : {to_text(report), to_markdown(report), to_html(report)}) {
    CHECK(has(form, "isotonic"));
    CHECK(has(form, "everything"));
    CHECK(has(form, "adds up to 0.7500 nats"));
    CHECK(has(form, "own marginals"));
    CHECK(has(form, "global:hamming_loss"));
    CHECK(has(form, "0.0900"));  // optimism of a loss
  }
  const std::string html = to_html(report);
  const std::string calibration = part(html, "calibration");
  CHECK(count_of(calibration, "<tr><th scope=\"row\">joint</th>") == 4);
  CHECK(count_of(calibration, "220 cases</title>") == 3);
  CHECK(count_of(calibration, "<td class=\"number\">-</td>") == 2);  // two have no isotonic map
  const std::string dependence = part(html, "dependence");
  CHECK(has(dependence, "<td>&lt;script&gt;"));
  CHECK(has(dependence, "<td class=\"number\">-0.0200</td>"));
  const std::string strategies = part(html, "strategies");
  CHECK(has(strategies, "<th scope=\"col\" class=\"number\">train+valid<br>optimism</th>"));
  CHECK(count_of(strategies, "<tr><th scope=\"row\">") == report.strategies.size());
  // Neither the fixed threshold, which nothing was tuned for, nor the loss is drawn.
  CHECK(count_of(strategies, "on test 0.") == 2 * (report.strategies.size() - 2));

  report.set_calibration.clear();
  report.dependence.clear();
  report.strategies.clear();
  for (const std::string& form : {to_text(report), to_markdown(report), to_html(report)}) {
    CHECK_FALSE(has(form, "Calibration"));
    CHECK_FALSE(has(form, "Conformal"));
    CHECK_FALSE(has(form, "Dependence"));
    CHECK_FALSE(has(form, "Threshold strategies"));
  }
}

TEST_CASE("gains in set NLL are in every form, by part, with what is not known left out") {
  ComparisonReport report = sample_report(4);
  for (const std::string& form : {to_text(report), to_markdown(report), to_html(report)}) {
    CHECK(has(form, "By how much the set NLL of the first system is lower"));
    CHECK(has(form, "0.6250 to 1.0000"));
    CHECK(has(form, "-0.0625 to 0.3750"));
    CHECK(has(form, "-0.2500"));  // of a single row
  }
  const std::string markdown = to_markdown(report);
  CHECK(has(markdown,
            "| decoder | sigmoid | all | 1000 | 0.7500 | 0.5000 to 0.8750 | 0.0625 | 0.1250 |"));
  CHECK(has(markdown, "| joint | sigmoid | all | 1000 | n/a | - | - | - |"));
  CHECK(count_of(part(to_html(report), "set-nll"), "<tr><th scope=\"row\">") == 3 + 9);
  const json gains = json::parse(to_json(report)).at("set_nll_gains");
  REQUIRE(gains.size() == 3);
  CHECK(gains[0] ==
        json{{"system", "decoder"},
             {"opponent", "sigmoid"},
             {"all",
              {{"rows", 1000}, {"gain", 0.75}, {"interval", {{"lower", 0.5}, {"upper", 0.875}}}}},
             {"seen",
              {{"rows", 999}, {"gain", 0.8125}, {"interval", {{"lower", 0.625}, {"upper", 1.0}}}}},
             {"unseen", {{"rows", 1}, {"gain", -0.25}, {"interval", nullptr}}},
             {"p_permutation", 0.0625},
             {"p_adjusted", 0.125}});
  CHECK(gains[1].at("all").at("gain").is_null());
  CHECK(gains[1].at("p_adjusted").is_null());
  report.set_nll_gains.clear();
  for (const std::string& form : {to_text(report), to_markdown(report), to_html(report)}) {
    CHECK(has(form, "Set NLL"));
    CHECK_FALSE(has(form, "By how much the set NLL"));
  }
}

TEST_CASE("many warnings do not push the figures off a page") {
  ComparisonReport report = sample_report(4);
  report.warnings.assign(12, "few rows");
  const std::string html = to_html(report);
  CHECK(count_of(html, "Warning: few rows") == 12);
  CHECK(has(html, "<summary>9 more warnings</summary>"));
  CHECK_FALSE(has(to_html(sample_report(4)), "more warnings"));
}

TEST_CASE("an example says which labels are wrong, which are missing and which set is true") {
  const std::string html = to_html(sample_report(4));
  const std::string examples = html.substr(html.find("<section id=\"examples\""));
  CHECK(count_of(examples, "class=\"label wrong\">&#215; a|b") == 4);
  CHECK(count_of(examples, "class=\"label missed\">&#8722; &lt;script&gt;") == 4);
  CHECK(count_of(examples, "= truth") == 8);  // the answer and its most probable set
  CHECK(has(examples, "width:41.0%"));
}

TEST_CASE("HTML is one page without network or unescaped text, and with one script of its own") {
  const std::string html = to_html(sample_report(130));
  CHECK(html.starts_with("<!DOCTYPE html>"));
  CHECK(count_of(html, "<script") == 1);
  CHECK(has(html, "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"));
  CHECK_FALSE(has(html, "<i>text"));
  CHECK_FALSE(has(html, "src="));
  // The name of a namespace is no address that is loaded.
  CHECK(count_of(html, "http:") == count_of(html, "xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK(count_of(html, "https:") == 3);  // the text of the examples
  CHECK_FALSE(has(html, "@import"));
  CHECK_FALSE(has(html, "<made up>"));
  CHECK(has(html, "&lt;script&gt;"));
  CHECK(has(html, "prefers-color-scheme: dark"));
  CHECK(has(html, "not UTF-8: \xEF\xBF\xBD"));
  CHECK(count_of(html, "<svg") == count_of(html, "</svg>"));
  CHECK(count_of(html, "<table") == count_of(html, "</table>"));
  CHECK(count_of(html, "<section") == count_of(html, "</section>"));
  CHECK(count_of(html, "<figure") == count_of(html, "<figcaption"));
  CHECK(html.size() < 1000000);
}

TEST_CASE("a page of very many labels and long examples stays small") {
  ComparisonReport report = sample_report(20000);
  while (report.results.size() < 60) report.results.push_back(report.results.front());
  for (ResultRow& row : report.results) {
    while (row.seeds.size() < 5) row.seeds.push_back(row.seeds.front());
  }
  report.examples.assign(1000, report.examples[0]);
  for (ExampleRow& example : report.examples) {
    example.text->assign(100000, 'x');
  }
  const std::string html = to_html(report);
  CHECK(html.size() < 3000000);
  CHECK(has(html, "The 19000 rarest labels are not drawn."));
  CHECK(has(html, "900 more are not shown."));
}

TEST_CASE("a page of many rows, seeds and strategies of three systems stays small") {
  ComparisonReport report = sample_report(130);
  std::map<std::string, std::size_t> rows;
  for (const ResultRow& row : report.results) ++rows[row.system];
  const std::size_t own = report.results.size();
  for (std::size_t r = 0; r < own; ++r) {
    const ResultRow row = report.results[r];
    for (; rows[row.system] < 45; ++rows[row.system]) report.results.push_back(row);
  }
  REQUIRE(report.results.size() == 3 * 45);
  for (ResultRow& row : report.results) {
    while (row.seeds.size() < 5) {
      row.seeds.push_back(row.seeds.back());
      ++row.seeds.back().seed;
    }
  }
  const StrategyOutcome outcome = report.strategies.back();
  report.strategies.clear();
  for (const SystemSummary& system : report.systems) {
    StrategyOutcome of_system = outcome;
    of_system.system = system.name;
    report.strategies.insert(report.strategies.end(), 45, of_system);
  }
  const std::string html = to_html(report);
  CHECK(count_of(part(html, "strategies"), "<tr><th scope=\"row\">joint, cyclic:f1_macro") == 45);
  CHECK(has(part(html, "seeds"), ">seed 5</th>"));
  CHECK(html.size() < 1000000);
}

TEST_CASE("Every format tells which dependencies a system misses and invents") {
  const ComparisonReport report = sample_report(5);
  const json document = json::parse(to_json(report));
  REQUIRE(document.at("graphs").size() == 4);
  const json& graph = document["graphs"][2];
  CHECK(graph.at("system") == "joint");
  CHECK(graph.at("counted") == "answers");
  CHECK(graph.at("found_mass").is_null());
  CHECK(graph.at("kept") == 1);
  CHECK(graph.at("missed") == 1);
  CHECK(graph.at("invented") == 1);
  CHECK(graph.at("phi_correlation").is_null());
  CHECK(graph.at("pairs")[1].at("fate") == "missed");
  CHECK(graph.at("pairs")[1].at("truth_phi") == -0.25);
  const json& expected = document["graphs"][3];
  CHECK(expected.at("system") == "joint");
  CHECK(expected.at("counted") == "distributions");
  CHECK(expected.at("found_mass") == 0.9375);
  CHECK(expected.at("invented") == 0);
  CHECK(json::parse(to_json(report.graphs)).at("graphs") == document["graphs"]);
  const std::string markdown = to_markdown(report);
  CHECK(has(markdown, "## Label graphs of answers and distributions"));
  CHECK(has(markdown, "| joint | answers | - | 2 | 2 | 1 | 1 | 1 |"));
  CHECK(has(markdown, "| joint | distributions | 0.9375 | 2 | 1 | 1 | 1 | 0 |"));
  // The pairs are of the answers only.
  CHECK(count_of(markdown, "### What joint misses and invents most") == 1);
  const std::string html = to_html(report);
  CHECK(has(html, "<section id=\"graphs\""));
  CHECK(count_of(html, "class=\"label-graph\"") == 4);
  CHECK(count_of(html, "<summary>Label graph of the distributions of ") == 2);
  // Two of the answers of each system, one of its distributions.
  CHECK(count_of(html, "class=\"frame\"") == 6);
  CHECK(has(test_support::unwrapped(html),
            "Above the diagonal: truth, framed where it is missed; below it: joint, framed where "
            "it is invented."));
  CHECK(has(test_support::unwrapped(draw_comparison(report.graphs.back())),
            "below it: joint, expected, framed where it is invented."));
}

TEST_CASE("reports that contradict themselves are refused by every writer") {
  ComparisonReport stranger = sample_report(4);
  stranger.results[0].system = "oracle";
  ComparisonReport twice = sample_report(4);
  twice.systems.push_back(twice.systems[0]);
  ComparisonReport unknown = sample_report(4);
  unknown.results[0].metrics["accuracy"] = 0.5;
  ComparisonReport list = sample_report(4);
  list.manifest_json = std::string("[]");
  ComparisonReport broken = sample_report(4);
  broken.manifest_json = std::string("{");
  ComparisonReport foreign = sample_report(4);
  foreign.strategies[0].system = "oracle";
  ComparisonReport gain = sample_report(4);
  gain.set_nll_gains[2].opponent = "oracle";
  ComparisonReport empty = sample_report(4);
  empty.strategies[0].protocols.clear();
  for (const ComparisonReport& report :
       {stranger, twice, unknown, list, broken, foreign, gain, empty}) {
    CHECK_THROWS_AS(to_json(report), std::invalid_argument);
    CHECK_THROWS_AS(to_markdown(report), std::invalid_argument);
    CHECK_THROWS_AS(to_text(report), std::invalid_argument);
    CHECK_THROWS_AS(to_html(report), std::invalid_argument);
  }
}

}  // namespace
}  // namespace labelbeam::eval
