// Result<T>: a value or an Error; the only way a fallible function of the engine answers.
//
// Errors are values. Nothing throws across a folder boundary; exceptions of third-party libraries
// are caught in the one file that calls them. The closed set of codes says what the caller can do
// about the error, not where it arose, and maps to the exit codes of the command line
// (docs/commands.md).
//
// Thread-safety: plain values.
// Invariants: a Result holds exactly one of the two; a dropped Result is a compiler warning.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace mikura {

enum class Code : std::uint8_t {
  not_found,       // the named thing does not exist
  already_exists,  // a put-if-absent found the name taken
  conflict,        // a compare-and-swap lost, or a file changed under us: read again and retry
  transient,       // the store or the network is unreachable now: the same call may work later
  denied,          // the store or the system refuses: a permission is missing
  no_credentials,  // no usable credentials were found
  wrong_key,       // the key does not open this repository
  corrupt,         // bytes failed authentication, or broke an invariant of the format
  rollback,        // the store offers a history that does not contain what we have already seen
  cancelled,       // a stop was requested
  invalid,         // the caller's argument is wrong
  refused,         // a guard stopped the operation until the user confirms
  unsupported,     // this store, file system or format version cannot do it
  busy,            // another process owns the resource
  full,            // no space, or a size limit is reached
  io,              // the operating system reported an error on a local file
  internal,        // a bug in Mikura
};

// "not_found", "already_exists", ...: stable names, shown in --json.
std::string_view code_name(Code code);

// What happened, to what, and what to do next. Owns its text; never contains a secret.
class [[nodiscard]] Error {
 public:
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  Code code() const { return code_; }
  // What happened and to what: one sentence without a full stop.
  const std::string& message() const { return message_; }
  // What to do next: a sentence, or empty.
  const std::string& hint() const { return hint_; }

  // Adds what was being done: "reading HEAD: <message>".
  Error with_context(std::string_view doing) &&;
  // Sets the hint unless a deeper layer, which knows more, has set one.
  Error with_hint(std::string_view next_step) &&;
  Error with_code(Code code) && {
    code_ = code;
    return std::move(*this);
  }

  // For Code::transient: the server asked not to be called again before this has passed
  // (Retry-After). Zero if it asked for nothing. Set where the answer is read, honoured by
  // store/retrying_store.h.
  Error with_retry_after(std::chrono::milliseconds delay) && {
    retry_after_ = delay;
    return std::move(*this);
  }
  std::chrono::milliseconds retry_after() const { return retry_after_; }

 private:
  Code code_;
  std::string message_;
  std::string hint_;
  std::chrono::milliseconds retry_after_{0};
};

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  explicit operator bool() const { return state_.index() == 0; }
  bool has_value() const { return state_.index() == 0; }

  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  Error& error() & { return *std::get_if<1>(&state_); }
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

  bool failed_with(Code code) const { return !*this && error().code() == code; }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  explicit operator bool() const { return state_.index() == 0; }
  bool has_value() const { return state_.index() == 0; }

  Error& error() & { return *std::get_if<1>(&state_); }
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

  bool failed_with(Code code) const { return !*this && error().code() == code; }

 private:
  std::variant<std::monostate, Error> state_;
};

}  // namespace mikura

#define MIKURA_CONCAT_INNER(a, b) a##b
#define MIKURA_CONCAT(a, b) MIKURA_CONCAT_INNER(a, b)

// TRY(expression): returns the error of a Result<void>-like expression from the enclosing function.
#define TRY(...) MIKURA_TRY_IMPL(MIKURA_CONCAT(try_result_, __COUNTER__), __VA_ARGS__)
#define MIKURA_TRY_IMPL(result, ...)               \
  do {                                             \
    auto result = (__VA_ARGS__);                   \
    if (!result) return std::move(result).error(); \
  } while (false)

// TRY_ASSIGN(auto value, expression): unwraps a Result<T> or returns its error.
#define TRY_ASSIGN(target, ...) \
  MIKURA_TRY_ASSIGN_IMPL(MIKURA_CONCAT(try_result_, __COUNTER__), target, __VA_ARGS__)
#define MIKURA_TRY_ASSIGN_IMPL(result, target, ...) \
  auto result = (__VA_ARGS__);                      \
  if (!result) return std::move(result).error();    \
  target = *std::move(result)
