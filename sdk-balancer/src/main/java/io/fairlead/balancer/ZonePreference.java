// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.ServiceInstance;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which zones calls prefer, as tiers: the process's own zone, then others, then the rest. A tier takes all calls that
 * come to it while at least 1 / 1.4 (71.4 %) of its instances are usable; below that the share it cannot take spills to
 * the next in proportion (Envoy's priority levels). Off by default: all zones are equal. An immutable value.
 *
 * <p>A zone is named as instances name theirs ({@link ServiceInstance#zone}); a name that ends with {@code *} stands for
 * all that begin like it, as in {@code us-*} for a datacentre. Instances of no named zone, or without one, are the last
 * tier. Not for a zone with far more clients than instances, which the preference would overload.
 */
public final class ZonePreference {
    /** Of every hundred calls, what a hundred usable of a hundred instances may take. */
    private static final int OVERPROVISIONING_PERCENT = 140;

    private static final ZonePreference NONE = new ZonePreference(List.of(), OVERPROVISIONING_PERCENT);

    private final List<List<String>> tiers;
    private final int overprovisioningPercent;

    private ZonePreference(List<List<String>> tiers, int overprovisioningPercent) {
        this.tiers = tiers;
        this.overprovisioningPercent = overprovisioningPercent;
    }

    /** All zones are equal. */
    public static ZonePreference none() {
        return NONE;
    }

    /** Calls stay in the zone of this process while it can take them. */
    public static ZonePreference own(String zone) {
        return NONE.then(zone);
    }

    /** This preference with one more tier before the rest: any of these zones. */
    public ZonePreference then(String... zones) {
        if (zones.length == 0) {
            throw new IllegalArgumentException("zones: none (expected: at least one)");
        }
        for (String zone : zones) {
            if (zone.isBlank() || zone.indexOf('*') >= 0 && zone.indexOf('*') < zone.length() - 1) {
                throw new IllegalArgumentException(
                        "zone: '" + zone + "' (expected: a zone's name, or the start of some and one '*')");
            }
            if (tiers.stream().anyMatch(tier -> tier.contains(zone))) {
                throw new IllegalArgumentException("zone: '" + zone + "' twice (expected: in one tier only)");
            }
        }
        List<List<String>> more = new ArrayList<>(tiers);
        more.add(List.of(zones));
        return new ZonePreference(List.copyOf(more), overprovisioningPercent);
    }

    /**
     * This preference with another over-provisioning factor.
     *
     * @param factor 1 to 10; default 1.4. With 1 every unusable instance of a zone sends its share elsewhere.
     */
    public ZonePreference withOverprovisioning(double factor) {
        if (!(factor >= 1 && factor <= 10)) {
            throw new IllegalArgumentException("overprovisioning: " + factor + " (expected: 1..10)");
        }
        return new ZonePreference(tiers, (int) Math.round(factor * 100));
    }

    /** How many tiers there are, the rest included. */
    public int tiers() {
        return tiers.size() + 1;
    }

    public int tierOf(ServiceInstance instance) {
        for (int tier = 0; tier < tiers.size(); tier++) {
            if (matches(tiers.get(tier), instance.zone())) {
                return tier;
            }
        }
        return tiers.size();
    }

    /** A tier as people name it. */
    public String name(int tier) {
        if (tiers.isEmpty()) {
            return "all zones";
        }
        return tier < tiers.size() ? "zone " + String.join(" or ", tiers.get(tier)) : "other zones";
    }

    public int overprovisioningPercent() {
        return overprovisioningPercent;
    }

    private static boolean matches(List<String> names, @Nullable String zone) {
        if (zone == null) {
            return false;
        }
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            int start = name.length() - 1;
            if (name.charAt(start) == '*' ? zone.startsWith(name.substring(0, start)) : zone.equals(name)) {
                return true;
            }
        }
        return false;
    }
}
