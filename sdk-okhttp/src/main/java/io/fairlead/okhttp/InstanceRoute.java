// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import javax.net.SocketFactory;
import okhttp3.Dns;

/**
 * How connections to one instance are made under the logical name of its service: the name resolves to the instance's
 * address, and a socket connected to that name goes to the instance's port. One stable object per instance, because
 * OkHttp's pool tells addresses apart by their {@link Dns}: a call can not be handed another instance's connection.
 * Other names, as of redirects to elsewhere, are none of its business. Safe for any thread.
 */
final class InstanceRoute extends SocketFactory implements Dns {
    /** What is no name: IPv4 in digits, or IPv6. */
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

    private final ServiceInstance instance;
    private final String logicalHost;
    private final Dns others;
    private final AddressPolicy policy;
    private final ThreadLocal<Heading> heading;
    private final AtomicReference<Heading> latest = new AtomicReference<>(new Heading(this, 0));

    /** Where the call of a thread is going, and over connections of which generation at least. */
    record Heading(InstanceRoute route, int generation) {}

    InstanceRoute(
            ServiceInstance instance,
            String logicalHost,
            Dns others,
            AddressPolicy policy,
            ThreadLocal<Heading> heading) {
        this.instance = instance;
        this.logicalHost = logicalHost;
        this.others = others;
        this.policy = policy;
        this.heading = heading;
    }

    /** A call that begins now. */
    Heading heading() {
        return Objects.requireNonNull(latest.get());
    }

    /** The instance has closed a connection, or is not there: those it had are no good to calls that begin later. */
    void renew() {
        latest.updateAndGet(before -> new Heading(this, before.generation() + 1));
    }

    @Override
    public List<InetAddress> lookup(String hostname) throws UnknownHostException {
        if (!hostname.equalsIgnoreCase(logicalHost)) {
            return others.lookup(hostname);
        }
        List<InetAddress> named = new ArrayList<>();
        for (InetAddress address : addresses()) {
            String objection = policy.objection(address);
            if (objection != null) {
                throw new UnknownHostException(instance.id() + " at " + instance.host() + ": " + objection);
            }
            // Carries the logical name, so that the socket can tell our connections from those to elsewhere.
            named.add(named(address));
        }
        return named;
    }

    /** A link-local address is one only on its own link. */
    private InetAddress named(InetAddress address) throws UnknownHostException {
        byte[] digits = address.getAddress();
        if (address instanceof Inet6Address scoped) {
            NetworkInterface link = scoped.getScopedInterface();
            if (link != null) {
                return Inet6Address.getByAddress(logicalHost, digits, link);
            }
            if (scoped.getScopeId() != 0) {
                return Inet6Address.getByAddress(logicalHost, digits, scoped.getScopeId());
            }
        }
        return InetAddress.getByAddress(logicalHost, digits);
    }

    /** Whether a host is an address, in digits or IPv6, and no name to look up. */
    static boolean isAddress(String host) {
        return ADDRESS.matcher(host).matches();
    }

    /** A host by name is the client's own {@link Dns} to find; an address is one already. */
    private List<InetAddress> addresses() throws UnknownHostException {
        String host = instance.host();
        if (isAddress(host)) {
            return List.of(InetAddress.getByName(host));
        }
        List<InetAddress> found = others.lookup(host);
        if (found.isEmpty()) {
            throw new UnknownHostException(instance.id() + " at " + host + ": the client's Dns knows no address");
        }
        return found;
    }

    @Override
    public Socket createSocket() {
        return new InstanceSocket();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
        return createSocket(host, port);
    }

    private Socket connected(InetSocketAddress address) throws IOException {
        Socket socket = createSocket();
        socket.connect(address);
        return socket;
    }

    private final class InstanceSocket extends Socket {
        private final int born = heading().generation();
        private volatile boolean closing;

        /** Asks whether it is closed, and must hear the truth. */
        @Override
        public void close() throws IOException {
            closing = true;
            super.close();
        }

        /**
         * Closed, or to be left. A call keeps the connection it has for as long as host and port stay the same, whatever its
         * DNS says. OkHttp asks this before it uses a connection again; a call that is heading for another instance hears
         * "closed", once, gives the connection back, and looks for one of its own. Others that share the connection go on. A
         * call for this instance hears it of every connection that is older than the last that was found dead.
         */
        @Override
        public boolean isClosed() {
            if (closing || super.isClosed()) {
                return super.isClosed();
            }
            Heading next = heading.get();
            if (next == null || next.route() == InstanceRoute.this) {
                return next != null && born - next.generation() < 0;
            }
            heading.remove();
            return true;
        }

        @Override
        public void connect(SocketAddress endpoint, int timeout) throws IOException {
            boolean ours = endpoint instanceof InetSocketAddress asked
                    && asked.getAddress() != null
                    && asked.getHostString().equalsIgnoreCase(logicalHost);
            super.connect(
                    ours
                            ? new InetSocketAddress(((InetSocketAddress) endpoint).getAddress(), instance.port())
                            : endpoint,
                    timeout);
        }
    }
}
