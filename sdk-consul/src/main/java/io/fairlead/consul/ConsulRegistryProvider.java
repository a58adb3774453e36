// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.Registry;
import io.fairlead.composite.CompositeRegistry;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistryProvider;
import io.fairlead.spi.UriOptions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens {@code consul://host:port?dc=…&consistency=default|stale|consistent&wait=seconds&ns=…&near=…&filter=…&tag=…}. Several
 * datacentres, {@code dc=eu,us}, are asked in that order: the first that has a usable instance. The ACL token, if any, is
 * taken from the environment variable {@code CONSUL_HTTP_TOKEN}.
 */
public final class ConsulRegistryProvider implements RegistryProvider {
    private static final Set<String> OPTIONS = Set.of("dc", "consistency", "wait", "ns", "near", "filter", "tag");
    private static final Set<String> KEY_OPTIONS = Set.of("dc", "consistency", "wait", "ns");

    /** For {@link java.util.ServiceLoader}. */
    public ConsulRegistryProvider() {}

    @Override
    public String scheme() {
        return "consul";
    }

    @Override
    public Registry open(URI uri, Environment environment) {
        UriOptions parts = UriOptions.parse(uri, "localhost", 8500, OPTIONS);
        if (parts.addresses().size() > 1 || !parts.path().isEmpty()) {
            throw new IllegalArgumentException("registry URI: '" + UriOptions.shown(uri.toString())
                    + "' (expected: one agent and no path, as in 'consul://localhost:8500')");
        }
        String datacenters = parts.option("dc");
        if (datacenters == null || !datacenters.contains(",")) {
            return open(parts, datacenters, environment);
        }
        List<Registry> ordered = new ArrayList<>();
        for (String datacenter : datacenters.split(",")) {
            ordered.add(open(parts, datacenter, environment));
        }
        return CompositeRegistry.firstHealthy(ordered, environment);
    }

    /** {@code consul://host:port/key?dc=…&consistency=default|stale|consistent&wait=seconds&ns=…}, of one datacentre. */
    @Override
    public DocumentSource document(URI uri, Environment environment) {
        UriOptions parts = UriOptions.parse(uri, "localhost", 8500, KEY_OPTIONS);
        String datacenter = parts.option("dc");
        boolean isOne = parts.addresses().size() == 1 && (datacenter == null || !datacenter.contains(","));
        if (!isOne || parts.path().isEmpty()) {
            throw new IllegalArgumentException(
                    "document URI: '" + UriOptions.shown(uri.toString())
                            + "' (expected: one agent, one datacentre and a key, as in 'consul://localhost:8500/fairlead/routes')");
        }
        return builder(parts, datacenter, environment).document(parts.path());
    }

    private static Registry open(UriOptions parts, @Nullable String datacenter, Environment environment) {
        return builder(parts, datacenter, environment).build();
    }

    private static ConsulRegistry.Builder builder(
            UriOptions parts, @Nullable String datacenter, Environment environment) {
        ConsulRegistry.Builder builder =
                ConsulRegistry.builder().address(parts.addresses().get(0)).environment(environment);
        set(datacenter, builder::datacenter);
        set(parts.option("ns"), builder::namespace);
        set(parts.option("near"), builder::near);
        set(parts.option("filter"), builder::filter);
        set(parts.option("tag"), builder::tag);
        String consistency = parts.option("consistency");
        if (consistency != null) {
            builder.consistency(consistency(consistency));
        }
        String wait = parts.option("wait");
        if (wait != null) {
            builder.wait(seconds(wait));
        }
        String token = System.getenv("CONSUL_HTTP_TOKEN");
        if (token != null && !token.isEmpty()) {
            builder.token(token);
        }
        return builder;
    }

    private static void set(@Nullable String value, Consumer<String> option) {
        if (value != null) {
            option.accept(value);
        }
    }

    private static ConsulRegistry.Consistency consistency(String text) {
        try {
            return ConsulRegistry.Consistency.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new IllegalArgumentException(
                    "consistency: '" + text + "' (expected: default, stale or consistent)", unknown);
        }
    }

    private static Duration seconds(String text) {
        if (!text.matches("\\d{1,3}")) {
            throw new IllegalArgumentException("wait: '" + text + "' (expected: whole seconds, 1..30)");
        }
        return Duration.ofSeconds(Integer.parseInt(text));
    }
}
