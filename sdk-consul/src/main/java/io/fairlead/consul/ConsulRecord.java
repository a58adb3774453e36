// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.RegistrationBackend;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.kiwiproject.consul.AgentClient;
import org.kiwiproject.consul.ConsulException;
import org.kiwiproject.consul.NotRegisteredException;
import org.kiwiproject.consul.model.State;
import org.kiwiproject.consul.model.agent.FullService;
import org.kiwiproject.consul.model.agent.Registration;
import org.kiwiproject.consul.option.ImmutableQueryParameterOptions;
import org.kiwiproject.consul.option.Options;
import org.kiwiproject.consul.option.QueryParameterOptions;
import org.kiwiproject.consul.util.Jackson;

/** One instance on the local agent: registered with its checks, kept passing if its check is a TTL, read back. */
final class ConsulRecord implements RegistrationBackend {
    private static final QueryParameterOptions REPLACE_CHECKS =
            ImmutableQueryParameterOptions.builder().replaceExistingChecks(true).build();

    private static final int MOST_MISSED = 5;
    private static final Duration DEADLINE = Duration.ofMillis(2_500);

    private final ConsulHttp http;
    private final AgentClient agent;
    private final ConsulOptions options;
    private final HealthCheck check;
    private final String id;
    private volatile boolean written;
    private volatile boolean removed;
    private volatile Runnable look = () -> {};
    private final AtomicBoolean lost = new AtomicBoolean();

    // Belongs to the node watch.
    private boolean seenByServers;
    private int missedInARow;

    ConsulRecord(ConsulHttp http, AgentClient agent, ConsulOptions options, HealthCheck check, String id) {
        this.http = http;
        this.agent = agent;
        this.options = options;
        this.check = check;
        this.id = id;
    }

    @Override
    public void write(ServiceInstance instance) {
        boolean first = !written;
        removed = false;
        try {
            register(instance);
            if (check.kind() == HealthCheck.Kind.TTL) {
                // A registration keeps the check's earlier status; this sets it.
                agent.check(ConsulFormat.ttlCheckId(id), state(instance), "");
            }
            if (instance.status() == InstanceStatus.DRAINING) {
                agent.toggleMaintenanceMode(id, true, "draining");
            }
            written = true;
        } catch (NotRegisteredException | ConsulException | RegistryException failed) {
            RegistryException known = failed instanceof RegistryException told ? told : translated(failed);
            if (first) {
                undo(known);
            }
            throw known;
        }
    }

    private void register(ServiceInstance instance) {
        Registration registration = ConsulFormat.registration(instance, check);
        String serverName = check.endpoint().serverName();
        if (serverName == null) {
            agent.register(registration, Options.BLANK_QUERY_OPTIONS, REPLACE_CHECKS);
            return;
        }
        // The client knows no name for TLS; Consul does from 1.9 on.
        JsonNode body = Jackson.MAPPER.valueToTree(registration);
        for (JsonNode each : body.path("Checks")) {
            if (each instanceof ObjectNode one && !one.hasNonNull("TTL")) {
                one.put("TLSServerName", serverName);
            }
        }
        http.putNow(
                "/v1/agent/service/register?replace-existing-checks=true",
                body.toString().getBytes(StandardCharsets.UTF_8),
                DEADLINE);
    }

    /** Nothing is listed when the first write failed, whichever of its steps did, and whether or not it was heard. */
    private void undo(RegistryException failure) {
        try {
            remove();
        } catch (RegistryException stays) {
            failure.addSuppressed(stays);
        }
    }

    @Override
    public void onLost(Runnable value) {
        look = value;
    }

    /**
     * Has it looked at when the servers list it no more, though they did before and it is still wanted. Not for ever: a
     * token that lost the right to read looks alike.
     */
    void lookIfMissedAmong(JsonNode services) {
        if (services.has(id)) {
            seenByServers = true;
            missedInARow = 0;
        } else if (!removed && seenByServers && missedInARow < MOST_MISSED) {
            missedInARow++;
            lost.set(true);
            look.run();
        }
    }

    boolean isRemoved() {
        return removed;
    }

    @Override
    public boolean beat(ServiceInstance instance) {
        if (lost.getAndSet(false)) {
            return false;
        }
        if (check.kind() != HealthCheck.Kind.TTL) {
            return read() != null;
        }
        try {
            agent.check(ConsulFormat.ttlCheckId(id), state(instance), "");
            return true;
        } catch (NotRegisteredException wrapsEverything) {
            RegistryException failure = translated(wrapsEverything);
            if (isUnknownCheck(wrapsEverything, failure)) {
                return false;
            }
            throw failure;
        }
    }

    @Override
    public boolean isIntact(ServiceInstance instance) {
        FullService seen = read();
        return seen != null
                && seen.getAddress().equals(instance.host())
                && seen.getPort() == instance.port()
                && new HashSet<>(seen.getTags()).equals(instance.tags())
                && seen.getMeta().equals(ConsulFormat.meta(instance))
                && seen.getWeights()
                        .map(weights -> weights.getPassing() == instance.weight())
                        .orElse(true);
    }

    @Override
    public void remove() {
        removed = true;
        try {
            agent.deregister(id);
        } catch (ConsulException failed) {
            if (!isAbsent(failed)) {
                throw translated(failed);
            }
        }
    }

    private @Nullable FullService read() {
        try {
            return agent.getService(id, Options.BLANK_QUERY_OPTIONS).getResponse();
        } catch (NotRegisteredException | ConsulException failed) {
            if (isAbsent(failed)) {
                return null;
            }
            throw translated(failed);
        }
    }

    /** Said by nothing but 404: a refusal leaves what is registered where it is. */
    private static boolean isAbsent(Throwable failed) {
        ConsulException answered = answered(failed);
        return answered != null && answered.getCode() == 404;
    }

    private static @Nullable ConsulException answered(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConsulException answered && answered.hasCode()) {
                return answered;
            }
        }
        return null;
    }

    /** The client wraps whatever happened, several deep; what counts is the innermost status or I/O failure. */
    private RegistryException translated(Throwable failed) {
        ConsulException answered = answered(failed);
        if (answered != null) {
            String said = answered.getMessage();
            return ConsulHttp.ofStatus(options, answered.getCode(), said == null ? null : options.withoutToken(said));
        }
        Throwable root = failed;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new RegistryException(
                root instanceof NotRegisteredException
                        ? RegistryException.Reason.REJECTED
                        : RegistryException.Reason.UNREACHABLE,
                options + " did not answer for '" + id + "': " + root.getClass().getSimpleName() + ": "
                        + root.getMessage(),
                root);
    }

    /** Newer agents answer 404; 1.8 answers 500 with one of these sentences. */
    private static boolean isUnknownCheck(NotRegisteredException refused, RegistryException failure) {
        String message = String.valueOf(failure.getMessage());
        return isAbsent(refused)
                || List.of("does not have associated TTL", "Unknown check", "unknown check", "CheckID").stream()
                        .anyMatch(message::contains);
    }

    private static State state(ServiceInstance instance) {
        return switch (instance.status()) {
            case PASSING, DRAINING -> State.PASS;
            case WARNING -> State.WARN;
            case CRITICAL -> State.FAIL;
        };
    }
}
