// SPDX-License-Identifier: Apache-2.0
/** What happens in a run: which servers, which clients, how calls come, and the catalogue of it all. */
package io.fairlead.benchmarks.simulation.scenario;
