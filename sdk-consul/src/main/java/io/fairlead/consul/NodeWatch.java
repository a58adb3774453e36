// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import com.fasterxml.jackson.databind.JsonNode;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.spi.Environment;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether the servers list what is registered on the agent: one that lives on while its servers lose their state
 * knows it still, and would tell them within minutes only. One held query for all registrations of a process; it begins
 * with the first. Without the right to read the agent or its node there is none. Safe for any thread.
 */
final class NodeWatch implements QueryLoop.Follower {
    private static final Duration LONGEST_HOLD = Duration.ofSeconds(5);

    private final ConsulOptions options;
    private final QueryLoop loop;
    private final Set<ConsulRecord> tended = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable String node;

    NodeWatch(ConsulOptions options, ConsulHttp http, QuerySlots slots, Environment environment) {
        this.options = options;
        Duration hold = options.hold().compareTo(LONGEST_HOLD) < 0 ? options.hold() : LONGEST_HOLD;
        this.loop = new QueryLoop("read-back of " + options, this, http, slots, hold, environment);
    }

    /** From now on this record is looked at as soon as the servers do not list it any more. */
    void add(ConsulRecord record) {
        tended.removeIf(ConsulRecord::isRemoved);
        tended.add(record);
        if (!closed.get() && started.compareAndSet(false, true)) {
            loop.start();
        }
    }

    void close() {
        if (closed.compareAndSet(false, true) && started.get()) {
            loop.close();
        }
    }

    @Override
    public String path(long index, Duration hold) {
        String name = node;
        if (name == null) {
            return "/v1/agent/self";
        }
        String path = "/v1/catalog/node/" + ConsulHttp.encode(name);
        return index == 0 ? path : path + "?index=" + index + "&wait=" + ConsulFormat.go(hold);
    }

    @Override
    public long answered(ConsulHttp.Answer answer) {
        JsonNode body;
        try {
            body = HealthAnswer.JSON.readTree(answer.body());
        } catch (IOException notJson) {
            throw new RegistryException(Reason.INVALID_ANSWER, options + " sent no JSON for its node", notJson);
        }
        if (node == null) {
            String name = body.path("Config").path("NodeName").asText("");
            if (name.isEmpty()) {
                throw new RegistryException(Reason.REJECTED, options + " does not say which node it is");
            }
            node = name;
            return 0;
        }
        if (!answer.isCurrent()) {
            throw new RegistryException(Reason.UNAVAILABLE, options + " has no leader");
        }
        tended.removeIf(ConsulRecord::isRemoved);
        tended.forEach(record -> record.lookIfMissedAmong(body.path("Services")));
        return Math.max(1, answer.index());
    }

    @Override
    public void interrupted(RegistryException cause) {
        boolean unasked = cause.reason() == Reason.UNAUTHORIZED || cause.reason() == Reason.REJECTED;
        if (unasked) {
            close();
        }
    }

    @Override
    public void recovered() {
        // What failed meanwhile is written again by its own loop.
    }
}
