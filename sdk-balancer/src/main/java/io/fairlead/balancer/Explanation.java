// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.spi.PickFigure;
import java.util.List;
import java.util.Locale;

/**
 * For each instance of a service why one call can go there, or can not, at one moment; worked out by what picks. An
 * immutable value; as text, one line for each instance.
 *
 * @param service the service
 * @param policy name of its balancing policy
 * @param panic whether so few instances are usable that all are used
 * @param known how many instances there are
 * @param usable how many could have taken the call
 * @param routes what each rule says of the call, in order, up to the one that decides, then which subsets have nobody who is
 *     usable; empty when the service has no routes
 * @param instances by id: all of them
 */
public record Explanation(
        String service,
        String policy,
        boolean panic,
        int known,
        int usable,
        List<String> routes,
        List<InstanceExplanation> instances) {

    /** Copies the lists. */
    public Explanation {
        routes = List.copyOf(routes);
        instances = List.copyOf(instances);
    }

    /** The instances that could have taken the call. */
    public List<InstanceExplanation> eligible() {
        return instances.stream().filter(InstanceExplanation::eligible).toList();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("'" + service + "' by " + policy + (panic ? ", in panic" : "") + ": "
                + known + " known, " + usable + " usable for this call.");
        routes.forEach(rule -> text.append("\n  ").append(rule));
        instances.forEach(instance -> text.append("\n  ").append(instance));
        return text.toString();
    }

    /**
     * Why one instance can take a call, or can not. An immutable value.
     *
     * @param view what is known of it
     * @param eligible whether this call could have gone to it
     * @param reason why, or why not
     * @param tier its tier of the zone preference, as in {@code zone eu-1a}
     * @param tierRatio share of all calls that come to its tier first, 0 to 1
     * @param weight its effective weight and what that is made of
     * @param figure what its policy goes by when it looks at it, or why there is no such figure
     */
    public record InstanceExplanation(
            InstanceView view,
            boolean eligible,
            String reason,
            String tier,
            double tierRatio,
            WeightFactors weight,
            PickFigure figure) {

        /** One line: who, why, and the figures a policy looks at. */
        @Override
        public String toString() {
            return who() + "  " + reason + "; weight " + weight + ", " + view.inFlight() + " in flight, "
                    + String.format(
                            Locale.ROOT,
                            "%.1f ms, %.0f %% success",
                            view.latencyNanos() / 1e6,
                            100 * view.successRatio())
                    + (figure.value().isPresent() ? ", " + figure : "");
        }

        /** Id and address. */
        public String who() {
            return view.instance().id() + " " + view.instance().authority();
        }
    }

    /**
     * What an instance's effective weight is made of. An immutable value.
     *
     * @param effective registry × the smaller of slow start and health × portion
     * @param registry the weight the registry has
     * @param slowStart what slow start leaves of it, above 0 to 1
     * @param health what its condition and its dynamic level leave of it, above 0 to 1
     * @param level its dynamic level, 0 when normal
     * @param portion the part of it that belongs to this process's portion, above 0 to 1
     */
    public record WeightFactors(
            double effective, int registry, double slowStart, double health, int level, double portion) {

        /** As in {@code 0.6 (registry 1, health 0.6 at level 1)}; the registry's alone when nothing reduces it. */
        @Override
        public String toString() {
            StringBuilder parts = new StringBuilder();
            append(parts, "slow start", slowStart, "");
            append(parts, "health", health, level == 0 ? "" : " at level " + level);
            append(parts, "portion", portion, "");
            return number(effective) + (parts.isEmpty() ? "" : " (registry " + registry + parts + ")");
        }

        private static void append(StringBuilder parts, String name, double factor, String note) {
            if (factor < 1) {
                parts.append(", ")
                        .append(name)
                        .append(' ')
                        .append(number(factor))
                        .append(note);
            }
        }

        private static String number(double value) {
            return value == Math.rint(value) ? String.valueOf((long) value) : String.format(Locale.ROOT, "%.2f", value);
        }
    }
}
