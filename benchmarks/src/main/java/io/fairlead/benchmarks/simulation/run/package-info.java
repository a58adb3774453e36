// SPDX-License-Identifier: Apache-2.0
/** One run of a scenario: clients that are the real balancer or somebody else's, policies that take part, and what is measured. */
package io.fairlead.benchmarks.simulation.run;
