// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.RegistrationBackend;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kiwiproject.consul.AgentClient;
import org.kiwiproject.consul.ConsulException;
import org.kiwiproject.consul.NotRegisteredException;
import org.kiwiproject.consul.model.State;
import org.kiwiproject.consul.model.agent.FullService;
import org.kiwiproject.consul.option.ImmutableQueryParameterOptions;
import org.kiwiproject.consul.option.Options;
import org.kiwiproject.consul.option.QueryParameterOptions;

/** One instance on the local agent: registered with its checks, kept passing if its check is a TTL, read back. */
final class ConsulRecord implements RegistrationBackend {
    private static final QueryParameterOptions REPLACE_CHECKS =
            ImmutableQueryParameterOptions.builder().replaceExistingChecks(true).build();

    private final AgentClient agent;
    private final ConsulOptions options;
    private final HealthCheck check;
    private final String id;

    ConsulRecord(AgentClient agent, ConsulOptions options, HealthCheck check, String id) {
        this.agent = agent;
        this.options = options;
        this.check = check;
        this.id = id;
    }

    @Override
    public void write(ServiceInstance instance) {
        try {
            agent.register(ConsulFormat.registration(instance, check), Options.BLANK_QUERY_OPTIONS, REPLACE_CHECKS);
            if (check.kind() == HealthCheck.Kind.TTL) {
                // A registration keeps the check's earlier status; this sets it.
                agent.check(ConsulFormat.ttlCheckId(id), state(instance), "");
            }
            if (instance.status() == InstanceStatus.DRAINING) {
                agent.toggleMaintenanceMode(id, true, "draining");
            }
        } catch (NotRegisteredException | ConsulException failed) {
            throw translated(failed);
        }
    }

    @Override
    public boolean beat(ServiceInstance instance) {
        if (check.kind() != HealthCheck.Kind.TTL) {
            return read() != null;
        }
        try {
            agent.check(ConsulFormat.ttlCheckId(id), state(instance), "");
            return true;
        } catch (NotRegisteredException wrapsEverything) {
            RegistryException failure = translated(wrapsEverything);
            if (isUnknownCheck(failure)) {
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
        try {
            agent.deregister(id);
        } catch (ConsulException failed) {
            RegistryException failure = translated(failed);
            if (failure.reason() != RegistryException.Reason.REJECTED) {
                throw failure;
            }
        }
    }

    private @Nullable FullService read() {
        try {
            return agent.getService(id, Options.BLANK_QUERY_OPTIONS).getResponse();
        } catch (NotRegisteredException absent) {
            RegistryException failure = translated(absent);
            if (failure.reason() == RegistryException.Reason.REJECTED) {
                return null;
            }
            throw failure;
        } catch (ConsulException failed) {
            RegistryException failure = translated(failed);
            if (failure.reason() == RegistryException.Reason.REJECTED) {
                return null;
            }
            throw failure;
        }
    }

    /** The client wraps whatever happened, several deep; what counts is the innermost status or I/O failure. */
    private RegistryException translated(Throwable failed) {
        Throwable root = failed;
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConsulException answered && answered.hasCode()) {
                String said = answered.getMessage();
                return ConsulHttp.ofStatus(
                        options, answered.getCode(), said == null ? null : options.withoutToken(said));
            }
            root = cause;
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
    private static boolean isUnknownCheck(RegistryException failure) {
        String message = String.valueOf(failure.getMessage());
        return failure.reason() == RegistryException.Reason.REJECTED
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
