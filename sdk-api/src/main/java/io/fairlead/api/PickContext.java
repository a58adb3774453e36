// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a policy may know of the call it picks an instance for: a key for hashing and the instances this call has already
 * tried. Immutable, safe for any thread.
 */
public final class PickContext {
    private static final PickContext NONE = new PickContext(null, List.of());

    private final @Nullable String hashKey;
    private final List<ServiceInstance> excluded;

    private PickContext(@Nullable String hashKey, List<ServiceInstance> excluded) {
        this.hashKey = hashKey;
        this.excluded = excluded;
    }

    /** No key, nothing excluded. */
    public static PickContext none() {
        return NONE;
    }

    /** A context whose key sends equal keys to the same instance under a hashing policy. */
    public static PickContext hashedBy(String key) {
        return new PickContext(key, List.of());
    }

    /** This context without {@code instance} among the choices. */
    public PickContext excluding(ServiceInstance instance) {
        List<ServiceInstance> more = new ArrayList<>(excluded.size() + 1);
        more.addAll(excluded);
        more.add(instance);
        return new PickContext(hashKey, List.copyOf(more));
    }

    /** The caller's key, or null when it gave none. */
    public @Nullable String hashKey() {
        return hashKey;
    }

    /** The instances that may not be picked, in the order they were tried. */
    public List<ServiceInstance> excluded() {
        return excluded;
    }

    /** True when {@code instance} was tried before. Allocates nothing. */
    public boolean excludes(ServiceInstance instance) {
        for (int i = 0; i < excluded.size(); i++) {
            if (excluded.get(i).isSameCopyAs(instance)) {
                return true;
            }
        }
        return false;
    }
}
