#include <labelbeam/parallel_for.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace labelbeam {
namespace {

/// Start of range k of `parts` ranges of [0, n): the first n % parts ranges are one longer.
std::size_t range_begin(std::size_t n, std::size_t parts, std::size_t k) {
  return n / parts * k + std::min(k, n % parts);
}

/// Joins on every way out, or a thread that still runs would end the program.
class Threads {
 public:
  explicit Threads(std::size_t capacity) { threads_.reserve(capacity); }
  ~Threads() {
    for (std::thread& thread : threads_) thread.join();
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  template <typename Work>
  bool start(const Work& work) {
    try {
      threads_.emplace_back(work);
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace

std::size_t resolve_num_threads(std::size_t num_threads) {
  if (num_threads > 0) return num_threads;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

void parallel_for_ranges(std::size_t n, std::size_t num_threads,
                         const std::function<void(std::size_t begin, std::size_t end)>& body) {
  if (n == 0) return;
  const std::size_t parts = std::min(n, resolve_num_threads(num_threads));
  std::vector<std::exception_ptr> errors(parts);
  const auto run_range = [&](std::size_t k) {
    try {
      body(range_begin(n, parts, k), range_begin(n, parts, k + 1));
    } catch (...) {
      errors[k] = std::current_exception();
    }
  };
  {
    Threads threads(parts - 1);
    for (std::size_t k = 1; k < parts; ++k) {
      if (!threads.start([&run_range, k] { run_range(k); })) run_range(k);
    }
    run_range(0);
  }
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace labelbeam
