// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;

/** What TLS to Consul needs: OkHttp wants the trust manager beside the context. Host names are always verified. */
record Tls(SSLContext context, X509TrustManager trustManager) {}
