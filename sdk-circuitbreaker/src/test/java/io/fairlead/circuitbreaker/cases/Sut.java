// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import io.fairlead.circuitbreaker.CircuitState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A breaker on a clock of the test's, whoever made it. What it can not do throws {@link Lacking}. */
interface Sut {
    /** Thrown when the breaker has no such thing. */
    final class Lacking extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Lacking(String what) {
            super(what);
        }
    }

    /** Failure rate (-1 below the minimum), successes, calls, failures, rejections; and the slow calls. */
    record Metrics(double failureRate, int ok, int calls, int failed, long notPermitted, double slowRate, int slow) {
        List<Object> five() {
            return List.of(failureRate, ok, calls, failed, notPermitted);
        }
    }

    /** A permit, or null. */
    Object tryAcquire();

    void ok(Object permit, Duration took);

    void fail(Object permit, Duration took, Throwable cause);

    /** Not to be learned from: an exception that is ignored. */
    default void ignore(Object permit) {
        throw new Lacking("ignoring");
    }

    /** The call was not made. */
    default void cancel(Object permit) {
        throw new Lacking("cancelling");
    }

    CircuitState state();

    default Metrics metrics() {
        throw new Lacking("metrics");
    }

    default Duration remaining() {
        throw new Lacking("the time that remains");
    }

    default void force(CircuitState state) {
        throw new Lacking("state " + state);
    }

    default void reset() {
        throw new Lacking("reset");
    }

    default void openFor(Duration time) {
        throw new Lacking("opening for a time");
    }

    default void openUntilIn(Duration time) {
        throw new Lacking("opening until a time");
    }

    /** A call that is classified by the breaker. */
    default Object call(Callable<?> task) throws Exception {
        throw new Lacking("calls");
    }

    default <T> CompletableFuture<T> async(Supplier<? extends CompletionStage<T>> task) {
        throw new Lacking("asynchronous calls");
    }

    /** Runs this once while the breaker works out, between its judgement and its transition, how long to stay open. */
    default void onceWhileOpening(Runnable intruder) {
        throw new Lacking("user code while opening");
    }

    /** Moves the clock; negative for a step back. */
    default void plus(Duration time) {
        throw new Lacking("a clock of the test's");
    }

    /** Transitions as {@code CLOSED>OPEN}, and {@code exceeded}, in order. */
    default List<String> events() {
        throw new Lacking("events");
    }
}
