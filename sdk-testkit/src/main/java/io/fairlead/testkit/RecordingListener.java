// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers events as lines, a word and what it concerns. Safe for any thread. */
public final class RecordingListener implements EventListener {
    private final List<String> events = new CopyOnWriteArrayList<>();

    /** Every line, oldest first. */
    public List<String> events() {
        return List.copyOf(events);
    }

    /** The lines that begin like this. */
    public List<String> events(String start) {
        return events.stream().filter(line -> line.startsWith(start)).toList();
    }

    @Override
    public void onWatchInterrupted(String service, RegistryException cause) {
        events.add("interrupted " + service + " " + cause.reason());
    }

    @Override
    public void onWatchRestored(String service, Duration outage) {
        events.add("restored " + service);
    }

    @Override
    public void onInstancesHeld(String service, int held, String reason) {
        events.add("held " + service + " " + held + " " + reason);
    }

    @Override
    public void onInstancesReleased(String service, int released, String reason) {
        events.add("released " + service + " " + released + " " + reason);
    }

    @Override
    public void onInstanceRejected(String service, String entry, String reason) {
        events.add("rejected " + service + " " + entry + " " + reason);
    }

    @Override
    public void onRegistrationLost(ServiceInstance instance, String reason) {
        events.add("lost " + instance.id() + " " + reason);
    }

    @Override
    public void onRegistrationRepaired(ServiceInstance instance) {
        events.add("repaired " + instance.id());
    }

    @Override
    public void onAttempt(ServiceInstance instance, int number, Outcome outcome, long latencyNanos) {
        events.add("attempt " + instance.id() + " " + number + " " + outcome);
    }

    @Override
    public void onGuardChanged(ServiceInstance instance, GuardState from, GuardState to, String reason) {
        events.add("guard " + instance.id() + " " + from + " " + to);
    }

    @Override
    public void onInstanceHealthChanged(ServiceInstance instance, InstanceHealth from, InstanceHealth to) {
        events.add("health " + instance.id() + " " + from.state() + " " + to.state() + " by " + to.reason());
    }

    @Override
    public void onWeightLevelChanged(ServiceInstance instance, int from, int to, String evidence) {
        events.add("level " + instance.id() + " " + from + " " + to + " " + evidence);
    }

    @Override
    public void onServiceDegraded(String service, boolean degraded) {
        events.add("degraded " + service + " " + degraded);
    }

    @Override
    public void onPanic(String service, boolean panicking) {
        events.add("panic " + service + " " + panicking);
    }

    @Override
    public void onRetryBudgetExhausted(String service) {
        events.add("budget " + service);
    }

    @Override
    public void onServiceGuardChanged(String service, GuardState from, GuardState to, String reason) {
        events.add("service guard " + service + " " + from + " " + to);
    }

    @Override
    public void onCallRejected(CallRejectedException rejection) {
        events.add("rejected call " + rejection.service() + " " + rejection.stage());
    }

    @Override
    public void onHedge(String service) {
        events.add("hedge " + service);
    }

    @Override
    public void onFallback(String service, String reason) {
        events.add("fallback " + service + " " + reason);
    }

    @Override
    public void onNoInstance(NoInstanceException failure) {
        events.add("none " + failure.service() + " " + failure.reason());
    }

    @Override
    public void onRoutesChanged(String source, List<String> changes) {
        events.add("routes " + source + " " + changes);
    }

    @Override
    public void onRoutesKept(String source, String reason) {
        events.add("kept " + source + " " + reason);
    }

    @Override
    public void onCallbackFailed(String where, Throwable failure) {
        events.add("callback " + where + " " + failure.getMessage());
    }
}
