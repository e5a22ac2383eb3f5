#include <labelbeam/error.h>
#include <labelbeam/output_file.h>
#include <labelbeam/readers/debtags.h>
#include <labelbeam/stable_hash.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using Names = std::vector<std::string>;

namespace {

const std::string kPackages =
    "Package: alpha\n"
    "Source: alpha-src (1.2-3)\n"
    "Version: 1.2-3+b1\n"
    "Maintainer: Some One <one@example.org>\n"
    "Description: first  package\n"
    "Description-md5: 11\n"
    "Tag: role::program, implemented-in::{c, c++},\n"
    " use::editing, special::x, works-with::TODO, nofacet\n"
    "\n"
    "# a comment\n"
    "Package: alpha-doc\n"
    "Source: alpha-src\n"
    "Version: 1.2-3\n"
    "Description: its manual\n"
    " with a long description in place\n"
    " .\n"
    "   and   a second paragraph\n"
    "Description-md5: 22\n"
    "Tag: role::documentation, use::editing\n"
    "\n\n"
    "package: beta\n"
    "version: 2\n"
    "description: second package\n"
    "description-md5: 33\n"
    "tag: role::program, implemented-in::c\n"
    "\n"
    "Package: untagged\n"
    "Version: 1\n"
    "Description: nobody tagged this\n"
    "Description-md5: 44\n";

const std::string kTranslations =
    "Package: alpha\n"
    "Description-md5: 11\n"
    "Description-en: first  package\n"
    " A long\tdescription.\n"
    " .\n"
    " Next paragraph.\n"
    "\n"
    "Package: beta\n"
    "Description-md5: 99\n"
    "Description-en: another version\n"
    " that no package has\n";

std::map<std::string, Example> rows_of(const DebtagsImport& data) {
  std::map<std::string, Example> rows;
  for (const Dataset* part : {&data.train, &data.valid, &data.test}) {
    for (const Example& row : part->rows) rows[row.id] = row;
  }
  return rows;
}

Names label_names(const DebtagsImport& data, const Example& row) {
  Names names;
  for (const LabelId label : row.labels) names.push_back(data.train.labels.name(label));
  return names;
}

DebtagsOptions only(Names files) {
  return {.list_files = std::move(files), .list_folders = {}, .min_label_count = 1};
}

}  // namespace

TEST_CASE("Package lists become texts and tags") {
  const TemporaryFolder folder;
  const DebtagsImport data = import_debtags(
      only({folder.file("Packages", kPackages), folder.file("Translation-en", kTranslations)}));
  CHECK(data.train.labels.names() == Names{"implemented-in::c", "implemented-in::c++",
                                           "role::documentation", "role::program", "use::editing"});
  auto rows = rows_of(data);
  REQUIRE(rows.size() == 3);
  CHECK(rows["alpha"].text == "first package A long description. Next paragraph.");
  CHECK(rows["alpha"].group == "alpha-src");
  CHECK(label_names(data, rows["alpha"]) ==
        Names{"implemented-in::c", "implemented-in::c++", "role::program", "use::editing"});
  CHECK(rows["alpha-doc"].text ==
        "its manual with a long description in place and a second paragraph");
  CHECK(rows["alpha-doc"].group == "alpha-src");
  CHECK(rows["beta"].text == "second package");
  CHECK(rows["beta"].group == "beta");
  CHECK(data.summary.lists == 2);
  CHECK(data.summary.packages == 4);
  CHECK(data.summary.tagged == 3);
  CHECK(data.summary.kept == 3);
  CHECK(data.summary.labels == 5);
  CHECK(data.summary.long_descriptions == 2);
}

TEST_CASE("Facets and the frequency limit choose the labels and drop rows without one") {
  const TemporaryFolder folder;
  DebtagsOptions options = only({folder.file("Packages", kPackages)});
  options.facets = Names{"implemented-in", "special"};
  CHECK(import_debtags(options).train.labels.names() ==
        Names{"implemented-in::c", "implemented-in::c++", "special::x"});
  options.facets.reset();
  options.min_label_count = 2;
  CHECK(import_debtags(options).train.labels.names() ==
        Names{"implemented-in::c", "role::program", "use::editing"});
  options.min_label_count.reset();
  CHECK(import_debtags(options).summary.min_label_count == 2);
  options.min_label_count = 3;
  CHECK_THROWS_WITH(import_debtags(options),
                    contains_text("none of 4 packages has a tag that is kept and on at least 3"));
}

TEST_CASE("The order of the lists does not matter and a package counts once") {
  const TemporaryFolder folder;
  const std::string a = folder.file("a_Packages", kPackages);
  const std::string b = folder.file("b_Packages",
                                    "Package: beta\nVersion: 3\nDescription: newer beta\n"
                                    "Tag: role::program, implemented-in::perl\n\n"
                                    "Package: alpha\nVersion: 9\nDescription: without tags\n");
  const std::string c = folder.file("c_Translation-en", kTranslations);
  const DebtagsImport data = import_debtags(only({a, b, c}));
  const auto rows = rows_of(data);
  CHECK(rows.at("beta").text == "newer beta");
  CHECK(rows.at("alpha").text == "first package A long description. Next paragraph.");
  CHECK(data.summary.packages == 4);
  for (const Names& files : {Names{c, b, a}, Names{b, a, c, a}}) {
    const DebtagsImport other = import_debtags(only(files));
    CHECK(other.train.rows == data.train.rows);
    CHECK(other.valid.rows == data.valid.rows);
    CHECK(other.test.rows == data.test.rows);
    CHECK(other.train.labels == data.train.labels);
  }
}

TEST_CASE("Packages of one source stay together and the parts follow the hash") {
  std::string packages;
  for (int source = 0; source < 300; ++source) {
    for (const std::string suffix : {"", "-doc", "-data"}) {
      const std::string name = "source" + std::to_string(source);
      packages += "Package: " + name + suffix + "\nSource: " + name +
                  "\nDescription: d\nTag: role::program\n\n";
    }
  }
  const TemporaryFolder folder;
  const DebtagsImport data = import_debtags(only({folder.file("Packages", packages)}));
  CHECK(data.summary.kept == 900);
  for (const Example& row : data.train.rows) CHECK(stable_hash(row.group) % 10 > 1);
  for (const Example& row : data.valid.rows) CHECK(stable_hash(row.group) % 10 == 1);
  for (const Example& row : data.test.rows) CHECK(stable_hash(row.group) % 10 == 0);
  CHECK(data.test.rows.size() > 45);
  CHECK(data.valid.rows.size() > 45);
  CHECK(std::is_sorted(data.train.rows.begin(), data.train.rows.end(),
                       [](const Example& a, const Example& b) { return a.id < b.id; }));
}

TEST_CASE("Folders are searched for lists in any compression, and missing ones are left out") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "site_dists_x_main_binary-amd64_Packages.gz", kPackages);
  write_file_atomically(folder / "site_dists_x_main_i18n_Translation-en.zst", kTranslations);
  folder.file("site_dists_x_InRelease", "not a list");
  folder.file("site_dists_x_main_i18n_Translation-de", "not a list either");
  folder.file("lock", "");
  const DebtagsImport data =
      import_debtags({.list_folders = {folder / "none", folder.path()}, .min_label_count = 1});
  CHECK(data.summary.lists == 2);
  CHECK(data.summary.long_descriptions == 2);
  CHECK_THROWS_AS(import_debtags({.list_folders = {folder / "none"}}), MissingFileError);
  CHECK_THROWS_WITH(import_debtags(only({folder / "site_dists_x_main_i18n_Translation-en.zst"})),
                    contains_text("there is no package list with packages"));
  CHECK_THROWS_AS(import_debtags(only({folder / "none"})), MissingFileError);
  CHECK_THROWS_WITH(import_debtags({.list_folders = {folder / "lock"}}),
                    contains_text("lock: cannot be read as a folder: Not a directory"));
}
