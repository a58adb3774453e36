// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import io.fairlead.spi.OpenRegistrations;
import io.fairlead.spi.OpenWatches;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.spi.RejectedEntries;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * etcd v3 as a registry, in the layout of Go's official {@code naming/endpoints}, so that Go services and ours see each
 * other. Services are listed and watched over one connection; each registration has a lease of its own; HTTP, TCP and
 * gRPC checks are run by the registering process. Safe for any thread.
 */
public final class EtcdRegistry implements Registry {
    private static final long DEFAULT_TTL_SECONDS = 15;

    private final KeyLayout layout;
    private final ValueCodec codec;
    private final Environment environment;
    private final EtcdConnection connection;
    private final OpenRegistrations registrations;
    private final OpenWatches<EtcdWatch> watches;

    private EtcdRegistry(Builder builder, EtcdOptions options) {
        this.layout = new KeyLayout(builder.namespace);
        this.codec = builder.codec;
        this.environment = builder.environment;
        this.connection = options.connection(environment);
        // Watches do not block, and listeners seldom.
        Environment thrifty = new Environment(
                environment.ticker(),
                environment.scheduler(),
                new FewThreads(environment),
                environment.random(),
                environment.listener());
        this.watches = new OpenWatches<>(
                connection.description(),
                thrifty,
                (service, feed) ->
                        new EtcdWatch(service, layout, codec, connection, options.fullListEvery(), thrifty, feed));
        this.registrations = new OpenRegistrations(builder.timing, environment);
    }

    /** A member at {@code localhost:2379}, namespace {@code services}, to be changed. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String description() {
        return connection.description();
    }

    @Override
    public String identity() {
        return description() + " namespace=" + layout.namespace();
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        long ttl = check.kind() == HealthCheck.Kind.TTL
                ? Math.max(1, (check.interval().toMillis() + 999) / 1_000)
                : DEFAULT_TTL_SECONDS;
        EtcdRecord backend =
                new EtcdRecord(connection, layout.instance(instance.service(), instance.id()), codec, ttl, environment);
        return registrations.start(instance, check, backend, true);
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        return watches.subscribe(service, listener);
    }

    @Override
    public ServiceSnapshot list(String service) {
        String name = ServiceSnapshot.empty(service, 0).service();
        watches.requireOpen();
        GetOption prefix = GetOption.builder().isPrefix(true).build();
        List<KeyValue> entries = connection
                .askNow(client -> client.getKVClient().get(layout.service(name), prefix))
                .getKvs();
        RejectedEntries told = new RejectedEntries(name, environment.listener());
        ListedEntries listed = new ListedEntries(new EntryReader(name, layout, codec, told));
        listed.replace(entries);
        return new ServiceSnapshot(name, 0, listed.instances());
    }

    @Override
    public Set<String> services() {
        watches.requireOpen();
        GetOption keys = GetOption.builder().isPrefix(true).withKeysOnly(true).build();
        Set<String> names = new TreeSet<>();
        connection
                .askNow(client -> client.getKVClient().get(layout.all(), keys))
                .getKvs()
                .forEach(entry -> layout.serviceOf(entry.getKey()).ifPresent(names::add));
        return names;
    }

    @Override
    public List<Registration> registrations() {
        return registrations.list();
    }

    @Override
    public void close() {
        watches.close();
        registrations.close();
        connection.close();
    }

    /** Options of an {@link EtcdRegistry}, or of a document beside it. Not thread-safe. */
    public static final class Builder {
        private List<String> endpoints = List.of("localhost:2379");
        private String namespace = "services";
        private ValueCodec codec = ValueCodec.naming();
        private Duration fullListEvery = Duration.ofMinutes(5);
        private @Nullable String user;
        private @Nullable String password;
        private @Nullable Path authority;
        private @Nullable Path certificate;
        private @Nullable Path key;
        private RegistrationTiming timing = RegistrationTiming.defaults();
        private Environment environment = Environment.system();

        private Builder() {}

        /** The members, {@code host:port} each; default {@code localhost:2379}. */
        public Builder endpoints(List<String> hostsAndPorts) {
            if (hostsAndPorts.isEmpty()) {
                throw new IllegalArgumentException("endpoints: none (expected: at least one host:port)");
            }
            this.endpoints = List.copyOf(hostsAndPorts);
            return this;
        }

        /**
         * Where the services stand; default {@code services}, for keys as {@code services/orders/id}. A leading slash is
         * part of the keys: {@code /microservices} for {@code /microservices/orders/id}, {@code /} for
         * {@code /orders/id}. One at the end means nothing.
         */
        public Builder namespace(String value) {
            if (value.isEmpty()) {
                throw new IllegalArgumentException("namespace: '' (expected: a path, as in 'services' or '/services')");
            }
            this.namespace = value.replaceAll("/+$", "");
            return this;
        }

        /** How instances stand in values; default {@link ValueCodec#naming()}. */
        public Builder codec(ValueCodec value) {
            this.codec = value;
            return this;
        }

        /** How often a watch lists everything anew, ±20 %; default 5 min. */
        Builder fullListEvery(Duration value) {
            this.fullListEvery = value;
            return this;
        }

        /** Who we are; default nobody. */
        public Builder user(String name, String secret) {
            this.user = name;
            this.password = secret;
            return this;
        }

        /** Speaks TLS, trusting this PEM file; host names are verified. */
        public Builder tls(Path authorityPem) {
            this.authority = authorityPem;
            return this;
        }

        /** Speaks TLS with a client certificate, PEM files all three. */
        public Builder tls(Path authorityPem, Path certificatePem, Path keyPem) {
            this.authority = authorityPem;
            this.certificate = certificatePem;
            this.key = keyPem;
            return this;
        }

        /** How registrations are tended; default {@link RegistrationTiming#defaults()}. */
        public Builder timing(RegistrationTiming value) {
            this.timing = value;
            return this;
        }

        /** Clock, threads, listener; default {@link Environment#system()}. */
        public Builder environment(Environment value) {
            this.environment = value;
            return this;
        }

        /** The registry. */
        public EtcdRegistry build() {
            return new EtcdRegistry(this, options());
        }

        /**
         * The document under one key, read with these members, user and TLS. Each watch has a connection of its own, which
         * ends with it. The user needs to read this key and nothing else; rights that are taken away while etcd tells of the
         * key are missed at the next full list, within six minutes.
         *
         * @param value the whole key; the namespace of services is no part of it. A slash at its beginning is
         * @throws IllegalArgumentException for a key that is empty, has more than 512 characters or a control character
         */
        public DocumentSource document(String value) {
            return new EtcdDocumentSource(value, options(), environment);
        }

        EtcdOptions options() {
            return new EtcdOptions(
                    endpoints, user, password, authority, certificate, key, fullListEvery, new EtcdThreads());
        }
    }
}
