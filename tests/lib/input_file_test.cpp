#include <fcntl.h>
#include <labelbeam/error.h>
#include <labelbeam/input_file.h>
#include <labelbeam/output_file.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;

namespace {

const std::string kText = "one\ntwo \xc3\xa9\n";

struct Compressed {
  std::string name;
  std::string bytes;
  std::size_t magic_bytes;  // without these it is a plain file
};

/// `kText`, written by the usual command line tools.
std::vector<Compressed> compressed_texts() {
  return {
      {"gzip", from_hex("1f8b0800000000000203cbcf4be52a29cf5738bc920b00b67f18590b000000"), 2},
      {"zstd", from_hex("28b52ffd240b5900006f6e650a74776f20c3a90a578653f7"), 4},
      {"xz",
       from_hex("fd377a585a000004e6d6b4460200210116000000742fe5a301000a6f6e650a74776f20c3a90a0000"
                "f15f031d6ba9c5880001230bc21bfd091fb6f37d010000000004595a"),
       6},
      {"bzip2",
       from_hex("425a6839314159265359e9370a3c000003519400104000020184800020080020002201a7a420c98831"
                "2a140df8bb9229c2848749b851e0"),
       4},
      {"lz4", from_hex("04224d186440a70b0000806f6e650a74776f20c3a90a000000006186fde7"), 4},
  };
}

std::vector<std::string> lines_of(const std::string& path) {
  LineReader reader(path);
  std::vector<std::string> lines;
  std::string line;
  while (reader.next(line)) {
    lines.push_back(line);
    REQUIRE(reader.line_number() == lines.size());
  }
  return lines;
}

/// The content, or nothing where the file is refused as damaged.
std::optional<std::string> content_unless_damaged(const std::string& path) {
  try {
    return read_all(path);
  } catch (const DataError& error) {
    REQUIRE_THAT(error.what(), contains_text(path + ": is damaged"));
    return std::nullopt;
  }
}

}  // namespace

TEST_CASE("Compression is recognised by content, whatever the file is called") {
  const TemporaryFolder folder;
  for (const Compressed& text : compressed_texts()) {
    DYNAMIC_SECTION(text.name) {
      CHECK(read_all(folder.file("text.txt", text.bytes)) == kText);
      CHECK(lines_of(folder / "text.txt") == std::vector<std::string>{"one", "two \xc3\xa9"});
    }
  }
  CHECK(read_all(folder.file("plain.gz", kText)) == kText);
  CHECK(read_all(folder.file("BZh.txt", "BZh is how some texts start")) ==
        "BZh is how some texts start");
}

TEST_CASE("A compressed file cut off at any byte is refused") {
  const TemporaryFolder folder;
  for (const Compressed& text : compressed_texts()) {
    for (std::size_t size = text.magic_bytes; size < text.bytes.size(); ++size) {
      INFO(text.name << " cut to " << size << " bytes");
      CHECK_FALSE(content_unless_damaged(folder.file("cut", text.bytes.substr(0, size))));
    }
  }
}

TEST_CASE("A flipped bit in a gzip file is noticed unless the content is the same") {
  const TemporaryFolder folder;
  const Compressed gzip = compressed_texts().front();
  for (std::size_t bit = 8 * gzip.magic_bytes; bit < 8 * gzip.bytes.size(); ++bit) {
    std::string bytes = gzip.bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    const auto content = content_unless_damaged(folder.file("flipped", bytes));
    INFO("bit " << bit);
    CHECK(content.value_or(kText) == kText);
  }
}

TEST_CASE("Gzip files of several members and empty compressed files are read") {
  const TemporaryFolder folder;
  const std::string gzip = compressed_texts().front().bytes;
  CHECK(read_all(folder.file("two", gzip + gzip)) == kText + kText);
  CHECK(read_all(folder.file("empty.gz", from_hex("1f8b080000000000000303000000000000000000"))) ==
        "");
  CHECK(read_all(folder.file("empty.bz2", from_hex("425a683917724538509000000000"))) == "");
  CHECK(read_all(folder.file("empty.xz", from_hex("fd377a585a000004e6d6b446000000001cdf44211fb6f37d"
                                                  "010000000004595a"))) == "");
  CHECK(read_all(folder.file("empty", "")) == "");
}

TEST_CASE("A large compressed file is read in blocks and comes out as it was") {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 200000; ++i) text += std::to_string(i * 7919) + "\n";
  for (const std::string name : {"large.txt", "large.gz", "large.zst"}) {
    write_file_atomically(folder / name, text);
    CHECK(read_all(folder / name) == text);
    CHECK(lines_of(folder / name).size() == 200000);
  }
}

TEST_CASE("A file that grows beyond the limit when decompressed is refused") {
  const TemporaryFolder folder;
  const std::string bomb = folder / "bomb.zst";
  write_file_atomically(bomb, std::string(std::size_t{80} << 20, '\0'));
  CHECK_THROWS_WITH(read_all(bomb),
                    contains_text(bomb + ": grows to more than 1000 times its size"));

  const std::string small = folder / "small.gz";
  write_file_atomically(small, std::string(10000, 'a'));
  CHECK(read_all(small).size() == 10000);
  std::string buffer(10000, ' ');
  InputFile strict(small, InputLimits{.max_expansion = 20, .free_bytes = 100});
  CHECK_THROWS_AS(strict.read(buffer), DataError);
  CHECK_THROWS_AS(InputFile(small, InputLimits{.max_expansion = 0}), std::invalid_argument);
  CHECK_THROWS_WITH(read_all(small, 9999), contains_text("is larger than 9999 bytes"));
}

TEST_CASE("A missing file and a folder are told apart") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(LineReader(folder / "none.txt"), MissingFileError);
  CHECK_THROWS_WITH(read_all(folder / "none.txt"),
                    Catch::Matchers::Equals(folder / "none.txt: there is no such file"));
  CHECK_THROWS_WITH(read_all(folder.path()),
                    Catch::Matchers::Equals(folder.path() + ": is a folder, not a file"));
  CHECK_THROWS_AS(read_all(folder.path()), MissingFileError);
}

TEST_CASE("Lines lose their ends, the byte order mark and nothing else") {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.txt",
                                       "\xef\xbb\xbf"
                                       "first\r\n\n a\rb \r\r\nlast");
  CHECK(lines_of(path) == std::vector<std::string>{"first", "", " a\rb \r", "last"});
  CHECK(lines_of(folder.file("b.txt", "x\n\xef\xbb\xbfy\n")) ==
        std::vector<std::string>{"x", "\xef\xbb\xbfy"});
  LineReader keeping(path, LineReader::CarriageReturn::keep);
  std::string line;
  REQUIRE(keeping.next(line));
  CHECK(line == "first\r");
}

TEST_CASE("A line over the limit is refused with its number") {
  const TemporaryFolder folder;
  const std::string path =
      folder.file("long.txt", "short\n" + std::string(kMaxLineBytes + 1, 'x') + "\n");
  LineReader reader(path);
  std::string line;
  REQUIRE(reader.next(line));
  CHECK_THROWS_WITH(reader.next(line), contains_text(path + ":2: the line is longer than 64 MiB"));
}

TEST_CASE("Standard input is read under its own name, compressed or not") {
  const TemporaryFolder folder;
  const int saved = ::dup(STDIN_FILENO);
  for (const std::string& bytes : {kText, compressed_texts().front().bytes}) {
    const int fd = ::open(folder.file("in", bytes).c_str(), O_RDONLY);
    ::dup2(fd, STDIN_FILENO);
    ::close(fd);
    CHECK(InputFile("-").name() == "standard input");
    ::lseek(STDIN_FILENO, 0, SEEK_SET);
    CHECK(read_all("-") == kText);
  }
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
}
