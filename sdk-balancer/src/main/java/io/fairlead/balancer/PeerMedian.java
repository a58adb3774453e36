// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.List;

/** The median of the known latencies of a service's instances: what a newcomer is taken for. Any thread reads. */
final class PeerMedian {
    private volatile float micros;

    /** In microseconds; 0 while nothing is known. */
    float micros() {
        return micros;
    }

    void refresh(List<InstanceState> states) {
        double[] known = states.stream()
                .mapToDouble(InstanceState::ownMicros)
                .filter(value -> value > 0)
                .sorted()
                .toArray();
        micros = known.length == 0 ? 0 : (float) known[(known.length - 1) / 2];
    }
}
