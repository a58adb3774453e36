// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.EventListener;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.CidrBlock;
import io.fairlead.spi.RejectedEntries;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which instances may be called by their address, as far as it is spelt out; names are judged when they are resolved. Guarded by the service's update lock.
 */
final class AddressFilter {
    private static final Logger LOG = LoggerFactory.getLogger(AddressFilter.class);

    private final AddressPolicy policy;
    private final RejectedEntries rejected;
    private @Nullable String lastRejection;

    AddressFilter(String service, AddressPolicy policy, EventListener listener) {
        this.policy = policy;
        this.rejected = new RejectedEntries(
                service,
                listener,
                (entry, reason) -> LOG.warn("rejected instance {} of '{}': {}", entry, service, reason));
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
        rejected.tell(instance.id(), instance.authority() + ": " + objection);
        return false;
    }
}
