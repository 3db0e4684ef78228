// Workers: threads that run tasks in the order in which they came, a bounded number at once.
//
// With one at once it is a strand. A task that waits for a person gives its turn away meanwhile
// (Pause), so that a question to one user holds nobody else up. Thread-safe.
// Invariants: every thread is joined by the destructor; a task that has not begun by then never
// runs.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mikura {

class Workers {
 public:
  using Task = std::function<void()>;

  explicit Workers(unsigned at_once) : at_once_(at_once) {}
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False if too much waits already.
  bool post(Task task);

  // Inside a task.
  class Pause {
   public:
    explicit Pause(Workers& workers);
    ~Pause();
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Workers& workers_;
  };

 private:
  void work();

  const unsigned at_once_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> waiting_;
  unsigned running_ = 0;  // paused ones do not count
  unsigned idle_ = 0;
  bool ending_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace mikura
