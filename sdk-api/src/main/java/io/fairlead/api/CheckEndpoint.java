// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import org.jspecify.annotations.Nullable;

/**
 * Where and how a {@link HealthCheck} connects: to the instance's own address, or to a port, host and scheme of its own, as
 * a management server has them. An immutable value, safe for any thread. Consul's agent and the probes of this SDK honour
 * it alike, but for the server name, which Consul's agent knows from 1.9 on; checks without a connection ignore it. Probes of
 * this SDK trust what {@link javax.net.ssl.SSLContext#getDefault} trusts.
 *
 * @param host IPv4 or IPv6 literal or name, or null for the instance's
 * @param port 1 to 65535, or 0 for the instance's
 * @param scheme {@code http} or {@code https}, or null for the instance's, where anything else than {@code https}, as
 *     {@code grpc}, counts as {@code http}; {@code https} means TLS, also for gRPC
 * @param verifyTls whether the certificate must be trusted and be the server's; default true
 * @param serverName the name sent to and expected of a TLS server, or null for the host
 */
public record CheckEndpoint(
        @Nullable String host,
        int port,
        @Nullable String scheme,
        boolean verifyTls,
        @Nullable String serverName) {

    private static final CheckEndpoint OF_INSTANCE = new CheckEndpoint(null, 0, null, true, null);

    /** Validates every component; a bad one throws {@link IllegalArgumentException}. */
    public CheckEndpoint {
        host = host == null ? null : Names.requireHost(host);
        serverName = serverName == null ? null : Names.requireHost(serverName);
        Names.requireRange("check port", port, 0, 65_535);
        if (scheme != null && !scheme.equals("http") && !scheme.equals("https")) {
            throw Names.illegal("check scheme", scheme, "'http' or 'https'");
        }
    }

    /** The instance's own address and scheme, certificates verified. */
    public static CheckEndpoint ofInstance() {
        return OF_INSTANCE;
    }

    /** With another host. */
    public CheckEndpoint withHost(String value) {
        return new CheckEndpoint(Names.requireHost(value), port, scheme, verifyTls, serverName);
    }

    /** With another port, 1 to 65535. */
    public CheckEndpoint withPort(int value) {
        Names.requireRange("check port", value, 1, 65_535);
        return new CheckEndpoint(host, value, scheme, verifyTls, serverName);
    }

    /** With {@code http} or {@code https}, whatever the instance itself speaks. */
    public CheckEndpoint withScheme(String value) {
        return new CheckEndpoint(host, port, value, verifyTls, serverName);
    }

    /** Takes any certificate, as a self-signed one; whoever answers there is believed. */
    public CheckEndpoint withoutTlsVerification() {
        return new CheckEndpoint(host, port, scheme, false, serverName);
    }

    /** With a name to send to, and to expect of, a TLS server, for one that is connected to by address. */
    public CheckEndpoint withServerName(String value) {
        return new CheckEndpoint(host, port, scheme, verifyTls, Names.requireHost(value));
    }

    /** The host to connect to for this instance. */
    public String hostOf(ServiceInstance instance) {
        return host == null ? instance.host() : host;
    }

    /** The port to connect to for this instance. */
    public int portOf(ServiceInstance instance) {
        return port == 0 ? instance.port() : port;
    }

    /** The scheme to speak to this instance. */
    public String schemeOf(ServiceInstance instance) {
        if (scheme != null) {
            return scheme;
        }
        return instance.scheme().equals("https") ? "https" : "http";
    }

    /** {@code host:port} for this instance, with brackets around an IPv6 literal. */
    public String authorityOf(ServiceInstance instance) {
        String name = hostOf(instance);
        return (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + portOf(instance);
    }

    /** The name a TLS server is asked for, for this instance. */
    public String serverNameOf(ServiceInstance instance) {
        return serverName == null ? hostOf(instance) : serverName;
    }
}
