#ifndef MOCK_ITA_CERTIFICATE_H
#define MOCK_ITA_CERTIFICATE_H

/* The mock's certificate: from files, or made fresh; written out for those who shall trust it.
 * Blocking: before the loop runs. */

#include "mock_ita/options.h"

struct tls_identity;

/* Loads or makes the certificate and writes what --print-cert and --cert-pem ask for. On OK the
 * caller releases *out with tls_identity_release(). */
MUST_CHECK enum status mock_certificate_prepare(const struct mock_options *options,
                                                struct tls_identity **out, struct fault *fault);
/* The first certificate of PEM text as DER. Pure. */
MUST_CHECK enum status mock_certificate_to_der(struct str pem, struct buf *der,
                                               struct fault *fault);

#endif
