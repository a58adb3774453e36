// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.balancer.service.ConsecutiveFailureGuard;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.spi.kit.NearestName;
import io.fairlead.spi.kit.Providers;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What {@link java.util.ServiceLoader} finds for options that nobody set, or that were set by name. Safe for any thread. */
final class FoundProviders {
    /**
     * One object a class, so that what is found twice is equal: policies and factories have no state. Held by its class and
     * gone with it.
     */
    private static final ClassValue<AtomicReference<@Nullable Object>> SAME = new ClassValue<>() {
        @Override
        protected AtomicReference<@Nullable Object> computeValue(Class<?> type) {
            return new AtomicReference<>();
        }
    };

    private static final InstanceGuard.Factory WITHOUT_BREAKER = ConsecutiveFailureGuard::new;
    private static final ServiceGuard.Factory NO_SERVICE_GUARD = (service, rejects, environment) -> {
        throw new IllegalStateException(
                "no guard for whole services found (expected: fairlead-circuitbreaker on the class path)");
    };

    private FoundProviders() {}

    /** The policy of a name; throws when there is none. */
    static BalancingPolicy policy(String name) {
        Map<String, BalancingPolicy> known = new TreeMap<>();
        for (BalancingPolicy found : Providers.of(BalancingPolicy.class, FoundProviders::leftOut)) {
            BalancingPolicy other = known.putIfAbsent(found.name(), found);
            if (other != null && other.getClass() != found.getClass()) {
                throw new IllegalStateException("policy '" + found.name() + "' is claimed by "
                        + other.getClass().getName() + " and "
                        + found.getClass().getName()
                        + " (expected: unique names)");
            }
        }
        BalancingPolicy policy = known.get(name);
        if (policy == null) {
            throw new IllegalArgumentException("policy: '" + name + "'" + NearestName.hint(name, known.keySet())
                    + " (expected: one of " + known.keySet() + ")");
        }
        return same(policy);
    }

    /** The one factory on the class path, or the balancer's own. */
    static InstanceGuard.Factory guard() {
        return one(InstanceGuard.Factory.class, "guards found", "guard", WITHOUT_BREAKER);
    }

    /** The one factory on the class path, or {@link #isNone none}. */
    static ServiceGuard.Factory serviceGuard() {
        return one(ServiceGuard.Factory.class, "service guards found", "serviceGuard", NO_SERVICE_GUARD);
    }

    static boolean isNone(ServiceGuard.Factory factory) {
        return factory == NO_SERVICE_GUARD;
    }

    private static <T> T one(Class<T> type, String what, String option, T none) {
        List<T> found = Providers.of(type, FoundProviders::leftOut);
        if (found.size() > 1) {
            throw new IllegalStateException(what + ": "
                    + found.get(0).getClass().getName() + " and "
                    + found.get(1).getClass().getName() + " (expected: one, or " + option + "(…) on the builder)");
        }
        return found.isEmpty() ? none : same(found.get(0));
    }

    private static <T> T same(T found) {
        Object first = SAME.get(found.getClass()).compareAndExchange(null, found);
        @SuppressWarnings("unchecked") // objects of one class
        T same = first == null ? found : (T) first;
        return same;
    }

    /** Told loudly: without its breaker a service would only seem to be guarded. */
    private static void leftOut(Throwable broken) {
        LoggerFactory.getLogger(FoundProviders.class).warn("a provider was left out: {}", broken.getMessage(), broken);
    }
}
