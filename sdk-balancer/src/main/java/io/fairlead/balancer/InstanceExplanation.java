// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.spi.PickFigure;
import java.util.Locale;

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
                        Locale.ROOT, "%.1f ms, %.0f %% success", view.latencyNanos() / 1e6, 100 * view.successRatio())
                + (figure.value().isPresent() ? ", " + figure : "");
    }

    /** Id and address. */
    public String who() {
        return view.instance().id() + " " + view.instance().authority();
    }
}
