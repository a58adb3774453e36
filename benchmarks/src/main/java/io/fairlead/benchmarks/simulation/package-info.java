// SPDX-License-Identifier: Apache-2.0
/**
 * A deterministic discrete-event simulator of the production balancer: simulated servers, arrivals and time, real
 * {@code Fairlead.acquire} and {@code Attempt.complete}. One seed, one result.
 */
package io.fairlead.benchmarks.simulation;
