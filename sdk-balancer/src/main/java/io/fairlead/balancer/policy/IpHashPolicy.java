// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code ip_hash}: the calls made for one client's address ({@link StickyKey#clientIp}) go to the same instance, by {@code
 * maglev} with its bound on load.
 *
 * <p>Clients behind one gateway share an address, and a client may change its own: a cookie or a user's id, {@code new
 * MaglevPolicy().keyedBy(…)}, tells them better apart.
 */
public final class IpHashPolicy implements BalancingPolicy {
    private final MaglevPolicy maglev = new MaglevPolicy().keyedBy(StickyKey.clientIp());

    /** For {@link java.util.ServiceLoader}. */
    public IpHashPolicy() {}

    @Override
    public String name() {
        return "ip_hash";
    }

    @Override
    public boolean isKeyed() {
        return true;
    }

    @Override
    public boolean needsServiceInFlight() {
        return maglev.needsServiceInFlight();
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return maglev.newPicker(candidates, previous, environment);
    }

    /** It has no options. */
    @Override
    public boolean equals(Object other) {
        return other instanceof IpHashPolicy;
    }

    @Override
    public int hashCode() {
        return IpHashPolicy.class.hashCode();
    }
}
