// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.ServiceInstance;
import java.util.List;
import java.util.Locale;

/**
 * Where a number of calls would go as things stand: the service's own policy over its present candidates, none of which
 * notices. An immutable value; as text, one line for each instance.
 *
 * @param service the service
 * @param picks how many calls
 * @param shares by id: of every instance, also of those that got none
 */
public record DryRun(String service, int picks, List<Share> shares) {

    /**
     * What one instance would get.
     *
     * @param instance the instance
     * @param picks calls that went to it
     * @param ratio the same as a share of all, 0 to 1
     */
    public record Share(ServiceInstance instance, int picks, double ratio) {}

    /** Copies the list. */
    public DryRun {
        shares = List.copyOf(shares);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(picks + " calls to '" + service + "':");
        shares.forEach(share -> text.append(String.format(
                Locale.ROOT,
                "%n  %s %s  %.1f %%",
                share.instance().id(),
                share.instance().authority(),
                100 * share.ratio())));
        int answered = shares.stream().mapToInt(Share::picks).sum();
        if (answered < picks) {
            text.append(String.format(Locale.ROOT, "%n  nobody  %.1f %%", 100.0 * (picks - answered) / picks));
        }
        return text.toString();
    }
}
