// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A named recipe for choosing among the instances of a service. Stateless and safe for any thread: what changes lives in
 * the {@link Picker}s it makes. Found by name through {@link java.util.ServiceLoader} (public no-argument constructor, a
 * line in {@code module-info} and in {@code META-INF/services}), or handed to the balancer as an object.
 */
public interface BalancingPolicy {
    /** The name users write, as in {@code round_robin}; unique on a class path. */
    String name();

    /**
     * A chooser for one list; called whenever the list or a weight changes, one call at a time per service.
     *
     * @param candidates at least one, in a stable order (sorted by id); the list never changes afterwards
     * @param previous the picker of the list before, so that positions and credits can be carried over; null for the
     *     first
     * @param environment clock and randomness
     */
    Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment);

    /** How the latencies its pickers read are remembered; {@link LatencyMemory#ESTIMATE} by default. */
    default LatencyMemory latencyMemory() {
        return LatencyMemory.ESTIMATE;
    }

    /**
     * Whether its pickers ask for {@link Candidate#serviceInFlight}, which costs an atomic add at each end of an attempt;
     * false by default.
     */
    default boolean needsServiceInFlight() {
        return false;
    }

    /** What its pickers do with weights; {@link WeightUse#BESIDE_LOAD} by default. */
    default WeightUse weightUse() {
        return WeightUse.BESIDE_LOAD;
    }

    /**
     * Whether equal keys must meet the same instances in every process. Then every process is given all instances, also of
     * a large service of which others call a portion. Default false.
     */
    default boolean isKeyed() {
        return false;
    }
}
