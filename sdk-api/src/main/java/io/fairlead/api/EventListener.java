// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.time.Duration;
import java.util.List;

/**
 * Empty methods a user may override to see what happened: for logs, metrics, tests. May be called from any thread, also
 * from a caller's, so it must be thread-safe and must not block. What it throws is caught and dropped. Methods are added
 * over time, always empty.
 */
public interface EventListener {
    /** Hears nothing. */
    EventListener NONE = new EventListener() {};

    /** The consumer of a service adopted a list. */
    default void onSnapshot(ServiceSnapshot snapshot) {}

    /** A watch is interrupted: the last list is served until it works again. */
    default void onWatchInterrupted(String service, RegistryException cause) {}

    /** A watch works again after {@code outage}. */
    default void onWatchRestored(String service, Duration outage) {}

    /** A list lacks instances that may still live; {@code held} of them are kept until confirmed. */
    default void onInstancesHeld(String service, int held, String reason) {}

    /** {@code released} held instances are let go: the grace is over, or every one of them refuses connections. */
    default void onInstancesReleased(String service, int released, String reason) {}

    /**
     * One entry of the registry was rejected; the others are used. Also told of an entry that is used without something
     * it says, because no instance can carry it: {@code reason} begins with {@code used without} then. {@code entry} and
     * {@code reason} are shortened and escaped.
     */
    default void onInstanceRejected(String service, String entry, String reason) {}

    /** An instance of this process is registered. */
    default void onRegistered(ServiceInstance instance) {}

    /** A registration of this process is closed: the instance is removed, or the registry did not answer in time. */
    default void onDeregistered(ServiceInstance instance) {}

    /** The registry lost a registration of this process, or does not answer for it. */
    default void onRegistrationLost(ServiceInstance instance, String reason) {}

    /** A lost registration stands again. */
    default void onRegistrationRepaired(ServiceInstance instance) {}

    /** An attempt ended: the {@code number}-th of its call, from 1; {@code latencyNanos} until headers or failure. */
    default void onAttempt(ServiceInstance instance, int number, Outcome outcome, long latencyNanos) {}

    /**
     * As {@link #onAttempt(ServiceInstance, int, Outcome, long)}, and after it, with all that is known of it. The event is made only
     * for listeners that override this.
     */
    default void onAttempt(AttemptEvent attempt) {}

    /**
     * An attempt failed: its outcome is a failure of its instance. Told after {@code onAttempt}. Costs nothing while all is well,
     * so that whoever only wants to know what went wrong overrides this one.
     */
    default void onFailedAttempt(AttemptEvent attempt) {}

    /**
     * A call ended. Told once of every call, but of no attempt that was begun without one. The event is made only for listeners
     * that override this.
     */
    default void onCall(CallEvent call) {}

    /** The guard of an instance changed state; {@code reason} is for people, as in {@code 12 of 20 calls failed}. */
    default void onGuardChanged(ServiceInstance instance, GuardState from, GuardState to, String reason) {}

    /**
     * The health state of an instance changed: once per change, each beginning where the one before ended. {@code to}
     * carries the reason and the evidence.
     */
    default void onInstanceHealthChanged(ServiceInstance instance, InstanceHealth from, InstanceHealth to) {}

    /** A service entered ({@code true}) or left panic: so few instances are usable that all are used. */
    default void onPanic(String service, boolean panicking) {}

    /**
     * The dynamic level of an instance moved by one: 0 is normal, each higher level has a smaller part of the weight.
     * {@code evidence} says what was seen, as in {@code 412 ms, 0.5 % errors}.
     */
    default void onWeightLevelChanged(ServiceInstance instance, int from, int to, String evidence) {}

    /**
     * So many instances of a service became too slow or faulty that dynamic levels no longer rise for slowness
     * ({@code true}), or few enough are again: what is wrong is wrong with all of them.
     */
    default void onServiceDegraded(String service, boolean degraded) {}

    /** A call would have been retried but the budget was spent. */
    default void onRetryBudgetExhausted(String service) {}

    /** The guard of a whole service changed state; see {@link #onGuardChanged}. */
    default void onServiceGuardChanged(String service, GuardState from, GuardState to, String reason) {}

    /** A stage of the pipeline ended a call on this side. */
    default void onCallRejected(CallRejectedException rejection) {}

    /** A second attempt was started beside a slow first one. */
    default void onHedge(String service) {}

    /** A fallback answered in place of a failed call. */
    default void onFallback(String service, String reason) {}

    /** No instance could take a call. */
    default void onNoInstance(NoInstanceException failure) {}

    /**
     * Another document of routes and options is in force. {@code source} and version are for people, as in {@code consul kv
     * fairlead/routes, version '7'}; {@code changes} has a line for each change, as in {@code checkout.release: v42 5 → 25 %}. It is
     * never empty: when nothing changes, as when the source has again what was kept on disk, one line says so and why it is told.
     */
    default void onRoutesChanged(String source, List<String> changes) {}

    /**
     * Something is wrong with a document of routes and options, or it is gone: what was in force stays. {@code reason} says what,
     * and what stays.
     */
    default void onRoutesKept(String source, String reason) {}

    /** A user's callback threw; it was isolated. {@code where} names the callback. */
    default void onCallbackFailed(String where, Throwable failure) {}
}
