#include "testing/tls_identity.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/check.h"

namespace mikura {
namespace {

template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};

using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

Certificate self_signed(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  CHECK(certificate != nullptr);
  X509* const x509 = certificate.get();
  CHECK(X509_set_version(x509, 2) == 1);
  CHECK(ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) == 1);
  CHECK(X509_gmtime_adj(X509_getm_notBefore(x509), -60) != nullptr);
  CHECK(X509_gmtime_adj(X509_getm_notAfter(x509), 3600) != nullptr);
  CHECK(X509_set_pubkey(x509, key) == 1);
  X509_NAME* const name = X509_get_subject_name(x509);
  static constexpr unsigned char kCommonName[] = "Mikura test";
  CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kCommonName, -1, -1, 0) == 1);
  CHECK(X509_set_issuer_name(x509, name) == 1);
  const Extension names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"));
  CHECK(names != nullptr && X509_add_ext(x509, names.get(), -1) == 1);
  const Extension authority(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
  CHECK(authority != nullptr && X509_add_ext(x509, authority.get(), -1) == 1);
  CHECK(X509_sign(x509, key, EVP_sha256()) > 0);
  return certificate;
}

}  // namespace

struct TlsIdentity::Handles {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate = self_signed(key.get());
  Context context{SSL_CTX_new(TLS_server_method())};
};

TlsIdentity::TlsIdentity() : handles_(std::make_unique<Handles>()) {
  CHECK(handles_->context != nullptr);
  CHECK(SSL_CTX_use_certificate(handles_->context.get(), handles_->certificate.get()) == 1);
  CHECK(SSL_CTX_use_PrivateKey(handles_->context.get(), handles_->key.get()) == 1);
}

TlsIdentity::~TlsIdentity() = default;

std::string TlsIdentity::certificate_pem() const {
  const std::unique_ptr<BIO, Freer<BIO_free_all>> out(BIO_new(BIO_s_mem()));
  CHECK(out != nullptr && PEM_write_bio_X509(out.get(), handles_->certificate.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

struct TlsSession::Handle {
  std::unique_ptr<SSL, Freer<SSL_free>> ssl;
};

TlsSession::TlsSession(const TlsIdentity& identity, int socket)
    : handle_(std::make_unique<Handle>()) {
  handle_->ssl.reset(SSL_new(identity.handles_->context.get()));
  CHECK(handle_->ssl != nullptr && SSL_set_fd(handle_->ssl.get(), socket) == 1);
}

TlsSession::~TlsSession() = default;

bool TlsSession::handshake() {
  return SSL_accept(handle_->ssl.get()) == 1;
}

long TlsSession::read(char* out, std::size_t size) {
  return SSL_read(handle_->ssl.get(), out, static_cast<int>(size));
}

bool TlsSession::write(std::string_view text) {
  std::size_t written = 0;
  return text.empty() || SSL_write_ex(handle_->ssl.get(), text.data(), text.size(), &written) == 1;
}

}  // namespace mikura
