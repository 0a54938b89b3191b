// HMAC in one call of OpenSSL 3's.
#include "base/hmac_sha256.h"

#include <cstddef>
#include <cstdlib>

#include <openssl/evp.h>

namespace playhead {

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Digest digest;
  std::size_t size = 0;
  // A key that is null would mean "no key yet".
  const char* key_data = key.empty() ? "" : key.data();
  const auto* done = EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key_data, key.size(),
                               reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                               digest.data(), digest.size(), &size);
  if (done == nullptr || size != digest.size()) std::abort();
  return digest;
}

}  // namespace playhead
