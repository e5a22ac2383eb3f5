#include "../../pipeline/src/text_table.h"

#include <cmath>
#include <limits>

#include "catch.h"

using namespace labelbeam::pipeline;

TEST_CASE("Numbers for people are grouped, and one thing is no things") {
  CHECK(grouped(999) == "999");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(counted(0, "row", "rows") == "0 rows");
  CHECK(counted(1, "row", "rows") == "1 row");
  CHECK(counted(1352, "row", "rows") == "1,352 rows");
  CHECK(tenths(0.04) == "0.0");
  CHECK(tenths(999.96) == "1,000.0");
  CHECK(tenths(1352.75) == "1,352.8");
  CHECK(decimal(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(decimal(std::nan("")) == "-");
}

TEST_CASE("Columns are as wide as their widest cell, in code points, and cells are one line") {
  TextTable table({"label", "rows"});
  table.add({"caf\xC3\xA9", "1"});
  table.add({"a\nb", "1,000"});
  CHECK(table.text() == "label   rows\ncaf\xC3\xA9       1\na b    1,000\n");
}
