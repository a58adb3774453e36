// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.List;

/**
 * For each instance of a service why one call can go there, or can not, at one moment; worked out by what picks. An
 * immutable value; as text, one line for each instance.
 *
 * @param service the service
 * @param policy name of its balancing policy
 * @param panic whether so few instances are usable that all are used
 * @param known how many instances there are
 * @param usable how many could have taken the call
 * @param instances by id: all of them
 */
public record Explanation(
        String service, String policy, boolean panic, int known, int usable, List<InstanceExplanation> instances) {

    /** Copies the list. */
    public Explanation {
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
        instances.forEach(instance -> text.append("\n  ").append(instance));
        return text.toString();
    }
}
