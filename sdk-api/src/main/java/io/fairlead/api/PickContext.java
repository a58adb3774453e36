// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import io.fairlead.spi.RequestFacts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a policy may know of the call it picks an instance for: the request, a key for hashing, and the instances this call
 * has already tried. Immutable; copies nothing of the request.
 */
public final class PickContext {
    private static final PickContext NONE = new PickContext(null, null, List.of());

    private final @Nullable RequestFacts request;
    private final @Nullable String hashKey;
    private final List<ServiceInstance> excluded;

    private PickContext(@Nullable RequestFacts request, @Nullable String hashKey, List<ServiceInstance> excluded) {
        this.request = request;
        this.hashKey = hashKey;
        this.excluded = excluded;
    }

    /** No request, no key, nothing excluded. */
    public static PickContext none() {
        return NONE;
    }

    /** A context whose key sends equal keys to the same instance under a hashing policy. */
    public static PickContext hashedBy(String key) {
        return new PickContext(null, key, List.of());
    }

    /**
     * A context of a request.
     *
     * @param hashKey sends equal keys to the same instance under a hashing policy; null for none
     */
    public static PickContext of(RequestFacts request, @Nullable String hashKey) {
        return new PickContext(request, hashKey, List.of());
    }

    /** This context without {@code instance} among the choices. */
    public PickContext excluding(ServiceInstance instance) {
        List<ServiceInstance> more = new ArrayList<>(excluded.size() + 1);
        more.addAll(excluded);
        more.add(instance);
        return new PickContext(request, hashKey, List.copyOf(more));
    }

    /** The caller's key, or null when it gave none. */
    public @Nullable String hashKey() {
        return hashKey;
    }

    /** The request's method in upper case, or null when no request is known. */
    public @Nullable String method() {
        return request == null ? null : request.method();
    }

    /** The request's encoded path without the query, or null when no request is known. */
    public @Nullable String path() {
        return request == null ? null : request.path();
    }

    /** The last value of a header of the request, or null when there is none or no request is known. */
    public @Nullable String header(String name) {
        return request == null ? null : request.header(name);
    }

    /** What the caller attached to the request under this type, or null. */
    public <T> @Nullable T tag(Class<T> type) {
        return request == null ? null : request.tag(type);
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
