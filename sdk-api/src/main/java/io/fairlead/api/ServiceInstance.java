// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One running copy of a service at one address. An immutable value, safe for any thread; build it with
 * {@link #builder(String)}.
 *
 * <p>Every component is validated; a bad one throws {@link IllegalArgumentException} whose message names the component,
 * the value given and what was expected. What this SDK registers obeys the stricter rules of {@link #requireRegistrable};
 * what others registered is read by {@link #reader} with wider ones. Component order is part of the API: new components
 * go last.
 *
 * @param service logical name callers ask for: labels of letters, digits, {@code -} and {@code _} that begin and end with
 *     a letter or digit, joined by dots, lower case, at most 253 characters. So {@code order_service}, as Docker makes
 *     it, is a name, although RFC 1123 knows no underscore; {@code _orders} and {@code orders-} are none
 * @param id registry id, unique within the service: 1 to 4096 characters, no control characters
 * @param host IPv4 or IPv6 literal (IPv6 without brackets) or name, lower case, without a trailing dot, at most 253
 *     characters; a name read from others may have underscores
 * @param port TCP port, 1 to 65535
 * @param scheme what the instance speaks, as a hint for people: calls always keep the caller's own scheme
 * @param weight relative share of traffic, 1 to 65535, default 1
 * @param zone failure domain, or null when unknown
 * @param version build, or null when unknown
 * @param tags free words, in the order given
 * @param metadata free strings by key, in the order given
 * @param status health as the registry sees it
 */
public record ServiceInstance(
        String service,
        String id,
        String host,
        int port,
        String scheme,
        int weight,
        @Nullable String zone,
        @Nullable String version,
        Set<String> tags,
        Map<String, String> metadata,
        InstanceStatus status) {

    /** Weight of an instance that names none. */
    public static final int DEFAULT_WEIGHT = 1;

    /** Largest legal weight. */
    public static final int MAX_WEIGHT = 65_535;

    /** Validates every component and copies the collections. */
    public ServiceInstance {
        service = Names.requireService(service);
        id = Names.requireId(id);
        host = Names.requireHost(host);
        Names.requireRange("port", port, 1, 65_535);
        scheme = Names.requireScheme(scheme);
        Names.requireRange("weight", weight, 1, MAX_WEIGHT);
        zone = Names.optionalText("zone", zone);
        version = Names.optionalText("version", version);
        tags = Names.copyOfTags(tags);
        metadata = Names.copyOfMetadata(metadata);
        if (status == null) {
            throw new IllegalArgumentException("status: null (expected: PASSING, WARNING, CRITICAL or DRAINING)");
        }
    }

    /** A builder for an instance of {@code service}; the address is the only other thing it needs. */
    public static Builder builder(String service) {
        return new Builder(service, null);
    }

    /**
     * A builder for an instance that others registered: whoever can be reached is taken, and what can not be represented
     * is left out. Ids may have blanks and any letters, host names underscores; a bad scheme, version, zone, tag or
     * metadata entry is dropped, a weight outside of 1 to 65535 moved to the nearest, an id that can not stand as it is
     * escaped or shortened. Only a bad service, host or port is an error of {@link Builder#build}.
     *
     * @param onLeftOut hears, within {@code build}, of each thing left out or changed: what, the value given, escaped and
     *     shortened, and what was expected
     */
    public static Builder reader(String service, Consumer<String> onLeftOut) {
        return new Builder(service, onLeftOut);
    }

    /**
     * Refuses what this SDK would not register: an id that is not 1 to 256 printable ASCII characters without blanks, a
     * host name that is not RFC 1123, more than 64 tags or metadata entries, a zone, version or tag above 256 characters,
     * a metadata value above 4096. Instances of {@link #builder} have passed it; those of {@link #reader} need not.
     *
     * @throws IllegalArgumentException names the component, the value given and what was expected
     */
    public void requireRegistrable() {
        Names.requireStrictId(id);
        Names.requireStrictHost(host);
        Names.requireStrictText("zone", zone);
        Names.requireStrictText("version", version);
        Names.requireStrictTags(tags);
        Names.requireStrictMetadata(metadata);
    }

    /** A builder that starts with everything this instance has. */
    public Builder toBuilder() {
        Builder copy = new Builder(service, isRegistrable() ? null : ignored -> {})
                .id(id)
                .address(host, port)
                .scheme(scheme)
                .weight(weight);
        copy.zone = zone;
        copy.version = version;
        copy.tags.addAll(tags);
        copy.metadata.putAll(metadata);
        return copy.status(status);
    }

    /** This instance with another status; itself when the status is the same. */
    public ServiceInstance withStatus(InstanceStatus other) {
        return other == status
                ? this
                : new ServiceInstance(service, id, host, port, scheme, weight, zone, version, tags, metadata, other);
    }

    private boolean isRegistrable() {
        try {
            requireRegistrable();
            return true;
        } catch (IllegalArgumentException foreign) {
            return false;
        }
    }

    /** {@code host:port}, with brackets around an IPv6 literal. */
    public String authority() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** All of it but the values of the metadata, which may be secrets. */
    @Override
    public String toString() {
        return "ServiceInstance[service=" + service + ", id=" + id + ", host=" + host + ", port=" + port + ", scheme="
                + scheme
                + ", weight=" + weight + ", zone=" + zone + ", version=" + version + ", tags=" + tags + ", metadata="
                + metadata.keySet() + ", status=" + status + "]";
    }

    /**
     * True when {@code other} is the same running copy as far as statistics go: same service, id and address. Weight,
     * tags, metadata and status may differ.
     */
    public boolean isSameCopyAs(ServiceInstance other) {
        return port == other.port && id.equals(other.id) && host.equals(other.host) && service.equals(other.service);
    }

    /** Collects the components of a {@link ServiceInstance}. Not thread-safe. */
    public static final class Builder {
        private final String service;
        private final Set<String> tags = new LinkedHashSet<>();
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private @Nullable String id;
        private @Nullable String host;
        private int port;
        private String scheme = "http";
        private int weight = DEFAULT_WEIGHT;
        private @Nullable String zone;
        private @Nullable String version;
        private InstanceStatus status = InstanceStatus.PASSING;

        private final @Nullable Consumer<String> onLeftOut;

        private Builder(String service, @Nullable Consumer<String> onLeftOut) {
            this.service = service;
            this.onLeftOut = onLeftOut;
        }

        /** Registry id; default {@code service-host-port} with anything but letters, digits, dots and dashes replaced. */
        public Builder id(String value) {
            this.id = value;
            return this;
        }

        /** Where the instance listens: an IPv4 or IPv6 literal (with or without brackets) or a name, and a port. */
        public Builder address(String newHost, int newPort) {
            this.host = newHost;
            this.port = newPort;
            return this;
        }

        /** What the instance speaks; default {@code http}. */
        public Builder scheme(String value) {
            this.scheme = value;
            return this;
        }

        /** Relative share of traffic, 1 to 65535; default 1. */
        public Builder weight(int value) {
            this.weight = value;
            return this;
        }

        /** Failure domain, for example {@code eu-1a}; default none. */
        public Builder zone(@Nullable String value) {
            this.zone = value;
            return this;
        }

        /** Build; default none. */
        public Builder version(@Nullable String value) {
            this.version = value;
            return this;
        }

        /** Adds one free word. */
        public Builder tag(String value) {
            tags.add(value);
            return this;
        }

        /** Adds free words. */
        public Builder tags(Iterable<String> values) {
            values.forEach(tags::add);
            return this;
        }

        /** Adds or replaces one free string. */
        public Builder metadata(String key, String value) {
            metadata.put(key, value);
            return this;
        }

        /** Adds or replaces free strings. */
        public Builder metadata(Map<String, String> values) {
            metadata.putAll(values);
            return this;
        }

        /** Health as the registry sees it; default {@link InstanceStatus#PASSING}. */
        public Builder status(InstanceStatus value) {
            this.status = value;
            return this;
        }

        /**
         * The instance.
         *
         * @throws IllegalArgumentException when a component is illegal or the address is missing
         */
        public ServiceInstance build() {
            if (host == null) {
                throw new IllegalArgumentException(
                        "address of '" + service + "': missing (expected: address(host, port) on the builder)");
            }
            String realId = id != null ? id : Names.idFor(service, host, port);
            if (onLeftOut != null) {
                return read(realId, host, new Leniency(onLeftOut));
            }
            ServiceInstance instance = new ServiceInstance(
                    service, realId, host, port, scheme, weight, zone, version, tags, metadata, status);
            instance.requireRegistrable();
            return instance;
        }

        private ServiceInstance read(String realId, String realHost, Leniency lenient) {
            return new ServiceInstance(
                    service,
                    lenient.id(realId, Names.idFor(service, realHost, port)),
                    realHost,
                    port,
                    lenient.scheme(scheme),
                    lenient.weight(weight),
                    lenient.text("zone", zone),
                    lenient.text("version", version),
                    lenient.tags(tags),
                    lenient.metadata(metadata),
                    status);
        }
    }
}
