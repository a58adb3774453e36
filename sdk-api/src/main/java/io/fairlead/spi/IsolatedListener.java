// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RouteFacts;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import java.time.Duration;
import java.util.List;

/** Passes every event on and drops what the listener throws, so that a user's metrics can not break a call. */
final class IsolatedListener implements EventListener {
    private final EventListener listener;

    private IsolatedListener(EventListener listener) {
        this.listener = listener;
    }

    static EventListener of(EventListener listener) {
        return listener == NONE || listener instanceof IsolatedListener ? listener : new IsolatedListener(listener);
    }

    @Override
    public void onSnapshot(ServiceSnapshot snapshot) {
        isolate(() -> listener.onSnapshot(snapshot));
    }

    @Override
    public void onWatchInterrupted(String service, RegistryException cause) {
        isolate(() -> listener.onWatchInterrupted(service, cause));
    }

    @Override
    public void onWatchRestored(String service, Duration outage) {
        isolate(() -> listener.onWatchRestored(service, outage));
    }

    @Override
    public void onInstancesHeld(String service, int held, String reason) {
        isolate(() -> listener.onInstancesHeld(service, held, reason));
    }

    @Override
    public void onInstancesReleased(String service, int released, String reason) {
        isolate(() -> listener.onInstancesReleased(service, released, reason));
    }

    @Override
    public void onInstanceRejected(String service, String entry, String reason) {
        isolate(() -> listener.onInstanceRejected(service, entry, reason));
    }

    @Override
    public void onRegistrationLost(ServiceInstance instance, String reason) {
        isolate(() -> listener.onRegistrationLost(instance, reason));
    }

    @Override
    public void onRegistrationRepaired(ServiceInstance instance) {
        isolate(() -> listener.onRegistrationRepaired(instance));
    }

    @Override
    public void onAttempt(ServiceInstance instance, int number, Outcome outcome, long latencyNanos) {
        try {
            listener.onAttempt(instance, number, outcome, latencyNanos);
        } catch (Throwable dropped) {
            // Also an Error: who calls this has a loop to go on with, or a call.
        }
    }

    @Override
    public void onRoutedAttempt(
            ServiceInstance instance, RouteFacts route, int number, Outcome outcome, long latencyNanos) {
        try {
            listener.onRoutedAttempt(instance, route, number, outcome, latencyNanos);
        } catch (Throwable dropped) {
            // Also an Error: who calls this has a loop to go on with, or a call.
        }
    }

    @Override
    public void onGuardChanged(ServiceInstance instance, GuardState from, GuardState to, String reason) {
        isolate(() -> listener.onGuardChanged(instance, from, to, reason));
    }

    @Override
    public void onInstanceHealthChanged(ServiceInstance instance, InstanceHealth from, InstanceHealth to) {
        isolate(() -> listener.onInstanceHealthChanged(instance, from, to));
    }

    @Override
    public void onWeightLevelChanged(ServiceInstance instance, int from, int to, String evidence) {
        isolate(() -> listener.onWeightLevelChanged(instance, from, to, evidence));
    }

    @Override
    public void onServiceDegraded(String service, boolean degraded) {
        isolate(() -> listener.onServiceDegraded(service, degraded));
    }

    @Override
    public void onPanic(String service, boolean panicking) {
        isolate(() -> listener.onPanic(service, panicking));
    }

    @Override
    public void onRetryBudgetExhausted(String service) {
        isolate(() -> listener.onRetryBudgetExhausted(service));
    }

    @Override
    public void onServiceGuardChanged(String service, GuardState from, GuardState to, String reason) {
        isolate(() -> listener.onServiceGuardChanged(service, from, to, reason));
    }

    @Override
    public void onCallRejected(CallRejectedException rejection) {
        isolate(() -> listener.onCallRejected(rejection));
    }

    @Override
    public void onHedge(String service) {
        isolate(() -> listener.onHedge(service));
    }

    @Override
    public void onFallback(String service, String reason) {
        isolate(() -> listener.onFallback(service, reason));
    }

    @Override
    public void onNoInstance(NoInstanceException failure) {
        isolate(() -> listener.onNoInstance(failure));
    }

    @Override
    public void onRoutesChanged(String source, List<String> changes) {
        isolate(() -> listener.onRoutesChanged(source, changes));
    }

    @Override
    public void onRoutesKept(String source, String reason) {
        isolate(() -> listener.onRoutesKept(source, reason));
    }

    @Override
    public void onCallbackFailed(String where, Throwable failure) {
        isolate(() -> listener.onCallbackFailed(where, failure));
    }

    private static void isolate(Runnable event) {
        try {
            event.run();
        } catch (Throwable dropped) {
            // Also an Error: who calls this has a loop to go on with, or a call.
        }
    }
}
