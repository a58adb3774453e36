// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.api.Subscription;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;

/** A document under one key of etcd. A watch belongs to nobody else: it has its own client. Safe for any thread. */
final class EtcdDocumentSource implements DocumentSource {
    private static final int LONGEST_KEY = 512;

    private final String key;
    private final EtcdOptions options;
    private final Environment environment;

    EtcdDocumentSource(String key, EtcdOptions options, Environment environment) {
        boolean printable = key.chars().noneMatch(Character::isISOControl);
        if (key.isEmpty() || key.length() > LONGEST_KEY || !printable) {
            throw new IllegalArgumentException("key: " + key.length() + " characters (expected: 1 to " + LONGEST_KEY
                    + ", none of them a control character)");
        }
        this.key = key;
        this.options = options;
        this.environment = environment;
    }

    @Override
    public String description() {
        return "etcd key " + key + " at " + String.join(",", options.urls());
    }

    @Override
    public Subscription watch(Listener listener) {
        EtcdKeyWatch watch = new EtcdKeyWatch(key, description(), options, environment, listener);
        watch.start();
        return watch;
    }

    @Override
    public String toString() {
        return description();
    }
}
