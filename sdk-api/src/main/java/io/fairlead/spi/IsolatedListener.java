// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.AttemptEvent;
import io.fairlead.api.CallEvent;
import io.fairlead.api.CallRejectedException;
import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes every event on to one listener after another, and drops what each throws, so that a user's metrics can break neither a
 * call nor the other listeners.
 */
final class IsolatedListener implements EventListener {
    private final EventListener listener;
    private final @Nullable IsolatedListener next;
    private final boolean hearsAttempts;
    private final boolean hearsCalls;

    private IsolatedListener(EventListener listener, @Nullable IsolatedListener next) {
        this.listener = listener;
        this.next = next;
        this.hearsAttempts = hears(listener, "onAttempt", AttemptEvent.class) || next != null && next.hearsAttempts;
        this.hearsCalls = hears(listener, "onCall", CallEvent.class) || next != null && next.hearsCalls;
    }

    static EventListener of(EventListener listener) {
        return listener == NONE || listener instanceof IsolatedListener
                ? listener
                : new IsolatedListener(listener, null);
    }

    /** Tells {@code more} after those that hear already. */
    static EventListener both(EventListener before, EventListener more) {
        if (before == NONE || more == NONE) {
            return of(before == NONE ? more : before);
        }
        return before instanceof IsolatedListener chain
                ? chain.and(more)
                : new IsolatedListener(before, new IsolatedListener(more, null));
    }

    private IsolatedListener and(EventListener more) {
        return new IsolatedListener(listener, next == null ? new IsolatedListener(more, null) : next.and(more));
    }

    /** Whether anybody hears of attempts in full. Asked for every attempt. */
    static boolean hearsAttempts(EventListener isolated) {
        return isolated instanceof IsolatedListener chain && chain.hearsAttempts;
    }

    /** Whether anybody hears of calls. Asked for every call. */
    static boolean hearsCalls(EventListener isolated) {
        return isolated instanceof IsolatedListener chain && chain.hearsCalls;
    }

    /** Whether a listener overrides a method; where that can not be seen, as in a native image, it is taken to. */
    private static boolean hears(EventListener listener, String method, Class<?> event) {
        if (listener instanceof IsolatedListener chain) {
            return event == CallEvent.class ? chain.hearsCalls : chain.hearsAttempts;
        }
        try {
            return listener.getClass().getMethod(method, event).getDeclaringClass() != EventListener.class;
        } catch (NoSuchMethodException | RuntimeException hidden) {
            return true;
        }
    }

    @Override
    public void onSnapshot(ServiceSnapshot snapshot) {
        each(hearer -> hearer.onSnapshot(snapshot));
    }

    @Override
    public void onWatchInterrupted(String service, RegistryException cause) {
        each(hearer -> hearer.onWatchInterrupted(service, cause));
    }

    @Override
    public void onWatchRestored(String service, Duration outage) {
        each(hearer -> hearer.onWatchRestored(service, outage));
    }

    @Override
    public void onInstancesHeld(String service, int held, String reason) {
        each(hearer -> hearer.onInstancesHeld(service, held, reason));
    }

    @Override
    public void onInstancesReleased(String service, int released, String reason) {
        each(hearer -> hearer.onInstancesReleased(service, released, reason));
    }

    @Override
    public void onInstanceRejected(String service, String entry, String reason) {
        each(hearer -> hearer.onInstanceRejected(service, entry, reason));
    }

    @Override
    public void onRegistered(ServiceInstance instance) {
        each(hearer -> hearer.onRegistered(instance));
    }

    @Override
    public void onDeregistered(ServiceInstance instance) {
        each(hearer -> hearer.onDeregistered(instance));
    }

    @Override
    public void onRegistrationLost(ServiceInstance instance, String reason) {
        each(hearer -> hearer.onRegistrationLost(instance, reason));
    }

    @Override
    public void onRegistrationRepaired(ServiceInstance instance) {
        each(hearer -> hearer.onRegistrationRepaired(instance));
    }

    @Override
    public void onAttempt(ServiceInstance instance, int number, Outcome outcome, long latencyNanos) {
        for (IsolatedListener at = this; at != null; at = at.next) {
            try {
                at.listener.onAttempt(instance, number, outcome, latencyNanos);
            } catch (Throwable dropped) {
                // Also an Error: who calls this has a loop to go on with, or a call.
            }
        }
    }

    @Override
    public void onAttempt(AttemptEvent attempt) {
        each(hearer -> hearer.onAttempt(attempt));
    }

    @Override
    public void onFailedAttempt(AttemptEvent attempt) {
        each(hearer -> hearer.onFailedAttempt(attempt));
    }

    @Override
    public void onCall(CallEvent call) {
        each(hearer -> hearer.onCall(call));
    }

    @Override
    public void onGuardChanged(ServiceInstance instance, GuardState from, GuardState to, String reason) {
        each(hearer -> hearer.onGuardChanged(instance, from, to, reason));
    }

    @Override
    public void onInstanceHealthChanged(ServiceInstance instance, InstanceHealth from, InstanceHealth to) {
        each(hearer -> hearer.onInstanceHealthChanged(instance, from, to));
    }

    @Override
    public void onWeightLevelChanged(ServiceInstance instance, int from, int to, String evidence) {
        each(hearer -> hearer.onWeightLevelChanged(instance, from, to, evidence));
    }

    @Override
    public void onServiceDegraded(String service, boolean degraded) {
        each(hearer -> hearer.onServiceDegraded(service, degraded));
    }

    @Override
    public void onPanic(String service, boolean panicking) {
        each(hearer -> hearer.onPanic(service, panicking));
    }

    @Override
    public void onRetryBudgetExhausted(String service) {
        each(hearer -> hearer.onRetryBudgetExhausted(service));
    }

    @Override
    public void onServiceGuardChanged(String service, GuardState from, GuardState to, String reason) {
        each(hearer -> hearer.onServiceGuardChanged(service, from, to, reason));
    }

    @Override
    public void onCallRejected(CallRejectedException rejection) {
        each(hearer -> hearer.onCallRejected(rejection));
    }

    @Override
    public void onHedge(String service) {
        each(hearer -> hearer.onHedge(service));
    }

    @Override
    public void onFallback(String service, String reason) {
        each(hearer -> hearer.onFallback(service, reason));
    }

    @Override
    public void onNoInstance(NoInstanceException failure) {
        each(hearer -> hearer.onNoInstance(failure));
    }

    @Override
    public void onRoutesChanged(String source, List<String> changes) {
        each(hearer -> hearer.onRoutesChanged(source, changes));
    }

    @Override
    public void onRoutesKept(String source, String reason) {
        each(hearer -> hearer.onRoutesKept(source, reason));
    }

    @Override
    public void onCallbackFailed(String where, Throwable failure) {
        each(hearer -> hearer.onCallbackFailed(where, failure));
    }

    private void each(Consumer<EventListener> event) {
        for (IsolatedListener at = this; at != null; at = at.next) {
            try {
                event.accept(at.listener);
            } catch (Throwable dropped) {
                // Also an Error: who calls this has a loop to go on with, or a call.
            }
        }
    }
}
