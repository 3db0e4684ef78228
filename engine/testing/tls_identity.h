// A key and a certificate, signed by itself, for a test's server on localhost; and the server's end
// of a TLS connection.
//
// Thread-safety: a TlsIdentity may serve many connections; a TlsSession belongs to one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace mikura {

class TlsIdentity {
 public:
  // Valid for an hour, for localhost and 127.0.0.1.
  TlsIdentity();
  ~TlsIdentity();

  // What a client has to trust.
  std::string certificate_pem() const;

 private:
  friend class TlsSession;
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

class TlsSession {
 public:
  // Takes a connected socket, which stays the caller's.
  TlsSession(const TlsIdentity& identity, int socket);
  ~TlsSession();

  bool handshake();
  // The count of bytes, or 0 or less at the end.
  long read(char* out, std::size_t size);
  bool write(std::string_view text);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace mikura
