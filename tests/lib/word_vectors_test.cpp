#include <labelbeam/error.h>
#include <labelbeam/output_file.h>
#include <labelbeam/tokenizer.h>
#include <labelbeam/word_vectors.h>

#include <cstring>
#include <limits>
#include <string>
#include <unordered_set>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;

namespace {

const WordFilter kEveryWord = [](std::string_view) { return true; };

WordVectors read_one(const std::string& path, const WordFilter& wanted = kEveryWord) {
  return read_word_vectors(std::vector<std::string>{path}, wanted);
}

std::vector<float> vector_of(const WordVectors& vectors, std::string_view word) {
  const auto index = vectors.find(word);
  REQUIRE(index);
  const auto row = vectors.row(*index);
  return {row.begin(), row.end()};
}

std::string binary_row(const std::string& word, const std::vector<float>& values) {
  std::string bytes = word + " ";
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return bytes;
}

struct MalformedVectors {
  const char* name;
  std::string bytes;
  std::size_t line;
  const char* reason;
};

std::vector<MalformedVectors> malformed_vectors() {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::string row = binary_row("a", {1, 2, 3});
  std::string wide = "a";
  for (int i = 0; i < 65'537; ++i) wide += " 0";
  return {
      {"empty", "", 0, "the file is empty"},
      {"a blank line", "\n", 1, "a word without a vector"},
      {"a word alone", "word\n", 1, "a word without a vector"},
      {"header alone", "5 3\n", 1, "no vectors"},
      {"header with dimension 0", "5 0\na\n", 1, "a word without a vector"},
      {"header with a huge dimension", "5 65537\na 1\n", 1, "at most 65536"},
      {"65,537 components", wide, 1, "at most 65536"},
      {"header promises more words", "3 2\na 1 2\nb 3 4\n", 1, "promises 3 words, but there are 2"},
      {"header promises fewer words", "1 2\na 1 2\nb 3 4\n", 1, "promises 1 words"},
      {"header promises 0 words", "0 2\na 1 2\n", 1, "promises 0 words"},
      {"too few numbers", "2 2\na 1 2\nb 3\n", 3, "1 numbers where 2 belong"},
      {"too many numbers", "a 1 2\nb 3 4\nc 5 6 7\n", 3, "3 numbers where 2 belong"},
      {"empty line inside", "a 1 2\n\nb 3 4\n", 2, "0 numbers where 2 belong"},
      {"header is wrong about the dimension", "1 3\na 1 2\n", 2, "2 numbers where 3 belong"},
      {"not a number", "a 1 2\nb 3 x4\n", 2, "\"x4\" is not a number"},
      {"number with a decimal comma", "a 1,5 2\n", 1, "\"1,5\" is not a number"},
      {"number with a tail", "a 1.5f 2\n", 1, "\"1.5f\" is not a number"},
      {"two signs", "a +-1 2\n", 1, "not a number"},
      {"NaN", "a 1 2\nb nan 4\n", 2, "\"nan\" is not a finite number"},
      {"infinity", "a 1 2\nb 3 -inf\n", 2, "not a finite number"},
      {"beyond a float", "a 1 1e39\n", 1, "not a finite number"},
      {"beyond a double", "a 1 1e999\n", 1, "not a number"},
      {"binary cut inside a vector", "2 3\n" + row + "b \x01\x02", 2, "ends inside the vector"},
      {"binary cut before a word", "2 3\n" + row, 2, "the file ends before this word"},
      {"binary cut inside a word", "2 3\n" + row + "bb", 2, "the file ends before this word"},
      {"binary with more words", "1 3\n" + row + binary_row("b", {4, 5, 6}), 1, "more words"},
      {"binary with NaN", "2 3\n" + row + binary_row("b", {4, nan, 6}), 2, "not finite"},
      {"binary with a huge dimension", "2 65537\n" + row, 1, "at most 65536"},
      {"binary with an endless word", "2 3\n" + row + std::string(70'000, 'x'), 2, "over 64 KiB"},
  };
}

}  // namespace

TEST_CASE("GloVe, word2vec text and fastText files give the same vectors") {
  const TemporaryFolder folder;
  for (const char* text :
       {"the 1 -2.5 3e-1\ncat +4 5 6\n", "2 3\nthe 1 -2.5 0.3\ncat 4 5 6\n",
        "2 3\nthe 1 -2.5 0.3 \ncat 4 5 6 \n", "2\t3\r\nthe\t1\t-2.5\t.3\r\ncat\t4\t5\t6",
        "\xEF\xBB\xBFthe 1 -2.5 0.3\ncat 4 5 6"}) {
    INFO(text);
    const WordVectors vectors = read_one(folder.file("vectors", text));
    CHECK(vectors.dimension() == 3);
    CHECK(vectors.words() == std::vector<std::string>{"the", "cat"});
    CHECK(vector_of(vectors, "the") == std::vector<float>{1.0f, -2.5f, 0.3f});
    CHECK(vector_of(vectors, "cat") == std::vector<float>{4, 5, 6});
    CHECK_FALSE(vectors.contains("dog"));
  }
}

TEST_CASE("word2vec binary files are recognised, with and without line breaks") {
  const TemporaryFolder folder;
  // The second vector begins with the bytes of a line break and of a blank.
  float odd = 0.0f;
  std::memcpy(&odd, "\n \n?", sizeof odd);
  for (const std::string& separator : {std::string(), std::string("\n")}) {
    const std::string bytes = "2 3\n" + binary_row("été", {0.25f, -1, 0}) + separator +
                              binary_row("b", {odd, 2, 3}) + separator;
    const WordVectors vectors = read_one(folder.file("vectors.bin", bytes));
    CHECK(vectors.words() == std::vector<std::string>{"été", "b"});
    CHECK(vector_of(vectors, "été") == std::vector<float>{0.25f, -1, 0});
    CHECK(vector_of(vectors, "b") == std::vector<float>{odd, 2, 3});
  }
}

TEST_CASE("Compressed vectors are read like plain ones") {
  const TemporaryFolder folder;
  for (const char* name : {"v.gz", "v.zst", "v.txt"}) {
    write_file_atomically(folder / name, "a 1 2\nb 3 4\n");
    CHECK(vector_of(read_one(folder / name), "b") == std::vector<float>{3, 4});
  }
}

TEST_CASE("Words with blanks inside are kept whole") {
  const TemporaryFolder folder;
  const WordVectors vectors = read_one(folder.file("v", "a 1 2\n. . . 3 4\nat x@y.z 5 6\n"));
  CHECK(vector_of(vectors, ". . .") == std::vector<float>{3, 4});
  CHECK(vector_of(vectors, "at x@y.z") == std::vector<float>{5, 6});
}

TEST_CASE("Only wanted words are kept, the first of a repeated one") {
  const TemporaryFolder folder;
  const std::string path = folder.file("v", "a 1 2\nb 3 4\na 5 6\nc 7 8\n");
  const std::unordered_set<std::string> wanted = {"a", "c", "d"};
  const WordVectors vectors =
      read_one(path, [&](std::string_view word) { return wanted.contains(std::string(word)); });
  CHECK(vectors.words() == std::vector<std::string>{"a", "c"});
  CHECK(vector_of(vectors, "a") == std::vector<float>{1, 2});
  REQUIRE(vectors.files().size() == 1);
  CHECK(vectors.files()[0].path == path);
  CHECK(vectors.files()[0].words_read == 4);
  CHECK(vectors.files()[0].words_kept == 2);
}

TEST_CASE("The first of several files that has a word wins") {
  const TemporaryFolder folder;
  const std::vector<std::string> paths = {folder.file("1", "a 1 2\nb 3 4\n"),
                                          folder.file("2", "2 2\nb 5 6\nc 7 8\n")};
  const WordVectors vectors = read_word_vectors(paths, kEveryWord);
  CHECK(vectors.words() == std::vector<std::string>{"a", "b", "c"});
  CHECK(vector_of(vectors, "b") == std::vector<float>{3, 4});
  CHECK(vector_of(vectors, "c") == std::vector<float>{7, 8});
  CHECK(vectors.files()[1].words_kept == 1);
  const WordVectors copy = vectors;
  CHECK(copy.find("c") == std::size_t{2});
}

TEST_CASE("Files of different dimensions are refused") {
  const TemporaryFolder folder;
  const std::vector<std::string> paths = {folder.file("1", "a 1 2\n"),
                                          folder.file("2", "b 1 2 3\n")};
  CHECK_THROWS_WITH(read_word_vectors(paths, kEveryWord),
                    contains_text(paths[1] + ":1") && contains_text("3 components"));
}

TEST_CASE("Emoji are found without their variation selector") {
  const TemporaryFolder folder;
  const WordVectors vectors = read_one(folder.file("v", "\xE2\x9D\xA4\xEF\xB8\x8F 1 2\n"));
  const auto tokens = Tokenizer().tokenize("\xE2\x9D\xA4\xEF\xB8\x8F");
  REQUIRE(tokens.size() == 1);
  CHECK(vectors.contains(tokens[0]));
}

TEST_CASE("No files give no vectors") { CHECK(read_word_vectors({}, kEveryWord).size() == 0); }

TEST_CASE("Malformed vector files are refused with the line and a reason") {
  const TemporaryFolder folder;
  for (const MalformedVectors& malformed : malformed_vectors()) {
    INFO(malformed.name);
    const std::string path = folder.file("bad", malformed.bytes);
    // Also where no word of the file is wanted.
    for (const WordFilter& wanted : {kEveryWord, WordFilter([](auto) { return false; })}) {
      try {
        read_one(path, wanted);
        FAIL("was read");
      } catch (const DataError& error) {
        CHECK(error.line() == malformed.line);
        CHECK_THAT(error.what(), contains_text(path) && contains_text(malformed.reason));
      }
    }
  }
}

TEST_CASE("A binary file cut at any byte is refused") {
  const TemporaryFolder folder;
  const std::string bytes = "2 3\n" + binary_row("a", {1, 2, 3}) + binary_row("b", {4, 5, 6});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO(size);
    CHECK_THROWS_AS(read_one(folder.file("cut", std::string_view(bytes).substr(0, size))),
                    DataError);
  }
}

TEST_CASE("Missing vector files and standard input are refused") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(read_one(folder / "nobody"), MissingFileError);
  CHECK_THROWS_AS(read_one("-"), DataError);
}

TEST_CASE("Coverage counts running and distinct words") {
  const TemporaryFolder folder;
  const WordVectors vectors = read_one(folder.file("v", "a 1\nb 2\n"));
  const Coverage result = coverage(vectors, {{"a", 5}, {"x", 3}, {"b", 1}, {"y", 1}});
  CHECK(result == Coverage{10, 6, 4, 2});
}
