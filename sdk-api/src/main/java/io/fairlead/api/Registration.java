// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** While it is open the instance stays registered. Safe for any thread. */
public interface Registration extends AutoCloseable {

    /** What is registered now, with the status this process last gave it. */
    ServiceInstance instance();

    /** How things stand between this process and the registry. */
    State state();

    /** Why the last exchange with the registry failed, or null when it did not. */
    @Nullable
    RegistryException lastError();

    /**
     * Changes weight, zone, version, tags or metadata of the registered instance, in place: never absent meanwhile.
     *
     * @throws IllegalArgumentException when service, id, host or port differ
     * @throws RegistryException when the registry does not take it within 3 s; the change is kept and written later
     * @throws IllegalStateException when draining or closed
     */
    void update(ServiceInstance instance);

    /**
     * Says how the application feels; written to the registry soon. With a TTL check this is the check's result; with
     * the others the worse of this and the check counts. Note is free text for people, shortened to 256 characters.
     */
    void report(InstanceStatus status, String note);

    /**
     * Marks the instance as draining, so that consumers send no new calls; it stays registered. Returns when the
     * registry has taken the mark or after 3 s. Idempotent.
     */
    void drain();

    /**
     * Also closes it when the JVM shuts down, on SIGTERM for one: the exit then waits for {@link #close}, 15 s at most.
     * The application must go on answering meanwhile, as JVM shutdown hooks run side by side. Idempotent.
     *
     * @return this
     */
    Registration closeOnShutdown();

    /** Says that no call is in flight any more, so that {@link #close} need not wait for its in-flight deadline. */
    void idle();

    /**
     * Drains, waits until others can have seen it (1 s), deregisters, waits until {@link #idle} or 10 s, all within 15
     * s; a registry that does not answer costs at most 3 s. Afterwards no late heartbeat brings the instance back.
     * Idempotent.
     */
    @Override
    void close();

    /**
     * As {@link #close}, without waiting.
     *
     * @return ends when {@link #close} would return; never fails; its end may run on a thread of the registry's
     */
    CompletionStage<Void> closeAsync();

    /** How often the registry has lost it so far; each time it is repaired by itself. */
    long losses();

    /** How things stand between a registration and its registry. */
    enum State {
        /** The registry has the instance as far as we know. */
        REGISTERED,
        /** The registry lost it or does not answer; being repaired. */
        REPAIRING,
        /** On its way out, still listed. */
        DRAINING,
        /** Gone. */
        CLOSED
    }
}
