// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/** Which figure of a window's latencies dynamic weights compare with their bands. */
public enum LatencySignal {
    /** The mean, the default: what most services' dashboards show, and one long call in twenty moves it. */
    MEAN,
    /** The median: what the usual call takes, however long the longest do. */
    MEDIAN,
    /** What nine calls of ten stay below. */
    P90
}
