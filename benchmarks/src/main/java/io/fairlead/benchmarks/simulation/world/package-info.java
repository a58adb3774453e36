// SPDX-License-Identifier: Apache-2.0
/** The simulated world: its time and randomness, its servers and what they suffer, its registry. Knows no run and no report. */
package io.fairlead.benchmarks.simulation.world;
