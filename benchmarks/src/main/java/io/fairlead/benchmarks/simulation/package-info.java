// SPDX-License-Identifier: Apache-2.0
/**
 * A deterministic discrete-event simulator of the production balancer: simulated servers, arrivals and time, real
 * {@code Fairlead.acquire} and {@code Attempt.complete}. One seed, one result. Here are the rows and the report made of runs;
 * below lie {@code run}, {@code scenario} and {@code world}, of which each knows only those after it.
 */
package io.fairlead.benchmarks.simulation;
