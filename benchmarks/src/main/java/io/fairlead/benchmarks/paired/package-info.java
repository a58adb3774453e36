// SPDX-License-Identifier: Apache-2.0
/**
 * Calls over loopback compared in pairs: variants take turns in short blocks inside one process, because two processes
 * differ by more than any balancer costs. Nothing but the JDK, so that peers can be measured with it too.
 */
package io.fairlead.benchmarks.paired;
