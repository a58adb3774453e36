// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.ServiceInstance;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which zones calls prefer, as tiers: the process's own zone, then others, then the rest. A tier takes all calls that
 * come to it while at least 1 / 1.4 (71.4 %) of its instances are usable; below that the share it cannot take spills to
 * the next in proportion (Envoy's priority levels). Off by default: all zones are equal. An immutable value.
 *
 * <p>A zone is named as instances name theirs ({@link ServiceInstance#zone}); a name that ends with {@code *} stands for
 * all that begin like it, as in {@code us-*} for a datacentre. Instances of no named zone, or without one, are the last
 * tier. Not for a zone with far more clients than instances, which the preference would overload.
 *
 * @param tiers names of zones by tier, the most preferred first; the rest is no tier of its own here
 * @param overprovisioning 1 to 10; default 1.4. With 1 every unusable instance of a zone sends its share elsewhere.
 */
public record ZonePreference(List<List<String>> tiers, double overprovisioning) {
    private static final ZonePreference OFF = new ZonePreference(List.of(), 1.4);

    /** Copies the tiers; rejects an empty one, a name that is none, and one that is twice. */
    public ZonePreference {
        tiers = tiers.stream().map(List::copyOf).toList();
        Set<String> seen = new HashSet<>();
        for (List<String> tier : tiers) {
            Option.require(!tier.isEmpty(), "zones", "none", "at least one");
            for (String zone : tier) {
                boolean isName = !zone.isBlank() && (zone.indexOf('*') < 0 || zone.indexOf('*') == zone.length() - 1);
                Option.require(isName, "zone", "'" + zone + "'", "a zone's name, or the start of some and one '*'");
                Option.require(seen.add(zone), "zone", "'" + zone + "' twice", "in one tier only");
            }
        }
        Option.require(
                overprovisioning >= 1 && overprovisioning <= 10, "zones.overprovisioning", overprovisioning, "1..10");
    }

    /** All zones are equal. */
    public static ZonePreference off() {
        return OFF;
    }

    /** Calls stay in the zone of this process while it can take them. */
    public static ZonePreference own(String zone) {
        return OFF.then(zone);
    }

    /** This preference with one more tier before the rest: any of these zones. */
    public ZonePreference then(String... zones) {
        List<List<String>> more = new ArrayList<>(tiers);
        more.add(List.of(zones));
        return new ZonePreference(more, overprovisioning);
    }

    /** This preference with another over-provisioning factor. */
    public ZonePreference withOverprovisioning(double value) {
        return new ZonePreference(tiers, value);
    }

    /** Whether all zones are equal. */
    public boolean isOff() {
        return tiers.isEmpty();
    }

    /** Of every hundred calls, what a hundred usable of a hundred instances may take. */
    public int overprovisioningPercent() {
        return (int) Math.round(overprovisioning * 100);
    }

    /** The tier of an instance, from 0; the rest has the number after the last. */
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

    /** As in {@code [[eu-1a], [eu-*]] by 1.4}. */
    @Override
    public String toString() {
        return isOff() ? "off" : tiers + " by " + overprovisioning;
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
