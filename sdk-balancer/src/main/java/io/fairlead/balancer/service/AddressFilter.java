// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.EventListener;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.spi.RejectedEntries;
import io.fairlead.spi.kit.CidrBlock;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says which instances may be called by their address, as far as it is spelt out; names are judged when they are resolved. Judged
 * within the service's updates; what was rejected is told after them.
 */
final class AddressFilter {
    private static final int MOST_UNTOLD = 1_000;

    private final AddressPolicy policy;
    private final RejectedEntries rejected;
    private volatile @Nullable String lastRejection;
    private List<Rejection> untold = new ArrayList<>();

    /** One that may not be called, and why. */
    record Rejection(String id, String reason) {}

    AddressFilter(String service, AddressPolicy policy, EventListener listener) {
        this.policy = policy;
        this.rejected = new RejectedEntries(service, listener);
    }

    /** A new list is about to be judged. */
    void begin() {
        lastRejection = null;
    }

    /** What was wrong with one of those the latest list lost, or null when it lost none. */
    @Nullable
    String lastRejection() {
        return lastRejection;
    }

    boolean isAllowed(ServiceInstance instance) {
        InetAddress address = CidrBlock.addressOf(instance.host());
        String objection = address == null ? null : policy.objection(address);
        if (objection == null) {
            return true;
        }
        lastRejection = instance.id() + " at " + instance.authority() + ": " + objection;
        if (untold.size() < MOST_UNTOLD) {
            untold.add(new Rejection(instance.id(), instance.authority() + ": " + objection));
        }
        return false;
    }

    /** What was rejected since this was last asked. */
    List<Rejection> take() {
        List<Rejection> taken = untold;
        untold = new ArrayList<>();
        return taken;
    }

    /** By one thread at a time. */
    void tell(List<Rejection> rejections) {
        rejections.forEach(rejection -> rejected.tell(rejection.id(), rejection.reason()));
    }
}
