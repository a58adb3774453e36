// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import io.fairlead.api.Ticker;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A connection for one probe with one deadline for everything: connecting, and each read however little it brings, so
 * that a server that drips can not hold a worker. Not thread-safe.
 */
final class ProbeSocket implements AutoCloseable {
    private final Ticker ticker = Ticker.system();
    private final long startNanos = ticker.nanos();
    private final long timeoutNanos;
    private Socket socket = new Socket();

    private ProbeSocket(Duration timeout) {
        this.timeoutNanos = timeout.toNanos();
    }

    static ProbeSocket connect(InetAddress address, int port, Duration timeout) throws IOException {
        ProbeSocket probe = new ProbeSocket(timeout);
        try {
            probe.socket.connect(new InetSocketAddress(address, port), probe.leftMillis());
            probe.socket.setTcpNoDelay(true);
            return probe;
        } catch (IOException refused) {
            probe.close();
            throw refused;
        }
    }

    /**
     * Goes on over TLS.
     *
     * @param verify whether the certificate must be trusted and {@code serverName}'s
     * @param protocol what is spoken inside, as ALPN names it
     */
    void secure(String serverName, boolean verify, String protocol) throws IOException {
        SSLSocket secured = (SSLSocket) factory(verify).createSocket(socket, serverName, socket.getPort(), true);
        socket = secured;
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        if (verify) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        secured.setSSLParameters(parameters);
        secured.setSoTimeout(leftMillis());
        secured.startHandshake();
    }

    private static SSLSocketFactory factory(boolean verify) throws IOException {
        try {
            if (verify) {
                // Not SSLSocketFactory.getDefault(), which keeps what was the default when it was first asked.
                return SSLContext.getDefault().getSocketFactory();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustAnybody()}, null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException unsupported) {
            throw new IOException("no TLS", unsupported);
        }
    }

    OutputStream out() throws IOException {
        return socket.getOutputStream();
    }

    /** Reads until the deadline. */
    InputStream in() throws IOException {
        return new FilterInputStream(socket.getInputStream()) {
            @Override
            public int read() throws IOException {
                socket.setSoTimeout(leftMillis());
                return super.read();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                socket.setSoTimeout(leftMillis());
                return super.read(bytes, offset, length);
            }
        };
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private int leftMillis() throws SocketTimeoutException {
        long left = TimeUnit.NANOSECONDS.toMillis(timeoutNanos - (ticker.nanos() - startNanos));
        if (left <= 0) {
            throw new SocketTimeoutException("no answer within " + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms");
        }
        return (int) left;
    }

    /** For whoever asked for it: an extended one, as the JDK checks host names around any other. */
    private static final class TrustAnybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket peer) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket peer) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine peer) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine peer) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
