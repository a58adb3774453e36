// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.Ticker;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

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

    /** Goes on over TLS; the certificate must be {@code host}'s. */
    void secure(String host) throws IOException {
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket secured = (SSLSocket) factory.createSocket(socket, host, socket.getPort(), true);
        socket = secured;
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.setSoTimeout(leftMillis());
        secured.startHandshake();
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
}
