// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.Subscription;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;

/**
 * A document under one key of Consul's key-value store. A watch belongs to nobody else: it has its own client and its own
 * query, and takes no slot of a registry's watches. Safe for any thread.
 */
final class ConsulDocumentSource implements DocumentSource {
    private static final int LONGEST_KEY = 512;

    private final String key;
    private final ConsulOptions options;
    private final Environment environment;

    ConsulDocumentSource(String key, ConsulOptions options, Environment environment) {
        boolean printable = key.chars().noneMatch(Character::isISOControl);
        if (key.isEmpty() || key.length() > LONGEST_KEY || !printable) {
            throw new IllegalArgumentException("key: " + key.length() + " characters (expected: 1 to " + LONGEST_KEY
                    + ", none of them a control character)");
        }
        ConsulFormat.requireAddressable("key", key);
        this.key = key;
        this.options = options;
        this.environment = environment;
    }

    @Override
    public String description() {
        ConsulOptions.Selection from = options.selection();
        return "consul kv " + key + " at " + options.baseUrl()
                + (from.datacenter() == null ? "" : " datacenter=" + from.datacenter())
                + (from.namespace() == null ? "" : " namespace=" + from.namespace());
    }

    @Override
    public Subscription watch(Listener listener) {
        ConsulKvWatch watch = new ConsulKvWatch(key, description(), options, environment, listener);
        watch.start();
        return watch;
    }

    @Override
    public String toString() {
        return description();
    }
}
