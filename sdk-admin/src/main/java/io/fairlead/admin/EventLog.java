// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.EventRing.Kind;
import io.fairlead.api.AttemptEvent;
import io.fairlead.api.CallRejectedException;
import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last 500 events of this process for its status page, at most 50 of each service. Make it before the balancer, and give it
 * to the balancer, to the environment of its registry, and to the page:
 *
 * <pre>{@code
 * EventLog events = new EventLog();
 * Registry registry = Registry.connect(uri, Environment.system().andListener(events));
 * Fairlead fairlead = Fairlead.builder(registry).addListener(events).build();
 * AdminServer admin = AdminServer.builder(fairlead).events(events).start();
 * }</pre>
 *
 * <p>Thread-safe, never blocks. What happens with every call, as a call without an instance, is one event a second and service at most.
 */
public final class EventLog implements EventListener {
    private final Clock clock = Clock.systemUTC();
    private final EventRing ring = new EventRing(clock);
    private final LastFailures failures = new LastFailures();
    private final PickRing picks = new PickRing(clock);

    /** Begins empty. */
    public EventLog() {}

    EventRing ring() {
        return ring;
    }

    LastFailures failures() {
        return failures;
    }

    PickRing picks() {
        return picks;
    }

    @Override
    public void onSnapshot(ServiceSnapshot snapshot) {
        int size = snapshot.instances().size();
        ring.add(
                snapshot.service(),
                null,
                Kind.LIST,
                null,
                String.valueOf(size),
                size + (size == 1 ? " instance" : " instances") + ", revision " + snapshot.revision());
    }

    @Override
    public void onWatchInterrupted(String service, RegistryException cause) {
        ring.add(service, null, Kind.INTERRUPTED, null, null, text(cause));
    }

    @Override
    public void onWatchRestored(String service, Duration outage) {
        ring.add(service, null, Kind.RESTORED, null, null, "the watch works again after " + seconds(outage));
    }

    @Override
    public void onInstancesHeld(String service, int held, String reason) {
        ring.add(service, null, Kind.HELD, null, String.valueOf(held), held + " kept until confirmed: " + reason);
    }

    @Override
    public void onInstancesReleased(String service, int released, String reason) {
        ring.add(service, null, Kind.RELEASED, null, String.valueOf(released), released + " let go: " + reason);
    }

    @Override
    public void onInstanceRejected(String service, String entry, String reason) {
        ring.add(service, null, Kind.ENTRY_REJECTED, null, null, entry + ": " + reason);
    }

    @Override
    public void onRegistered(ServiceInstance instance) {
        ring.add(
                instance.service(),
                instance.id(),
                Kind.REGISTERED,
                null,
                null,
                "registered at " + instance.authority());
    }

    @Override
    public void onDeregistered(ServiceInstance instance) {
        ring.add(instance.service(), instance.id(), Kind.DEREGISTERED, null, null, "the registration is closed");
    }

    @Override
    public void onRegistrationLost(ServiceInstance instance, String reason) {
        ring.add(instance.service(), instance.id(), Kind.REGISTRATION_LOST, null, null, reason);
    }

    @Override
    public void onRegistrationRepaired(ServiceInstance instance) {
        ring.add(instance.service(), instance.id(), Kind.REGISTRATION_REPAIRED, null, null, "it stands again");
    }

    /** Costs a look at a field while nobody watches. */
    @Override
    public void onAttempt(ServiceInstance instance, int number, Outcome outcome, long latencyNanos) {
        if (picks.isArmed()) {
            picks.add(instance, number, outcome, latencyNanos);
        }
    }

    @Override
    public void onFailedAttempt(AttemptEvent attempt) {
        failures.put(attempt, clock);
    }

    @Override
    public void onInstanceHealthChanged(ServiceInstance instance, InstanceHealth from, InstanceHealth to) {
        ring.add(instance.service(), instance.id(), Kind.HEALTH, word(from.state()), word(to.state()), to.describe());
    }

    @Override
    public void onPanic(String service, boolean panicking) {
        ring.add(
                service,
                null,
                Kind.PANIC,
                String.valueOf(!panicking),
                String.valueOf(panicking),
                panicking ? "so few instances are usable that all are used" : "enough instances are usable again");
    }

    @Override
    public void onWeightLevelChanged(ServiceInstance instance, int from, int to, String evidence) {
        ring.add(
                instance.service(),
                instance.id(),
                Kind.WEIGHT_LEVEL,
                String.valueOf(from),
                String.valueOf(to),
                evidence);
    }

    @Override
    public void onServiceDegraded(String service, boolean degraded) {
        ring.add(
                service,
                null,
                Kind.DEGRADED,
                String.valueOf(!degraded),
                String.valueOf(degraded),
                degraded ? "too many instances are worse: levels rise no more" : "levels rise again");
    }

    @Override
    public void onRetryBudgetExhausted(String service) {
        ring.addOften(service, Kind.RETRY_BUDGET, null, "a call was not tried again: the retry budget is spent");
    }

    @Override
    public void onServiceGuardChanged(String service, GuardState from, GuardState to, String reason) {
        ring.add(service, null, Kind.SERVICE_GUARD, word(from), word(to), reason);
    }

    @Override
    public void onCallRejected(CallRejectedException rejection) {
        ring.addOften(rejection.service(), Kind.REJECTED, word(rejection.stage()), text(rejection));
    }

    @Override
    public void onNoInstance(NoInstanceException failure) {
        ring.addOften(failure.service(), Kind.NO_INSTANCE, word(failure.reason()), text(failure));
    }

    @Override
    public void onRoutesChanged(String source, List<String> changes) {
        ring.add("", null, Kind.ROUTES_CHANGED, null, null, source + ": " + String.join("; ", changes));
    }

    @Override
    public void onRoutesKept(String source, String reason) {
        ring.add("", null, Kind.ROUTES_KEPT, null, null, source + ": " + reason);
    }

    @Override
    public void onCallbackFailed(String where, Throwable failure) {
        ring.addOften("", Kind.CALLBACK_FAILED, null, where + ": " + text(failure));
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    static String text(@Nullable Throwable failure) {
        if (failure == null) {
            return "";
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3);
    }
}
