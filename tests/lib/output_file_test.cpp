#include <labelbeam/error.h>
#include <labelbeam/input_file.h>
#include <labelbeam/output_file.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using Names = std::vector<std::string>;

namespace {

/// Lets files grow to a number of bytes only, as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

/// Bytes that do not compress.
std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint64_t state = 1;
  for (char& byte : bytes) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

}  // namespace

TEST_CASE("A file appears when it is committed, not before") {
  const TemporaryFolder folder;
  const std::string path = folder / "out.txt";
  {
    OutputFile file(path);
    file.write("one\n");
    CHECK_FALSE(std::filesystem::exists(path));
    file.write("two\n");
    file.commit();
    CHECK_THROWS_AS(file.commit(), std::logic_error);
    CHECK_THROWS_AS(file.write("three\n"), std::logic_error);
  }
  CHECK(bytes_of(path) == "one\ntwo\n");
  CHECK(folder.names() == Names{"out.txt"});
}

TEST_CASE("A file that is given up leaves the old one and nothing else") {
  const TemporaryFolder folder;
  for (const std::string name : {"out.txt", "out.gz", "out.zst"}) {
    folder.file(name, "old");
    {
      OutputFile file(folder / name);
      file.write(noise(300000));
    }
    CHECK(bytes_of(folder / name) == "old");
  }
  CHECK(folder.names() == Names{"out.gz", "out.txt", "out.zst"});
}

TEST_CASE("A write that fails half way is an error and leaves the old file") {
  const TemporaryFolder folder;
  for (const std::string name : {"out.txt", "out.gz", "out.zst"}) {
    folder.file(name, "old");
    const FileSizeLimit limit(1000);
    CHECK_THROWS_AS(write_file_atomically(folder / name, noise(300000)), WriteError);
    CHECK_THROWS_WITH(write_file_atomically(folder / name, noise(300000)),
                      contains_text(folder / name + ": cannot be written: File too large"));
    CHECK(bytes_of(folder / name) == "old");
  }
  CHECK(folder.names() == Names{"out.gz", "out.txt", "out.zst"});
}

TEST_CASE("A full device is an error and stays a device") {
  for (const std::size_t size : {std::size_t{1}, std::size_t{1} << 20}) {
    CHECK_THROWS_AS(write_file_atomically("/dev/full", std::string(size, 'x')), WriteError);
  }
  CHECK(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("A folder that is missing, read-only or in the file's place is an error") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(OutputFile(folder / "none/out.txt"), contains_text("/none does not exist"));
  CHECK_THROWS_WITH(OutputFile(folder.path()),
                    Catch::Matchers::Equals(folder.path() + ": is a folder, not a file"));
  folder.file("file", "");
  CHECK_THROWS_AS(OutputFile(folder / "file/out.txt"), WriteError);

  ::chmod(folder.path().c_str(), 0555);
  ::setfsuid(65534);  // root would be let in
  CHECK_THROWS_WITH(OutputFile(folder / "out.txt"),
                    contains_text(folder / "out.txt: cannot be written: Permission denied"));
  ::setfsuid(::geteuid());
  ::chmod(folder.path().c_str(), 0755);
  CHECK(folder.names() == Names{"file"});
}

TEST_CASE("Compressed files depend on their content only") {
  const TemporaryFolder folder;
  for (const std::string name : {"a.jsonl.gz", "a.jsonl.zst"}) {
    write_file_atomically(folder / name, std::string(1000, 'a'));
    const std::string first = bytes_of(folder / name);
    CHECK(first.size() < 100);
    ::sleep(1);  // a timestamp would differ
    std::filesystem::remove(folder / name);
    write_file_atomically(folder / ("b" + name), std::string(1000, 'a'));
    CHECK(bytes_of(folder / ("b" + name)) == first);
    CHECK(read_all(folder / ("b" + name)) == std::string(1000, 'a'));
  }
}

TEST_CASE("A file keeps its mode and a symbolic link its place") {
  const TemporaryFolder folder;
  ::chmod(folder.file("real.txt", "old").c_str(), 0640);
  std::filesystem::create_symlink("real.txt", folder / "link.txt");
  write_file_atomically(folder / "link.txt", "new");
  CHECK(std::filesystem::is_symlink(folder / "link.txt"));
  CHECK(bytes_of(folder / "real.txt") == "new");
  struct stat status {};
  REQUIRE(::stat((folder / "real.txt").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
  CHECK(folder.names() == Names{"link.txt", "real.txt"});
}

TEST_CASE("Two files written to one folder at a time do not disturb each other") {
  const TemporaryFolder folder;
  OutputFile a(folder / "a.txt");
  OutputFile b(folder / "b.txt");
  a.write("a");
  b.write("b");
  b.commit();
  a.commit();
  CHECK(bytes_of(folder / "a.txt") == "a");
  CHECK(bytes_of(folder / "b.txt") == "b");
}
