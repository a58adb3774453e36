// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

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
import io.fairlead.spi.kit.ServiceNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.kiwiproject.consul.Consul;

/**
 * A Consul agent as a registry: services are followed with held queries, never polled; instances are registered on the
 * agent, which runs their HTTP, TCP and gRPC checks. Safe for any thread. Nothing is sent before it is used.
 *
 * <p>Each of up to 64 services has a query of its own. Of more, a change is seen within about a second too, in at most 300
 * reads a second, where the agent lets the catalog's services and nodes and the checks by state be read; where it does not,
 * within about twelve.
 *
 * <p>A Consul id is unique on its node only: an id that is the service's name, as it is by default, is listed with its node,
 * as in {@code orders@n1}, and so is another that is found on several nodes.
 *
 * <p>Zone, version, scheme and draining travel as metadata of those names, weight as Consul's weights. A draining
 * instance is also put into maintenance, so that everybody who reads Consul sees it.
 */
public final class ConsulRegistry implements Registry {
    private static final Duration READ_DEADLINE = Duration.ofSeconds(3);
    private static final int CONNECT_MILLIS = 1_000;
    private static final int EXCHANGE_MILLIS = 2_500;

    private final ConsulOptions options;
    private final Environment environment;
    private final ConsulHttp http;
    private final Consul client;
    private final QuerySlots slots;
    private final OpenRegistrations registrations;
    private final OpenWatches<ConsulWatch> watches;
    private final NodeWatch node;

    /** How Consul's servers answer reads. */
    public enum Consistency {
        /** The leader answers; briefly stale around an election. */
        DEFAULT,
        /** Any server answers, also without a leader. */
        STALE,
        /** The leader answers after asking a majority. */
        CONSISTENT
    }

    private ConsulRegistry(ConsulOptions options, Environment environment) {
        this.options = options;
        this.environment = environment;
        this.http = new ConsulHttp(options, environment);
        this.client = client(options);
        this.slots = new QuerySlots(() -> new Changes(options, http, environment, this::openWatches));
        this.watches = new OpenWatches<>(
                description(),
                environment,
                (service, feed) -> new ConsulWatch(service, http, options, slots, environment, feed, this::wakeAll));
        this.node = new NodeWatch(options, http, slots, environment);
        this.registrations = new OpenRegistrations(options.timing(), environment);
    }

    /** An agent at {@code localhost:8500}, to be changed. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String description() {
        return options.toString();
    }

    @Override
    public String identity() {
        ConsulOptions.Selection from = options.selection();
        return options + " datacenter=" + from.datacenter() + " namespace=" + from.namespace() + " filter="
                + from.filter() + " tags=" + from.tags();
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        ConsulFormat.meta(instance);
        ConsulOptions.ExternalNode external = options.externalNode();
        if (external != null) {
            return registrations.start(instance, check, new CatalogRecord(http, external, instance.id()), true);
        }
        ConsulFormat.requireAddressable("id", instance.id());
        ConsulRecord backend = new ConsulRecord(http, client.agentClient(), options, check, instance.id());
        Registration registration = registrations.start(instance, check, backend, false);
        node.add(backend);
        return registration;
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        return watches.subscribe(service, listener);
    }

    @Override
    public ServiceSnapshot list(String service) {
        String name = ServiceSnapshot.empty(service, 0).service();
        watches.requireOpen();
        return new ServiceSnapshot(name, 0, ConsulWatch.readOnce(name, http, options, environment, READ_DEADLINE));
    }

    @Override
    public Set<String> services() {
        watches.requireOpen();
        String datacenter = options.selection().datacenter();
        String path = "/v1/catalog/services" + (datacenter == null ? "" : "?dc=" + ConsulHttp.encode(datacenter));
        Set<String> names = new TreeSet<>();
        for (String listed : HealthAnswer.names(http.getNow(path, READ_DEADLINE).body())) {
            ServiceNames.of(listed).ifPresent(names::add);
        }
        names.remove("consul");
        return names;
    }

    @Override
    public List<Registration> registrations() {
        return registrations.list();
    }

    @Override
    public void close() {
        watches.close();
        node.close();
        registrations.close();
        client.destroy();
        http.close();
    }

    private void wakeAll() {
        watches.all().forEach(ConsulWatch::wake);
    }

    private List<ConsulWatch> openWatches() {
        return watches.all();
    }

    private static Consul client(ConsulOptions options) {
        Consul.Builder builder = Consul.builder()
                .withPing(false)
                .withUrl(options.baseUrl())
                .withConnectTimeoutMillis(CONNECT_MILLIS)
                .withReadTimeoutMillis(EXCHANGE_MILLIS)
                .withConsulFailoverInterceptor(new BoundedAnswers())
                .withWriteTimeoutMillis(EXCHANGE_MILLIS)
                .withTokenAuth(() -> {
                    String token = options.currentToken();
                    return token == null ? "" : token;
                });
        Tls tls = options.tls();
        if (tls != null) {
            builder.withHttps(true).withSslContext(tls.context()).withTrustManager(tls.trustManager());
        }
        return builder.build();
    }

    /** Options of a {@link ConsulRegistry}, or of a document beside it. Not thread-safe. */
    public static final class Builder {
        private String address = "localhost:8500";
        private Supplier<@Nullable String> token = () -> null;
        private @Nullable String datacenter;
        private @Nullable String namespace;
        private @Nullable String near;
        private @Nullable String filter;
        private final List<String> tags = new ArrayList<>();
        private ConsulOptions.@Nullable ExternalNode externalNode;
        private Consistency consistency = Consistency.DEFAULT;
        private @Nullable Tls tls;
        private Duration wait = Duration.ofSeconds(20);
        private RegistrationTiming timing = RegistrationTiming.defaults();
        private Environment environment = Environment.system();

        private Builder() {}

        /** The agent, {@code host:port}; default {@code localhost:8500}. */
        public Builder address(String hostAndPort) {
            this.address = hostAndPort;
            return this;
        }

        /** ACL token, sent in a header only; default none. */
        public Builder token(String value) {
            return token(() -> value);
        }

        /** Where to get the ACL token for each request, so that it can be rotated; may yield null. */
        public Builder token(Supplier<@Nullable String> value) {
            this.token = value;
            return this;
        }

        /** Datacentre to read; default the agent's own. */
        public Builder datacenter(String value) {
            this.datacenter = value;
            return this;
        }

        /** Namespace to read, on servers that have them; default the token's own. */
        public Builder namespace(String value) {
            this.namespace = value;
            return this;
        }

        /** Node by whose round-trip time answers are sorted, {@code _agent} for the agent's own; default unsorted. */
        public Builder near(String node) {
            this.near = node;
            return this;
        }

        /** Consul's filter expression, as in {@code Service.Meta.zone == "eu"}; default all instances. */
        public Builder filter(String expression) {
            this.filter = expression;
            return this;
        }

        /** Only instances that have this tag; every call adds one, all must be there. */
        public Builder tag(String value) {
            tags.add(value);
            return this;
        }

        /**
         * Registers in the catalog, on a node that runs no agent, instead of on the agent asked. Health checks are then run
         * by this process.
         */
        public Builder externalNode(String name, String address) {
            ConsulFormat.requireAddressable("externalNode", name);
            this.externalNode = new ConsulOptions.ExternalNode(name, address);
            return this;
        }

        /** How reads are answered; default {@link Consistency#DEFAULT}. */
        public Builder consistency(Consistency value) {
            this.consistency = value;
            return this;
        }

        /** Speaks TLS; host names are verified. Client certificates come with the context. */
        public Builder tls(SSLContext context, X509TrustManager trustManager) {
            this.tls = new Tls(context, trustManager);
            return this;
        }

        /**
         * How long Consul holds a query, 1 to 30 s; default 20 s. An idle service costs one request in that time, and an
         * agent that hangs is noticed 4 s after it.
         */
        public Builder wait(Duration value) {
            if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(Duration.ofSeconds(30)) > 0) {
                throw new IllegalArgumentException("wait: " + value + " (expected: PT1S..PT30S)");
            }
            this.wait = value;
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
        public ConsulRegistry build() {
            return new ConsulRegistry(options(), environment);
        }

        /**
         * The document under one key of the agent's key-value store, read with this address, token, TLS, datacentre,
         * namespace, consistency and wait. Each watch has a connection of its own, of which one query is held; it ends with
         * the watch. The token needs {@code key "…" { policy = "read" }} and nothing else. Consul keeps values of up to
         * 512 KiB.
         *
         * @throws IllegalArgumentException for a key that is empty, has more than 512 characters or a control character, or
         *     that Consul's paths can not carry: with a slash at either end, {@code //}, {@code .} or {@code ..}
         */
        public DocumentSource document(String key) {
            return new ConsulDocumentSource(key, options(), environment);
        }

        private ConsulOptions options() {
            return new ConsulOptions(
                    address,
                    token,
                    new ConsulOptions.Selection(datacenter, namespace, near, filter, List.copyOf(tags)),
                    consistency,
                    tls,
                    wait,
                    timing,
                    externalNode);
        }
    }
}
