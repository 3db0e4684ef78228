#include "net/http_client.h"

#include <curl/curl.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "base/task_group.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxHeaderBytes = 64 << 10;
constexpr long kMaxIdleSeconds = 25;  // servers close idle connections from about this time on
constexpr long kStallBytesPerSecond = 64;
constexpr long kBufferBytes = 128 << 10;
constexpr int kPollMilliseconds = 1000;  // curl looks at its own clocks when it is called

struct EasyCloser {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiCloser {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListCloser {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, EasyCloser>;
using MultiHandle = std::unique_ptr<CURLM, MultiCloser>;
using HeaderList = std::unique_ptr<curl_slist, ListCloser>;

// Once per process, and never undone: other users of libcurl in the process may go on.
bool curl_is_ready() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  return code == CURLE_OK;
}

// A TLS library may write to a socket that the server has closed, and the SIGPIPE would end the
// process. It is directed to this thread: blocked here, and taken away before it is let through
// again.
class SigpipeBlock {
 public:
  SigpipeBlock() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    is_blocked_ = pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_) == 0;
  }
  SigpipeBlock(const SigpipeBlock&) = delete;
  SigpipeBlock& operator=(const SigpipeBlock&) = delete;
  ~SigpipeBlock() {
    if (!is_blocked_) return;
    constexpr timespec kNow{};
    if (!was_pending_) {
      while (sigtimedwait(&sigpipe_, nullptr, &kNow) == SIGPIPE) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t sigpipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
  bool is_blocked_ = false;
};

// What the callbacks of one transfer share.
struct Transfer {
  CURL* easy = nullptr;
  const HttpRequest* request = nullptr;
  HttpResponse response;
  std::size_t header_bytes = 0;
  unsigned sends = 0;
  enum class Stop {
    none,
    too_large,
    too_many_headers,
    error_body_cut,
    second_send,
    stalled,
    no_first_byte,
  };
  Stop stop = Stop::none;
  std::chrono::milliseconds waited{0};
};

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > kMaxHeaderBytes) {
    transfer.stop = Transfer::Stop::too_many_headers;
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    transfer.response.headers.clear();  // the answer before was an interim one, or a proxy's
    return line.size();
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  HttpHeader header{std::string(trim(line.substr(0, colon))),
                    std::string(trim(line.substr(colon + 1)))};
  std::transform(header.name.begin(), header.name.end(), header.name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  transfer.response.headers.push_back(std::move(header));
  return line.size();
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  Bytes& body = transfer.response.body;
  ByteSpan piece = as_bytes(std::string_view(data, size * count));
  long status = 0;
  curl_off_t announced = -1;
  if (curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK) return 0;
  if (curl_easy_getinfo(transfer.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced) != CURLE_OK)
    return 0;

  if (status >= 200 && status < 300) {
    const std::uint64_t limit = transfer.request->max_response_bytes;
    const auto announced_bytes = static_cast<std::uint64_t>(std::max<curl_off_t>(announced, 0));
    if (announced_bytes > limit || piece.size() > limit - body.size()) {
      transfer.stop = Transfer::Stop::too_large;
      return 0;
    }
    if (body.empty()) body.reserve(static_cast<std::size_t>(announced_bytes));
    append(body, piece);
    return piece.size();
  }
  const std::size_t room = kMaxErrorBodyBytes - body.size();
  append(body, piece.first(std::min(room, piece.size())));
  if (piece.size() <= room) return piece.size();
  transfer.stop = Transfer::Stop::error_body_cut;
  return 0;
}

// Called before each time that the request is written to a connection.
int on_send(void* user, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (++transfer.sends > 1 && !transfer.request->repeatable) {
    transfer.stop = Transfer::Stop::second_send;
    return CURL_PREREQFUNC_ABORT;
  }
  return CURL_PREREQFUNC_OK;
}

// Notices when no byte has moved for too long. curl's own measure is an average over five seconds.
// Until the request is being sent, the time for connecting counts instead.
class StallWatch {
 public:
  StallWatch(const HttpRequest& request, const HttpClientOptions& options)
      : body_bytes_(request.body.size()),
        stall_(options.stall_timeout),
        first_byte_(first_byte_timeout(request, options)) {}

  static std::chrono::milliseconds first_byte_timeout(const HttpRequest& request,
                                                      const HttpClientOptions& options) {
    return options.first_byte_timeout + std::chrono::seconds(request.body.size() >> 20);
  }

  // What has come to an end: nothing, the patience for the next byte or for the first one.
  Transfer::Stop look(const Transfer& transfer) {
    curl_off_t sent = 0;
    if (curl_easy_getinfo(transfer.easy, CURLINFO_SIZE_UPLOAD_T, &sent) != CURLE_OK) sent = 0;
    const std::uint64_t moved = transfer.sends + transfer.header_bytes +
                                transfer.response.body.size() + static_cast<std::uint64_t>(sent);
    const auto now = std::chrono::steady_clock::now();
    if (moved != moved_ || transfer.sends == 0) {
      moved_ = moved;
      since_ = now;
    }
    waits_for_first_byte_ = transfer.sends > 0 && transfer.header_bytes == 0 &&
                            static_cast<std::uint64_t>(sent) >= body_bytes_;
    if (now - since_ < limit()) return Transfer::Stop::none;
    return waits_for_first_byte_ ? Transfer::Stop::no_first_byte : Transfer::Stop::stalled;
  }

  std::chrono::milliseconds limit() const { return waits_for_first_byte_ ? first_byte_ : stall_; }

  int poll_milliseconds() const {
    const auto left = limit() - std::chrono::duration_cast<std::chrono::milliseconds>(
                                    std::chrono::steady_clock::now() - since_);
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 1, kPollMilliseconds));
  }

 private:
  const std::uint64_t body_bytes_;
  const std::chrono::milliseconds stall_;
  const std::chrono::milliseconds first_byte_;
  bool waits_for_first_byte_ = false;
  std::uint64_t moved_ = 0;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

// Sets options and remembers the first failure.
class OptionSetter {
 public:
  explicit OptionSetter(CURL* easy) : easy_(easy) {}

  template <class T>
  void set(CURLoption option, T value) {
    if (failure_ == CURLE_OK) failure_ = curl_easy_setopt(easy_, option, value);
  }
  CURLcode failure() const { return failure_; }

 private:
  CURL* easy_;
  CURLcode failure_ = CURLE_OK;
};

bool valid_header(const HttpHeader& header) {
  static constexpr std::string_view kBreaks("\r\n\0", 3);
  return !header.name.empty() && header.name.find_first_of(kBreaks) == std::string::npos &&
         header.name.find(':') == std::string::npos &&
         header.value.find_first_of(kBreaks) == std::string::npos;
}

Result<HeaderList> make_header_list(const HttpRequest& request) {
  HeaderList list;
  const auto add = [&list](const std::string& line) {
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return false;
    static_cast<void>(list.release());
    list.reset(longer);
    return true;
  };
  // What curl would add by itself.
  bool complete = add("Expect:") && add("Accept:");
  bool has_content_type = false;
  for (const HttpHeader& header : request.headers) {
    if (!valid_header(header)) {
      return Error(Code::invalid, "the HTTP header '" + header.name + "' holds a line break");
    }
    has_content_type = has_content_type || header.name == "content-type";
    // "name;" is curl's way to send a header without a value.
    complete = complete &&
               add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  if (!has_content_type) complete = complete && add("Content-Type:");
  if (!complete) return Error(Code::internal, "out of memory for HTTP headers");
  return list;
}

}  // namespace

class HttpClient::Connection {
 public:
  static std::unique_ptr<Connection> open() {
    auto connection = std::make_unique<Connection>();
    connection->multi_.reset(curl_multi_init());
    connection->easy_.reset(curl_easy_init());
    if (connection->multi_ == nullptr || connection->easy_ == nullptr) return nullptr;
    return connection;
  }

  Result<HttpResponse> send(const HttpRequest& request, const HttpClientOptions& options,
                            const std::stop_token& stop) {
    TRY_ASSIGN(const HeaderList headers, make_header_list(request));
    Transfer transfer;
    transfer.easy = easy_.get();
    transfer.request = &request;
    error_text_[0] = '\0';
    TRY(configure(request, options, headers.get(), transfer));
    TRY_ASSIGN(const CURLcode code, run(transfer, options, stop));
    long status = 0;
    if (curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status) != CURLE_OK) status = 0;
    transfer.response.status = static_cast<int>(status);
    if (code == CURLE_OK || transfer.stop == Transfer::Stop::error_body_cut)
      return std::move(transfer.response);
    return failure(code, transfer, options);
  }

 private:
  Result<void> configure(const HttpRequest& request, const HttpClientOptions& options,
                         curl_slist* headers, Transfer& transfer) {
    curl_easy_reset(easy_.get());  // keeps the connection
    OptionSetter to(easy_.get());
    const std::string url = request.url();
    to.set(CURLOPT_URL, url.c_str());
    to.set(CURLOPT_PATH_AS_IS, 1L);
    to.set(CURLOPT_PROTOCOLS_STR, "http,https");
    to.set(CURLOPT_FOLLOWLOCATION, 0L);
    to.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    to.set(CURLOPT_NOSIGNAL, 1L);
    to.set(CURLOPT_QUICK_EXIT, 1L);  // a cancelled call does not wait for a name server
    to.set(CURLOPT_HTTPHEADER, headers);
    to.set(CURLOPT_USERAGENT, options.user_agent.c_str());
    to.set(CURLOPT_ERRORBUFFER, error_text_.data());
    to.set(CURLOPT_MAXAGE_CONN, kMaxIdleSeconds);
    to.set(CURLOPT_TCP_KEEPALIVE, 1L);
    to.set(CURLOPT_BUFFERSIZE, kBufferBytes);
    to.set(CURLOPT_UPLOAD_BUFFERSIZE, kBufferBytes);
    to.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
    to.set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.total_timeout.count()));
    to.set(CURLOPT_LOW_SPEED_LIMIT, kStallBytesPerSecond);
    const auto patience =
        std::max(options.stall_timeout, StallWatch::first_byte_timeout(request, options));
    to.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(1 + patience.count() / 1000));
    if (options.proxy == ProxyUse::never || request.endpoint.is_loopback())
      to.set(CURLOPT_PROXY, "");
    if (!options.ca_bundle.empty()) to.set(CURLOPT_CAINFO, options.ca_bundle.c_str());
    to.set(CURLOPT_HEADERFUNCTION, &on_header);
    to.set(CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
    to.set(CURLOPT_WRITEFUNCTION, &on_body);
    to.set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
    to.set(CURLOPT_PREREQFUNCTION, &on_send);
    to.set(CURLOPT_PREREQDATA, static_cast<void*>(&transfer));
    configure_method(to, request);
    if (to.failure() == CURLE_OK) return {};
    return Error(Code::internal,
                 std::string("libcurl refuses an option: ") + curl_easy_strerror(to.failure()));
  }

  static void configure_method(OptionSetter& to, const HttpRequest& request) {
    if (request.method == "GET") return to.set(CURLOPT_HTTPGET, 1L);
    if (request.method == "HEAD") return to.set(CURLOPT_NOBODY, 1L);
    if (request.method == "PUT" || request.method == "POST") {
      // Borrowed, not copied; sent with a Content-Length, also when empty.
      to.set(CURLOPT_POST, 1L);
      to.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      to.set(CURLOPT_POSTFIELDS, request.body.empty() ? "" : as_text(request.body).data());
    } else {
      to.set(CURLOPT_HTTPGET, 1L);
    }
    to.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  // Drives the transfer to its end. Whatever happens, the easy handle has left the multi handle
  // afterwards.
  Result<CURLcode> run(Transfer& transfer, const HttpClientOptions& options,
                       const std::stop_token& stop) {
    CURLM* const multi = multi_.get();
    if (curl_multi_add_handle(multi, easy_.get()) != CURLM_OK) {
      return Error(Code::internal, "libcurl cannot start a transfer");
    }
    struct Removal {
      CURLM* multi;
      CURL* easy;
      ~Removal() { curl_multi_remove_handle(multi, easy); }
    } const removal{multi, easy_.get()};
    const SigpipeBlock sigpipe_block;
    const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });

    StallWatch watch(*transfer.request, options);
    for (;;) {
      TRY(check_stop(stop));
      int running = 0;
      if (curl_multi_perform(multi, &running) != CURLM_OK)
        return Error(Code::internal, "libcurl failed in a transfer");
      if (running == 0) break;
      const Transfer::Stop ended = watch.look(transfer);
      if (ended != Transfer::Stop::none) {
        transfer.stop = ended;
        transfer.waited = watch.limit();
        return CURLE_OPERATION_TIMEDOUT;
      }
      if (curl_multi_poll(multi, nullptr, 0, watch.poll_milliseconds(), nullptr) != CURLM_OK) {
        return Error(Code::internal, "libcurl cannot wait for a connection");
      }
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE && message->easy_handle == easy_.get())
        return message->data.result;
    }
    return Error(Code::internal, "libcurl ended a transfer without a result");
  }

  Error failure(CURLcode code, const Transfer& transfer, const HttpClientOptions& options) const {
    const std::string where = transfer.request->endpoint.host_and_port();
    const std::string why = error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code);
    switch (transfer.stop) {
      case Transfer::Stop::too_large:
        return Error(Code::corrupt, where + " sent more than the " +
                                        std::to_string(transfer.request->max_response_bytes) +
                                        " bytes that the answer may have");
      case Transfer::Stop::too_many_headers:
        return Error(Code::corrupt, where + " sent more HTTP headers than any S3 server does");
      case Transfer::Stop::second_send:
        return Error(Code::transient, where + " closed the connection before it answered");
      case Transfer::Stop::stalled:
        return Error(Code::transient, where + " did not send or take a byte for " +
                                          std::to_string(transfer.waited.count() / 1000) + " s");
      case Transfer::Stop::no_first_byte:
        return Error(Code::transient, where + " did not begin to answer for " +
                                          std::to_string(transfer.waited.count() / 1000) + " s");
      case Transfer::Stop::none:
      case Transfer::Stop::error_body_cut:
        break;
    }
    if (const long status = refusal_of_proxy(); status != 0) {
      return Error(Code::denied, "the HTTP proxy does not let through to " + where + " (" +
                                     std::to_string(status) + ")")
          .with_hint(status == 407 ? "the proxy asks for a user and a password: put them into "
                                     "https_proxy, or add the endpoint to no_proxy"
                                   : "ask for the endpoint to be allowed, or add it to no_proxy");
    }
    switch (code) {
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_ISSUER_ERROR:
        return Error(Code::denied, "the TLS certificate of " + where + " is not trusted: " + why)
            .with_hint(
                "if the server has a certificate of your own authority, set AWS_CA_BUNDLE to its "
                "PEM file");
      case CURLE_SSL_CACERT_BADFILE:
        return Error(Code::invalid, "cannot read the certificates in '" + options.ca_bundle + "'")
            .with_hint("set AWS_CA_BUNDLE to a readable PEM file, or unset it");
      case CURLE_UNSUPPORTED_PROTOCOL:
      case CURLE_WEIRD_SERVER_REPLY:
        return Error(Code::corrupt, where + " does not answer in HTTP: " + why)
            .with_hint("check the endpoint: is it the S3 port, and is http or https right?");
      case CURLE_URL_MALFORMAT:
        return Error(Code::invalid, "no valid URL for " + where + ": " + why);
      case CURLE_OUT_OF_MEMORY:
        return Error(Code::internal, "out of memory in libcurl");
      default:
        return Error(Code::transient, "cannot reach " + where + ": " + why)
            .with_hint("check the network, the endpoint and the proxy settings");
    }
  }

  // The status with which a proxy refused to open a tunnel for https, in its 4xx; else 0.
  long refusal_of_proxy() const {
    long status = 0;
    if (curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &status) != CURLE_OK) return 0;
    return status >= 400 && status < 500 && status != 408 && status != 429 ? status : 0;
  }

  // The order matters: the easy handle goes first, then the multi handle, then what they point to.
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  MultiHandle multi_;
  EasyHandle easy_;
};

HttpClient::HttpClient(HttpClientOptions options) : options_(std::move(options)) {}
HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Connection> HttpClient::borrow() {
  auto idle = idle_.with([](auto& connections) -> std::unique_ptr<Connection> {
    if (connections.empty()) return nullptr;
    auto newest = std::move(connections.back());
    connections.pop_back();
    return newest;
  });
  return idle != nullptr ? std::move(idle) : Connection::open();
}

Result<HttpResponse> HttpClient::send(const HttpRequest& request, std::stop_token stop) {
  TRY(check_stop(stop));
  if (!curl_is_ready()) return Error(Code::internal, "libcurl cannot be initialised");
  std::unique_ptr<Connection> connection = borrow();
  if (connection == nullptr) return Error(Code::internal, "out of memory for a connection");
  auto response = connection->send(request, options_, stop);
  idle_.with([&](auto& connections) { connections.push_back(std::move(connection)); });
  return response;
}

}  // namespace mikura
