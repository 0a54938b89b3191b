// HMAC on OpenSSL 3's EVP interface.
#include "auth/hash.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace playhead {
namespace {

const unsigned char* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
};

}  // namespace

void HmacSha256::Free::operator()(EVP_MAC_CTX* context) const {
  EVP_MAC_CTX_free(context);
}

HmacSha256::HmacSha256(std::string_view key) {
  if (key.size() < kHmacKeyBytesMin) {
    throw std::invalid_argument(
        "a key for HS256 must have at least 32 bytes (RFC 7518 section 3.2)");
  }
  const std::unique_ptr<EVP_MAC, FreeMac> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  if (mac) context_.reset(EVP_MAC_CTX_new(mac.get()));
  std::string digest_name = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
      OSSL_PARAM_construct_end()};
  if (!context_ || EVP_MAC_init(context_.get(), data_of(key), key.size(), params) != 1) {
    throw std::runtime_error("OpenSSL offers no HMAC-SHA-256");
  }
  // Old releases say yes to a restart without a key and then go on with the previous text.
  if (of("restart") != of("restart")) {
    throw std::runtime_error("this OpenSSL cannot restart an HMAC; use 3.0.3 or newer");
  }
}

Digest HmacSha256::of(std::string_view bytes) {
  Digest digest;
  std::size_t size = 0;
  const bool done = EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
                    EVP_MAC_update(context_.get(), data_of(bytes), bytes.size()) == 1 &&
                    EVP_MAC_final(context_.get(), digest.data(), &size, digest.size()) == 1;
  if (!done || size != digest.size()) std::abort();
  return digest;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace playhead
